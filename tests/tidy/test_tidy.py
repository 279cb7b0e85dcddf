#!/usr/bin/env python3
"""Small bad samples that the rules must catch, and good ones that they must leave alone."""

import unittest

import cpp_text
import rules
import tidy

HEADER = '#pragma once\n'


def findings(path, text):
    raw = text if isinstance(text, bytes) else text.encode()
    return [wrong for _, _, wrong in tidy.check_file(tidy.source(path, raw))]


def function_of(lines, head='void f() {'):
    return head + '\n' + '    g();\n' * (lines - 2) + '}\n'


# (what, path, text, a part of the finding)
BAD = [
    ('long file', 'src/net/x.cpp', 'int x;\n' * 501, 'at most 500'),
    ('long line', 'src/net/x.cpp', '// ' + 'x' * 108 + '\n', 'at most 110'),
    ('long function', 'src/net/x.cpp', function_of(71), 'at most 70'),
    ('long member', 'src/net/x.cpp', 'namespace a {\nclass b {\n' + function_of(71) + '};\n}\n', 'at most 70'),
    ('long constructor', 'src/net/x.cpp', function_of(71, 'a::a(int x) : b_{x}, c_(x) {'), 'at most 70'),
    ('long coroutine', 'src/net/x.cpp', function_of(71, 'task<result<int>> f(a b) const noexcept {'),
     'at most 70'),
    ('long lambda', 'src/net/x.cpp', function_of(71, 'const auto f = [](int x) -> task<> {'), 'at most 70'),
    ('long test', 'tests/net/x.cpp', function_of(71, 'TEST(a, b) {'), 'at most 70'),
    ('long template', 'src/net/x.cpp', 'template <class T>\n' + function_of(70), 'at most 70'),
    ('upward include', 'src/net/x.cpp', '#include "openclaw/app/app.hpp"\n', 'net (level 2) must not know app'),
    ('sideways include', 'src/net/x.cpp', '#include "openclaw/store/store.hpp"\n', 'must not know store'),
    ('upward in a face', 'include/openclaw/core/x.hpp', HEADER + '#include "openclaw/model/tool.hpp"\n',
     'core (level 0) must not know model'),
    ('upward in a test', 'tests/net/x.cpp', '#include "openclaw/app/app.hpp"\n', 'must not know app'),
    ('agents and store', 'src/agents/x.cpp', '#include "openclaw/store/store.hpp"\n', 'must not know store'),
    ('private header', 'src/app/x.cpp', '#include "net/x.hpp"\n', 'private header of net'),
    ('loader', 'src/auth/x.cpp', '#include "openclaw/config/loader.hpp"\n', 'only app and cli'),
    ('aggregate in co_await', 'src/net/x.cpp', 'co_await run(call{a, b});\n', 'name it first'),
    ('braces in co_await', 'src/net/x.cpp', 'auto x = co_await w.run({*l,\n  b});\n', 'name it first'),
    ('detached', 'src/net/x.cpp', 'co_spawn(io, f(), asio::detached);\n', 'detached'),
    ('regex', 'src/net/x.cpp', 'std::regex r;\n', 'std::regex'),
    ('regex header', 'src/net/x.cpp', '#include <regex>\n', 'std::regex'),
    ('system', 'src/net/x.cpp', 'std::system(c);\n', 'a shell'),
    ('bare system', 'src/net/x.cpp', 'int n = system (c);\n', 'a shell'),
    ('popen', 'src/net/x.cpp', '::popen(c, m);\n', 'a shell'),
    ('asio socket', 'src/tools/x.cpp', 'asio::ip::tcp::socket s(io);\n', 'a socket'),
    ('asio acceptor', 'src/app/x.cpp', 'tcp::acceptor a(io);\n', 'a socket'),
    ('local socket', 'src/app/x.cpp', 'asio::local::stream_protocol::socket s(io);\n', 'a socket'),
    ('call of socket', 'src/tools/x.cpp', 'int s = ::socket(AF_INET, t, 0);\n', 'a socket'),
    ('bare socket', 'src/tools/x.cpp', 'int s = socket(AF_INET, t, 0);\n', 'a socket'),
    ('call of connect', 'src/tools/x.cpp', 'if (::connect(s, a, n) < 0) {\n', 'a socket'),
    ('unfinished', 'src/net/x.cpp', '// TO' + 'DO later\n', 'unfinished'),
    ('broken', 'tests/net/x.cpp', '// FIX' + 'ME\n', 'unfinished'),
    ('using namespace', 'src/net/x.hpp', HEADER + 'namespace a {\nusing namespace std;\n}\n',
     'using namespace'),
    ('no pragma once', 'src/net/x.hpp', 'int x;\n', 'pragma once'),
    ('commented pragma', 'src/net/x.hpp', '// #pragma once\n', 'pragma once'),
    ('beast', 'src/net/x.cpp', '#include <boost/beast/http.hpp>\n', 'Beast'),
    ('beast in a face', 'include/openclaw/net/x.hpp', HEADER + '#include <boost/beast.hpp>\n', 'Beast'),
    ('reveal', 'src/monitoring/x.cpp', 'log(token.reveal());\n', 'reveal()'),
    ('reveal by pointer', 'src/monitoring/x.cpp', 'log(token->reveal());\n', 'reveal()'),
    ('not UTF-8', 'src/net/x.cpp', b'// caf\xe9\n', 'UTF-8'),
    ('CRLF', 'src/net/x.cpp', b'int x;\r\n', 'CRLF'),
    ('trailing space', 'src/net/x.cpp', 'int x; \n', 'space at the end'),
    ('trailing tab', 'src/net/x.cpp', 'int x;\t\n', 'space at the end'),
    ('no last newline', 'src/net/x.cpp', 'int x;', 'no newline'),
    ('long main', 'src/main.cpp', 'int x;\n' * 40, 'main.cpp'),
]

