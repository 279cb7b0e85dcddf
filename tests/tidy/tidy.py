#!/usr/bin/env python3
"""Checks the rules of the tree that a compiler does not check. Prints file:line: what is wrong.

usage: tidy.py [--root DIR] [--build DIR]   (--build: where compile_commands.json is)
"""

import argparse
import json
import os
import re
import sys

import cpp_text
import rules

SUFFIXES = ('.cpp', '.hpp', '.h', '.inc')


class source:
    """One C++ file, read once for all rules."""

    def __init__(self, path, raw):
        self.path = path
        self.raw = raw
        text = raw.decode('utf-8', 'replace')
        code = cpp_text.strip(text)
        self.lines = text.split('\n')
        if self.lines[-1] == '':
            self.lines.pop()
        self.code_lines = code.split('\n')
        self.functions = cpp_text.functions(code)
        self.includes = [(n, m.group(1)) for n, line in enumerate(self.lines, 1)
                         if (m := re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line))]


def sources(root):
    for top in ('src', 'include', 'tests'):
        for folder, below, names in os.walk(os.path.join(root, top)):
            below[:] = sorted(d for d in below if d not in ('node_modules', 'corpus', '__pycache__'))
            for name in sorted(names):
                if name.endswith(SUFFIXES):
                    path = os.path.join(folder, name)
                    with open(path, 'rb') as f:
                        yield source(os.path.relpath(path, root), f.read())


def check_file(f):
    for rule in rules.FILE_RULES:
        for line, wrong in rule(f):
            yield f.path, line, wrong


def check_top_level(names):
    for name in sorted(names):
        if name not in rules.TOP_LEVEL and not name.startswith('.') and name != 'build':
            yield name, 1, 'not one of the names of the top level'


def check_architecture(text):
    """The table of levels in docs/architecture.md says what LEVELS says."""
    rows = re.findall(r'^\|\s*(\d+)\s*\|\s*`(\w+)`', text, re.MULTILINE)
    table = {module: int(level) for level, module in rows}
    if table and table != rules.LEVELS:
        for module in sorted(set(table.items()) ^ set(rules.LEVELS.items())):
            yield 'docs/architecture.md', 1, f'the table of levels and rules.py differ in {module}'


def check_links(text):
    """The modules that CMake links point to lower levels too."""
    for match in re.finditer(r'openclaw_module\((\w+)((?:[^()]|\n)*)\)', text):
        line = text[:match.start()].count('\n') + 1
        own = match.group(1)
        if own not in rules.LEVELS:
            yield 'src/CMakeLists.txt', line, f'{own} has no level'
            continue
        depends = re.search(r'\bDEPENDS\s+([\w\s]+?)(?:\s+LINK\b|$)', match.group(2))
        for module in depends.group(1).split() if depends else []:
            if rules.LEVELS.get(module, 99) >= rules.LEVELS[own] or (own, module) in rules.STRANGERS:
                yield 'src/CMakeLists.txt', line, f'{own} must not link {module}'


def check_orphans(paths, compiled, bench_lists):
    """Every .cpp is compiled: by this build, or by the build with OPENCLAW_BENCH."""
    for path in paths:
        if not path.endswith('.cpp') or path in compiled:
            continue
        if path.startswith('tests/bench/') and os.path.basename(path) in bench_lists:
            continue
        yield path, 1, 'no target compiles it'


def check_unused_headers(files):
    """Every header is included by somebody."""
    used = {target for f in files for _, target in f.includes}
    for f in files:
        if not f.path.endswith(('.hpp', '.h', '.inc')):
            continue
        base = os.path.dirname(f.path)
        names = {re.sub(r'^(?:include|src|tests)/', '', f.path), os.path.basename(f.path)}
        near = any(os.path.normpath(os.path.join(os.path.dirname(g.path), t)) == f.path
                   for g in files if os.path.dirname(g.path) == base for _, t in g.includes)
        if not near and not names & used:
            yield f.path, 1, 'nobody includes it'


def test_names(texts):
    """Every test of the tree as `suite.name`: of GoogleTest, and of Python's unittest."""
    names = set()
    for path, text in texts:
        if path.endswith('.py'):
            suite = None
            for match in re.finditer(r'^class (\w+)|^    def (test_\w+)', text, re.MULTILINE):
                suite = match.group(1) or suite
                if match.group(2):
                    names.add(f'{suite}.{match.group(2)}')
        else:
            found = re.findall(r'^TEST(?:_[FP])?\((\w+),\s*(\w+)\)', text, re.MULTILINE)
            names.update(f'{suite}.{name}' for suite, name in found)
    return names


def check_incidents(text, names):
    """Each row of the incidents in docs/security.md names tests, and they exist."""
    begin = text.find('\n## Incidents\n')
    for n, line in enumerate(text.split('\n'), 1):
        cells = [c.strip() for c in line.strip().strip('|').split('|')]
        if n <= text[:begin].count('\n') + 1 or len(cells) != 4 or cells[0] in ('incident', '---'):
            continue
        tests = re.findall(r'`([^`]+)`', cells[3])
        if not tests:
            yield 'docs/security.md', n, f'{cells[0]} names no test'
        for name in tests:
            if name not in names:
                yield 'docs/security.md', n, f'there is no test {name}'


def compiled_files(root, build):
    path = os.path.join(build, 'compile_commands.json')
    with open(path, encoding='utf-8') as f:
        commands = json.load(f)
    return {os.path.relpath(os.path.join(c['directory'], c['file']), root) for c in commands}


def read(path):
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8') as f:
        return f.read()


def tests_of(root):
    for folder, _, files in os.walk(os.path.join(root, 'tests')):
        for name in files:
            if name.endswith(('.cpp', '.py')):
                yield name, read(os.path.join(folder, name))


def check_tree(root, build):
    files = list(sources(root))
    for f in files:
        yield from check_file(f)
    yield from check_top_level(os.listdir(root))
    yield from check_architecture(read(os.path.join(root, 'docs/architecture.md')))
    yield from check_links(read(os.path.join(root, 'src/CMakeLists.txt')))
    yield from check_unused_headers(files)
    yield from check_incidents(read(os.path.join(root, 'docs/security.md')), test_names(tests_of(root)))
    if build:
        yield from check_orphans([f.path for f in files], compiled_files(root, build),
                                 read(os.path.join(root, 'tests/bench/CMakeLists.txt')))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--root', default=os.path.dirname(os.path.dirname(here)))
    parser.add_argument('--build')
    options = parser.parse_args()
    count = 0
    for path, line, wrong in check_tree(options.root, options.build):
        print(f'{path}:{line}: {wrong}')
        count += 1
    print(f'tidy: {count} findings')
    return 1 if count else 0


if __name__ == '__main__':
    sys.exit(main())
