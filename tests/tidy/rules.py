"""The rules of the tree that a compiler does not check. Each yields (line, what is wrong)."""

import re

# docs/architecture.md, "Modules and levels": includes point to lower levels only.
LEVELS = {
    'core': 0,
    'model': 1, 'config': 1, 'metrics': 1,
    'net': 2, 'store': 2,
    'auth': 3, 'guard': 3, 'monitoring': 3,
    'tools': 4,
    'agents': 5,
    'routing': 6,
    'channels': 7, 'ingress': 7,
    'app': 8,
    'cli': 9,
}
# Allowed by the levels, and still not wanted: routing loads and commits around a turn.
STRANGERS = {('agents', 'store')}
LOADER_USERS = {'config', 'app', 'cli'}

TOP_LEVEL = {'CMakeLists.txt', 'CMakePresets.json', 'README.md', 'LICENSE', 'cmake', 'config', 'docs',
             'include', 'packaging', 'src', 'tests'}

BEAST_FILES = {'src/ingress/server_transport.cpp', 'src/net/client_transport.cpp'}

# Who may look into a secret, and why.
REVEALING_FILES = {
    'include/openclaw/core/secret.hpp': 'declares it',
    'src/config/consistency.cpp': 'warns of a token that is too short',
    'src/config/reload.cpp': 'compares two of them in constant time',
    'src/auth/devices.cpp': 'makes the tokens of devices from the key',
    'src/ingress/webhook.cpp': 'computes the signature that a webhook must carry',
    'src/agents/dialect.cpp': 'puts the key into the header of a provider request',
    'src/agents/api_error.cpp': 'masks the keys in what a provider says',
    'src/cli/cmd_gateway_token.cpp': 'shows the token to who asks with --show, and its last characters',
    'src/cli/frames.cpp': 'signs in at the gateway over the WebSocket',
    'src/cli/gateway_client.cpp': 'signs in at the gateway over HTTP',
}

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 110
MAX_MAIN_LINES = 40


def module_of(path):
    """The module that a file of src, include or tests belongs to, or nothing."""
    match = re.match(r'(?:src|include/openclaw|tests)/(\w+)/', path)
    return match.group(1) if match and match.group(1) in LEVELS else None


def bytes_rule(f):
    try:
        f.raw.decode('utf-8')
    except UnicodeDecodeError as e:
        yield f.raw[:e.start].count(b'\n') + 1, 'not UTF-8'
    for n, line in enumerate(f.raw.split(b'\n'), 1):
        if line.endswith(b'\r'):
            yield n, 'CRLF line ending'
        elif line.endswith((b' ', b'\t')):
            yield n, 'space at the end of the line'
    if f.raw and not f.raw.endswith(b'\n'):
        yield f.raw.count(b'\n') + 1, 'no newline at the end of the file'


def size_rule(f):
    if len(f.lines) > MAX_FILE_LINES:
        yield len(f.lines), f'{len(f.lines)} lines; at most {MAX_FILE_LINES}'
    if f.path == 'src/main.cpp' and len(f.lines) >= MAX_MAIN_LINES:
        yield len(f.lines), f'main.cpp stays under {MAX_MAIN_LINES} lines'
    for n, line in enumerate(f.lines, 1):
        if len(line) > MAX_COLUMNS:
            yield n, f'{len(line)} columns; at most {MAX_COLUMNS}'
    for first, last in f.functions:
        if last - first + 1 > MAX_FUNCTION_LINES:
            yield first, f'a function of {last - first + 1} lines; at most {MAX_FUNCTION_LINES}'


def include_rule(f):
    own = module_of(f.path)
    for n, target in f.includes:
        match = re.match(r'openclaw/(\w+)/', target)
        private = None if match else re.match(r'(\w+)/', target)
        module = (match or private).group(1) if match or private else None
        if module not in LEVELS:
            continue
        if private and own is not None and module != own:
            yield n, f'private header of {module}'
        if target == 'openclaw/config/loader.hpp' and own is not None and own not in LOADER_USERS:
            yield n, 'only app and cli call the loader'
        if own is None or own == module:
            continue
        if LEVELS[module] >= LEVELS[own] or (own, module) in STRANGERS:
            yield n, f'{own} (level {LEVELS[own]}) must not know {module} (level {LEVELS[module]})'


def header_rule(f):
    if not f.path.endswith(('.hpp', '.h')):
        return
    if '#pragma once' not in f.lines:
        yield 1, 'no #pragma once'
    for n, line in enumerate(f.code_lines, 1):
        inside = any(first <= n <= last for first, last in f.functions)
        if re.match(r'\s*using\s+namespace\b', line) and not inside:
            yield n, 'using namespace in a header'


def beast_rule(f):
    if f.path.startswith('tests/') or f.path in BEAST_FILES:
        return
    for n, target in f.includes:
        if target.startswith('boost/beast'):
            yield n, 'Beast is for ' + ' and '.join(sorted(BEAST_FILES))


# (pattern in code, where it does not apply, what is wrong)
WORDS = [
    (r'\bdetached\b', lambda p: module_of(p) == 'core', 'detached; spawn into a task_group'),
    (r'\bstd::w?regex\b|\bstd::basic_regex\b|#\s*include\s*<regex>', lambda p: False,
     'std::regex; write a small parser or use RE2'),
    (r'(?<![\w.>])(?:std::|::)?(?:system|popen)\s*\(', lambda p: False, 'a shell; start programs by argv'),
    (r'\b(?:tcp|udp|stream_protocol|datagram_protocol)::(?:socket|acceptor)\b'
     r'|\bbasic_(?:stream_socket|datagram_socket|socket_acceptor)\b'
     r'|(?<![\w:.>])(?:::)?socket\s*\(\s*(?:AF|PF)_|(?<![\w:.>])::(?:socket|connect|listen|accept4?)\s*\(',
     lambda p: p.startswith('tests/') or module_of(p) in ('net', 'ingress'),
     'a socket outside net and ingress'),
]


def word_rule(f):
    for n, line in enumerate(f.code_lines, 1):
        for pattern, exempt, wrong in WORDS:
            if re.search(pattern, line) and not exempt(f.path):
                yield n, wrong
        revealing = re.search(r'(?:\.|->)\s*reveal\s*\(', line)
        if revealing and f.path not in REVEALING_FILES and not f.path.startswith('tests/'):
            yield n, 'reveal() outside of: ' + ', '.join(sorted(REVEALING_FILES))


def unfinished_rule(f):
    for n, line in enumerate(f.lines, 1):
        if re.search(r'\b(?:TODO|FIXME)\b', line):
            yield n, 'unfinished work; do it or write an issue'


def await_rule(f):
    """g++ 12 copies an aggregate, and destroys a conditional's temporary twice, inside co_await."""
    code = '\n'.join(f.code_lines)
    for found in re.finditer(r'co_await\s[^;{}]*\([^;{}]*?(?<=[\w>(,])\s*\{\s*[^\s}]', code):
        operand = found.group(0)
        if operand.count('(') > operand.count(')') and not re.search(r'\]\s*(\(|\{)', operand):
            yield code.count('\n', 0, found.start()) + 1, 'an aggregate inside co_await; name it first'


FILE_RULES = [await_rule, bytes_rule, size_rule, include_rule, header_rule, beast_rule, word_rule, unfinished_rule]