GOOD = [
    ('full file', 'src/net/x.cpp', 'int x;\n' * 500),
    ('full line', 'src/net/x.cpp', '// ' + 'x' * 107 + '\n'),
    ('wide characters', 'src/net/x.cpp', '// ' + '\u00e9' * 107 + '\n'),
    ('full function', 'src/net/x.cpp', function_of(70)),
    ('two functions', 'src/net/x.cpp', function_of(60) + function_of(60)),
    ('long class', 'src/net/x.cpp', 'class a {\n' + 'void b() { c(); }\n' * 100 + '};\n'),
    ('long table', 'src/net/x.cpp', 'const a b{{\n' + '    {f(1), 2},\n' * 100 + '}};\n'),
    ('long enum', 'src/net/x.cpp', 'enum class a {\n' + 'b,\n' * 100 + '};\n'),
    ('braces in strings', 'src/net/x.cpp', 'const char* a = "{(";\nchar b = \'{\';\nauto c = R"({)";\n' * 80),
    ('digit separators', 'src/net/x.cpp', 'int a = 1\'000;\nint b = 2\'000;\n' * 80),
    ('downward include', 'src/app/x.cpp', '#include "openclaw/net/url.hpp"\n#include "app/y.hpp"\n'),
    ('if around co_await', 'src/net/x.cpp', 'if (!co_await f(a)) { g(b); }\n'),
    ('while around co_await', 'src/net/x.cpp', 'while (co_await f(a)) {\n  g(b);\n}\n'),
    ('words in comments', 'src/net/x.cpp', '// detached, system(x), std::regex, using namespace\n'),
    ('words in strings', 'src/tools/x.cpp', 'f("detached system(x) ::socket(AF_INET)");\n'),
    ('system by name', 'src/net/x.cpp', 'boost::system::error_code e; a.system(b); file_system(c);\n'),
    ('detached in core', 'src/core/x.cpp', 'co_spawn(io, f(), asio::detached);\n'),
    ('socket in net', 'src/net/x.cpp', 'tcp::socket s(io);\n'),
    ('socket in a test', 'tests/ingress/x.cpp', 'tcp::socket s(io);\n'),
    ('a method connect', 'src/app/x.cpp', 'a.connect(b); a->connect(b); c::connect(b);\n'),
    ('using in a function', 'src/net/x.hpp', HEADER + 'inline void f() {\n    using namespace a;\n}\n'),
    ('using in a .cpp', 'src/net/x.cpp', 'using namespace std::literals;\n'),
    ('beast in its file', 'src/net/client_transport.cpp', '#include <boost/beast.hpp>\n'),
    ('temporary name', 'src/net/x.cpp', 'f("openclaw-XXXXXX");\n'),
    ('reveal in a test', 'tests/core/x.cpp', 'EXPECT_EQ(s.reveal(), "x");\n'),
]


