"""The servers that the benchmarks run: the gateway, and nginx as the yardstick."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

TOKEN = 'bench-token-0123456789abcdef0123456789'
HOOK_SECRET = 'bench-hook-secret-0123456789'
HOOKS = 64  # senders: each fills a session of its own


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
    try:
        connection.request('GET', path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class server:
    """A process on a port of 127.0.0.1, ended by its own id."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        self.port = free_port()
        self.process = None
        os.makedirs(self.folder, mode=0o700)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as f:
            f.write(text)
        os.chmod(self.path(name), 0o600)
        return self.path(name)

    def start(self):
        with open(self.path('output'), 'wb') as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output,
                                            stdin=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(('127.0.0.1', self.port), timeout=1):
                    return self
            except OSError:
                time.sleep(0.01)
        with open(self.path('output'), encoding='utf-8', errors='replace') as f:
            text = f.read()[-2000:]
        self.stop()
        raise RuntimeError(f'{self.command()[0]} did not come up:\n{text}')

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class nginx(server):
    """One worker, no access log, keep-alive without end; `content` is the inside of server {}."""

    def __init__(self, folder, name, content, upstream=None):
        super().__init__(folder, name)
        temp = '\n'.join(f'    {kind}_temp_path {self.path(kind)};'
                         for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        pool = f'upstream provider {{ server 127.0.0.1:{upstream}; keepalive 256; ' \
               f'keepalive_requests 1000000000; }}' if upstream else ''
        user = 'user root;' if os.geteuid() == 0 else ''
        self.config = self.write('nginx.conf', f"""
worker_processes 1;
{user}
daemon off;
pid {self.path('pid')};
error_log {self.path('error.log')} error;
worker_rlimit_nofile 30000;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    tcp_nodelay on;
{temp}
    {pool}
    server {{
        listen 127.0.0.1:{self.port} backlog=4096;
{content}
    }}
}}
""")

    def command(self):
        program = '/usr/sbin/nginx' if os.path.exists('/usr/sbin/nginx') else 'nginx'
        return [program, '-p', self.folder, '-c', self.config, '-e', self.path('error.log')]


def quoted(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"


def answer_stream():
    """One streamed answer of a Chat Completions provider."""
    def chunk(delta=None, finish=None, usage=None):
        body = {'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'created': 1700000000,
                'model': 'model',
                'choices': [] if usage else [{'index': 0, 'delta': delta or {}, 'finish_reason': finish}]}
        if usage:
            body['usage'] = usage
        return 'data: ' + json.dumps(body, separators=(',', ':')) + '\n\n'

    words = ['I', ' am', ' fine', ',', ' thank', ' you', ' very', ' much.']
    return (chunk({'role': 'assistant', 'content': ''}) + ''.join(chunk({'content': w}) for w in words) +
            chunk(finish='stop') +
            chunk(usage={'prompt_tokens': 12, 'completion_tokens': 8, 'total_tokens': 20}) +
            'data: [DONE]\n\n')


def yardstick_nginx(folder, body):
    return nginx(folder, 'yardstick', f"""
        location = /health {{ default_type application/json; return 200 {quoted(body)}; }}""")


def provider_nginx(folder):
    return nginx(folder, 'provider', f"""
        location = /v1/chat/completions {{
            default_type text/event-stream;
            return 200 {quoted(answer_stream())};
        }}""")


def proxy_nginx(folder, provider_port):
    return nginx(folder, 'proxy', """
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }""", upstream=provider_port)


class gateway(server):
    def __init__(self, folder, name, program, provider_port, hooks=0):
        super().__init__(folder, name)
        self.program = program
        self.state = self.path('boot-state')
        os.makedirs(self.state, mode=0o700)
        self.config = self.write('openclaw.json', json.dumps({
            'gateway': {
                'network': {
                    'host': '127.0.0.1', 'port': self.port,
                    'rateLimit': {'enabled': False},
                    'connections': {'maxWebSocketConnections': 20000, 'maxHttpConnections': 20000},
                },
                'auth': {'type': 'token', 'token': TOKEN},
                'logging': {'level': 'warn'},
            },
            'models': {'providers': {'bench': {
                'api': 'openai-completions', 'baseUrl': f'http://127.0.0.1:{provider_port}/v1',
                'apiKey': 'bench-key', 'models': [{'id': 'model'}]}}},
            'agents': {'defaults': {'model': 'bench/model'},
                       'list': [{'id': 'main', 'default': True},
                                {'id': 'echo', 'model': 'local/echo'}]},
            'hooks': {f'bench{i}': {'secret': HOOK_SECRET, 'template': '{{text}}', 'agent': 'echo'}
                      for i in range(hooks)},
        }, indent=2))

    def options(self):
        return ['--config', self.config, '--state-dir', self.state]

    def command(self):
        return [self.program, *self.options(), 'gateway', 'run']

    def health_command(self):
        return [self.program, *self.options(), '--url', f'ws://127.0.0.1:{self.port}', '--token', TOKEN,
                'health']


def grow_state(gateway, rows, sessions):
    """Puts sessions into the state of `gateway`, which is not running: `agent:main:rows-N` with N rows for each N
    of `rows`, and `sessions` more with one row each."""
    gateway.start().stop()
    now = int(time.time() * 1000)
    said = json.dumps({'parts': [{'type': 'text', 'text': 'some words of a usual length, as people write them'}]})
    with contextlib.closing(sqlite3.connect(os.path.join(gateway.state, 'openclaw.db'))) as db, db:
        for i, n in enumerate(rows, 1):
            db.execute("INSERT INTO sessions(id, key, agent, created, updated, last_seq, epoch) "
                       "VALUES(?, ?, 'main', ?, ?, ?, 1)", (i, f'agent:main:rows-{n}', now, now, n))
            db.executemany("INSERT INTO transcript(number, id, role, run_id, at, epoch, body) "
                           "VALUES(? << 32 | ?, 'e', ?, 'r', ?, 1, ?)",
                           ((i, seq, 'assistant' if seq % 2 == 0 else 'user', now, said) for seq in range(1, n + 1)))
        first = len(rows) + 1
        db.executemany("INSERT INTO sessions(id, key, agent, created, updated, last_seq, epoch) "
                       "VALUES(?, ?, 'main', ?, ?, 1, 1)",
                       ((i, f'agent:main:s{i}', now - i, now - i) for i in range(first, first + sessions)))
        db.execute("UPDATE meta SET value = ? WHERE key = 'sessions'", (first + sessions - 1,))
    gateway.start()


def fill_state(gateway, folder, count):
    """Copies a new state of `gateway` to `folder` and puts sessions with an exchange and a waiting
    message each into it."""
    gateway.start().stop()
    shutil.copytree(gateway.state, folder)
    now = int(time.time() * 1000)
    body = json.dumps({'channel': 'ws', 'peer': 'p', 'sender': 'p', 'text': 'hello', 'receivedMs': now})
    said = '{"parts":[{"type":"text","text":"hi there"}]}'
    keys = [(i, f'agent:echo:s{i}') for i in range(1, count + 1)]
    with contextlib.closing(sqlite3.connect(os.path.join(folder, 'openclaw.db'))) as db, db:
        db.executemany("INSERT INTO sessions(id, key, agent, created, updated, last_seq, epoch) "
                       "VALUES(?, ?, 'echo', ?, ?, 2, 1)", [(i, key, now, now) for i, key in keys])
        db.executemany("INSERT INTO transcript(number, id, role, run_id, at, epoch, body) "
                       "VALUES(? << 32 | ?, 'e', ?, 'r', ?, 1, ?)",
                       [(i, seq, role, now, said) for i, _ in keys
                        for seq, role in ((1, 'user'), (2, 'assistant'))])
        db.executemany("INSERT INTO inbox(run_id, session, agent, priority, received, epoch, body) "
                       "VALUES(?, ?, 'echo', 1, ?, 1, ?)", [(f'run-{i}', key, now, body) for i, key in keys])
        db.execute("UPDATE meta SET value = ? WHERE key = 'sessions'", (count,))
