"""A rough reading of C++: enough to see code without comments and strings, and where functions end."""

import re

_LITERAL = re.compile(
    r'//(?:\\\n|[^\n])*'                          # line comment
    r'|/\*.*?\*/'                                 # block comment
    r'|(?:u8|[uUL])?R"([^\s()\\]{0,16})\(.*?\)\1"'  # raw string
    r'|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"'          # string
    r"|(?<![0-9a-zA-Z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",  # character, not a digit separator
    re.DOTALL)


def _blank(match):
    text = match.group(0)
    if text.startswith('/'):
        return re.sub(r'[^\n]', ' ', text)
    return '""' + '\n' * text.count('\n')


def strip(text):
    """The code of `text` with comments blanked and literals emptied; line numbers stay."""
    return _LITERAL.sub(_blank, text)


_NOT_A_FUNCTION = re.compile(
    r'\b(?:namespace|class|struct|union|enum|concept)\b(?!.*\)\s*(?:const|noexcept|override|final|\s)*$)',
    re.DOTALL)
_FUNCTION_END = re.compile(
    r'(?:\)|\bconst|\bnoexcept|\boverride|\bfinal|\bmutable|\btry|->\s*[\w:<>,&*\s\[\]]+|\])\s*$')


def _is_function(head):
    if _NOT_A_FUNCTION.search(head):
        return False
    return '(' in head and bool(_FUNCTION_END.search(head))


def _is_brace_init(head):
    """Whether `head {` opens the value of a member in a constructor's initializer list."""
    return bool(re.search(r'\)\s*(?:noexcept\s*)?:[^:]', head)) and bool(re.search(r'[\w>]\s*$', head)) \
        and not re.search(r'\b(?:const|noexcept|override|final|try)\s*$', head)


def functions(code):
    """(first line, last line) of every outermost function of stripped `code`, lines from 1."""
    code = re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', lambda m: '\n' * m.group(0).count('\n'), code,
                  flags=re.MULTILINE)
    found = []
    stack = []          # one of 'scope', 'function', 'value' for each open brace
    head = ''
    head_line = line = start = 1
    for c in code:
        if c == '\n':
            line += 1
        if 'function' in stack:
            if c == '{':
                stack.append('block')
            elif c == '}':
                if stack.pop() == 'function':
                    found.append((start, line))
                    head = ''
            continue
        if c == '{':
            if _is_brace_init(head):
                stack.append('value')
            elif _is_function(head):
                start = head_line
                stack.append('function')
            else:
                stack.append('scope')
                head = ''
        elif c == '}':
            kind = stack.pop() if stack else 'scope'
            head = head + '}' if kind == 'value' else ''
        elif c == ';' and (not stack or stack[-1] != 'value'):
            head = ''
        elif head or not c.isspace():
            if not head:
                head_line = line
            head += c
    return found