class tidy_rules(unittest.TestCase):
    def test_bad_samples_are_caught(self):
        for what, path, text, part in BAD:
            with self.subTest(what):
                self.assertTrue(any(part in f for f in findings(path, text)), findings(path, text))

    def test_good_samples_are_left_alone(self):
        for what, path, text in GOOD:
            with self.subTest(what):
                self.assertEqual(findings(path, text), [])

    def test_functions_are_found_where_they_are(self):
        code = cpp_text.strip('#define A {\nint a;\nnamespace b {\n\nint f(int x) {\n    if (x) { g(); }\n}\n}\n')
        self.assertEqual(cpp_text.functions(code), [(5, 7)])

    def test_stripping_keeps_the_lines(self):
        text = 'a /* b\nc */ d // e\n"f\\"g" R"x(\n)x" \'"\' h\n'
        self.assertEqual(cpp_text.strip(text).count('\n'), text.count('\n'))
        self.assertNotRegex(cpp_text.strip(text), '[bcefg]')

    def test_top_level(self):
        self.assertEqual(list(tidy.check_top_level(['src', '.ci', 'build', 'README.md'])), [])
        self.assertEqual(len(list(tidy.check_top_level(['scripts']))), 1)

    def test_architecture(self):
        rows = ''.join(f'| {level} | `{m}` | x |\n' for m, level in rules.LEVELS.items())
        self.assertEqual(list(tidy.check_architecture(rows)), [])
        self.assertEqual(list(tidy.check_architecture('no table')), [])
        self.assertTrue(list(tidy.check_architecture(rows.replace('| 2 | `net`', '| 3 | `net`'))))
        self.assertTrue(list(tidy.check_architecture(rows.replace('| 0 | `core` | x |\n', ''))))

    def test_links(self):
        self.assertEqual(list(tidy.check_links('openclaw_module(net DEPENDS core model\n  LINK a::b)')), [])
        self.assertEqual(len(list(tidy.check_links('openclaw_module(net DEPENDS core store)'))), 1)
        self.assertEqual(len(list(tidy.check_links('openclaw_module(agents DEPENDS store)'))), 1)
        self.assertEqual(len(list(tidy.check_links('openclaw_module(surprise)'))), 1)

    def test_orphans(self):
        paths = ['src/net/a.cpp', 'src/net/b.cpp', 'src/net/b.hpp', 'tests/bench/c.cpp']
        found = list(tidy.check_orphans(paths, {'src/net/a.cpp'}, 'add_executable(c c.cpp)'))
        self.assertEqual([path for path, _, _ in found], ['src/net/b.cpp'])

    def test_unused_headers(self):
        files = [tidy.source('include/openclaw/net/a.hpp', HEADER.encode()),
                 tidy.source('include/openclaw/net/b.hpp', HEADER.encode()),
                 tidy.source('src/net/a.cpp', b'#include "openclaw/net/a.hpp"\n')]
        self.assertEqual([path for path, _, _ in tidy.check_unused_headers(files)],
                         ['include/openclaw/net/b.hpp'])

    def test_incidents(self):
        names = tidy.test_names([('a.cpp', 'TEST_F(guard,\n       holds) {\nTEST(x, y) {\n// TEST(no, test)\n'),
                                 ('b.py', 'class c(unittest.TestCase):\n    def test_d(self):\n')])
        self.assertEqual(names, {'guard.holds', 'x.y', 'c.test_d'})
        table = '| row | `no.matter` |\n\n## Incidents\n\n| incident | what | here | tests |\n| --- | --- | --- | --- |\n'
        good = '| A | b | c | `guard.holds` `c.test_d` |\n'
        self.assertEqual(list(tidy.check_incidents(table + good, names)), [])
        self.assertEqual(len(list(tidy.check_incidents(table + '| A | b | c | - |\n', names))), 1)
        self.assertEqual(len(list(tidy.check_incidents(table + '| A | `x.y` | c | `x.z` |\n', names))), 1)


if __name__ == '__main__':
    unittest.main()
