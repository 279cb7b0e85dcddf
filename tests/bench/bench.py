"""Measures the gateway side by side with nginx; prints a Markdown table. Started by run.sh."""

import argparse
import datetime
import http.client
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def spread(figures, unit='', digits=2):
    """Median with the range of all rounds."""
    middle, low, high = statistics.median(figures), min(figures), max(figures)
    if len(figures) == 1:
        return f'{middle:.{digits}f}{unit}'
    return f'{middle:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})'


def milliseconds(text):
    number, unit = re.fullmatch(r'([\d.]+)(us|ms|s|m)', text).groups()
    return float(number) * {'us': 0.001, 'ms': 1, 's': 1000, 'm': 60000}[unit]


class bench:
    def __init__(self, options, folder):
        self.options = options
        self.rounds = options.rounds or (1 if options.quick else 5)
        self.seconds = 2 if options.quick else 5
        self.folder = folder
        self.running = []
        self.rows = []

    # Servers

    def run_server(self, s):
        self.running.append(s)
        return s.start()

    def start(self):
        self.provider = self.run_server(servers.provider_nginx(self.folder))
        self.proxy = self.run_server(servers.proxy_nginx(self.folder, self.provider.port))
        self.gateway = self.run_server(
            servers.gateway(self.folder, 'gateway', self.options.gateway, self.provider.port))
        status, body = servers.get(self.gateway.port, '/health')
        if status != 200:
            raise RuntimeError(f'the gateway answers /health with {status}: {body[:300]!r}')
        self.yardstick = self.run_server(servers.yardstick_nginx(self.folder, body.decode()))

    def stop(self):
        for s in reversed(self.running):
            s.stop()

    # Loaders

    def wrk(self, port, path, connections, script=None, args=()):
        """Requests a second, p50 and p99 in ms. An answer that is not 2xx makes the run void."""
        command = ['wrk', '-t1', f'-c{connections}', f'-d{self.seconds}s', '--latency', '--timeout', '10s']
        if script:
            command += ['-s', os.path.join(HERE, script)]
        command += [f'http://127.0.0.1:{port}{path}']
        if args:
            command += ['--', *args]
        out = subprocess.run(command, capture_output=True, text=True, timeout=self.seconds + 60,
                             check=True).stdout
        for trouble in re.findall(r'Non-2xx.*|Socket errors.*', out):
            raise RuntimeError(f'port {port}, {path}: {trouble.strip()}')
        return (float(re.search(r'Requests/sec:\s+([\d.]+)', out).group(1)),
                *(milliseconds(re.search(rf'{p}%\s+([\d.]+\w+)', out).group(1)) for p in (50, 99)))

    def load(self, mode, *args, command=()):
        words = [self.options.loader, mode, *map(str, args)]
        if command:
            words += ['--', *command]
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def load_gateway(self, mode, *args):
        return self.load(mode, '--port', self.gateway.port, '--token', servers.TOKEN, *args)

    # Tables

    def row(self, measure, ours, yardstick='', ratio='', reach=''):
        self.rows.append((measure, ours, yardstick, ratio, reach))
        print(f'{measure}: {ours} | {yardstick} | {ratio}', file=sys.stderr)

    def compare(self, measure, ours, yardstick, reach):
        """Alternates the two, so that both see the same moods of the machine."""
        mine, theirs = [], []
        for _ in range(self.rounds):
            mine.append(ours()[0])
            theirs.append(yardstick()[0])
        ratios = [a / b for a, b in zip(mine, theirs)]
        self.row(measure, spread(mine, '/s', 0), spread(theirs, '/s', 0), spread(ratios), reach)

    # Measures

    def health(self):
        self.compare('plain route, GET /health, 16 connections',
                     lambda: self.wrk(self.gateway.port, '/health', 16),
                     lambda: self.wrk(self.yardstick.port, '/health', 16), '≥ 0.9')

    def turn(self, kind):
        path = '/v1/chat/completions'
        self.compare(f'agent turn, new session each, 64 connections, {kind} answer',
                     lambda: self.wrk(self.gateway.port, path, 64, 'chat.lua',
                                      ('openclaw', kind, servers.TOKEN)),
                     lambda: self.wrk(self.proxy.port, path, 64, 'chat.lua',
                                      ('model', 'stream', servers.TOKEN)), '≥ 0.5')

    def agent(self):
        self.turn('whole')

    def stream(self):
        self.turn('stream')

    def passthrough(self):
        path = '/v1/chat/completions'
        added = []
        for _ in range(self.rounds):
            _, p50, p99 = self.wrk(self.gateway.port, path, 10, 'chat.lua',
                                   ('bench/model', 'stream', servers.TOKEN))
            _, direct50, direct99 = self.wrk(self.provider.port, path, 10, 'chat.lua',
                                             ('model', 'stream', servers.TOKEN))
            added.append((p50, direct50, p99, direct99))
        for i, name, reach in ((0, 'p50', '< 0.5 ms added'), (2, 'p99', '< 3 ms added')):
            mine, direct = [a[i] for a in added], [a[i + 1] for a in added]
            self.row(f'pass-through, 10 connections, {name}', spread(mine, ' ms'), spread(direct, ' ms'),
                     'added ' + spread([m - d for m, d in zip(mine, direct)], ' ms'), reach)

    def accept(self):
        got = [self.load_gateway('chat', '--agent', 'echo', '--senders', 64, '--seconds', self.seconds)
               for _ in range(self.rounds)]
        refused = sum(g['refused'] for g in got)
        self.row('durable accept, WebSocket chat.send, 64 senders', spread([g['per_second'] for g in got], '/s', 0),
                 yardstick=f'{self.syncs_per_second():.0f} fdatasync/s of 4 KB', ratio=f'{refused} refused' if refused else '', reach='10,000/s')
        self.row('durable accept, p99', spread([g['p99_ms'] for g in got], ' ms'), reach='< 60 ms')

    def syncs_per_second(self):
        """What the disk gives to one writer that syncs each block."""
        count, end = 0, time.monotonic() + 1
        with open(os.path.join(self.folder, 'sync'), 'wb', buffering=0) as f:
            while time.monotonic() < end:
                f.write(bytes(4096))
                os.fdatasync(f.fileno())
                count += 1
        return count

    def hook(self):
        s = self.run_server(servers.gateway(self.folder, 'hook', self.options.gateway, self.provider.port,
                                            servers.HOOKS))
        got = [self.wrk(s.port, '/', 64, 'hook.lua', (servers.HOOK_SECRET, str(servers.HOOKS)))
               for _ in range(self.rounds)]
        s.stop()
        self.row('durable accept, webhook, 64 senders', spread([g[0] for g in got], '/s', 0), reach='10,000/s')
        self.row('durable accept, webhook, p99', spread([g[2] for g in got], ' ms'), reach='< 60 ms')

    def boot(self):
        other = servers.gateway(self.folder, 'boot', self.options.gateway, self.provider.port)
        got = self.load('boot', '--port', other.port, '--runs', 5 if self.options.quick else 20,
                        '--state', other.state, command=other.command())
        self.row('boot to the first 200 on /health, empty state', self.times(got), reach='10 ms')
        full = os.path.join(self.folder, 'full')
        servers.fill_state(other, full, 10_000)
        got = self.load('boot', '--port', other.port, '--runs', 3 if self.options.quick else 10,
                        '--state', other.state, '--from', full, command=other.command())
        self.row('the same with 10,000 sessions and 10,000 waiting messages', self.times(got), reach='100 ms')

    def cli(self):
        got = self.load('command', '--runs', 10 if self.options.quick else 50,
                        command=self.gateway.health_command())
        self.row('`openclaw health`', self.times(got), reach='10 ms')

    @staticmethod
    def times(got):
        return f"{got['median_ms']:.1f} ms ({got['min_ms']:.1f}–{got['max_ms']:.1f}, {got['runs']} runs)"

    def fresh(self, name):
        """A gateway that has served nobody, quiet for a second."""
        s = self.run_server(servers.gateway(self.folder, name, self.options.gateway, self.provider.port))
        servers.get(s.port, '/health')
        time.sleep(1)
        return s

    def memory(self):
        s = self.fresh('memory')
        with open(f'/proc/{s.process.pid}/status', encoding='ascii') as f:
            kb = int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))
        s.stop()
        self.row('memory, resident, idle', f'{kb / 1024:.1f} MB', reach='12 MB')

    def connections(self):
        count = 1000 if self.options.quick else 10000
        s = self.fresh('connections')
        got = self.load('idle', '--port', s.port, '--token', servers.TOKEN, '--pid', s.process.pid,
                        '--connections', count, '--rate', 2000)
        s.stop()
        self.row(f'{count:,} idle WebSockets, memory each', f"{got['kb_each']:.1f} KB", reach='10 KB')
        self.row('connect storm', f"{got['per_second']:.0f}/s", reach='2,000/s')
        self.row('a call meanwhile, p99', f"{got['storm_p99_ms']:.2f} ms", reach='< 20 ms')

    def fanout(self):
        got = self.load_gateway('fanout', '--connections', 1000, '--rounds', 5 if self.options.quick else 20)
        self.row('fan-out of one event to 1,000 subscribers, p99', f"{got['p99_ms']:.2f} ms", reach='< 20 ms')

    def calls(self):
        """Health calls over 16 WebSockets, against a bare echo of the same library."""
        echo = subprocess.Popen([self.options.echo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(echo.stdout.readline())
        seconds = 1 if self.options.quick else 3
        self.compare('`health` calls over 16 WebSockets, against a bare echo',
                     lambda: (self.load_gateway('calls', '--seconds', seconds)['per_second'],),
                     lambda: (self.load('calls', '--port', port, '--bare', 1, '--seconds', seconds)['per_second'],),
                     '30,000/s')
        echo.stdin.close()
        echo.wait(timeout=10)
        chat = ('--chat', 100, '--warm', seconds, '--seconds', seconds)
        self.compare('the same beside 200 readers that never read, against without them',
                     lambda: (self.load_gateway('calls', *chat, '--stuck', 200)['per_second'],),
                     lambda: (self.load_gateway('calls', *chat)['per_second'],),
                     '0.9')

    def idle(self):
        """Processor time and wake-ups of a gateway that nobody talks to."""
        s = self.fresh('idle')
        seconds = 3 if self.options.quick else 20
        before = self.activity(s.process.pid)
        time.sleep(seconds)
        after = self.activity(s.process.pid)
        s.stop()
        self.row('idle, share of a core', f'{(after[0] - before[0]) / seconds * 100:.2f} %', reach='0.2 %')
        self.row('idle, wake-ups', f'{(after[1] - before[1]) / seconds:.1f}/s', reach='< 20/s')

    @staticmethod
    def activity(pid):
        """Seconds on the processor and voluntary context switches, of all threads."""
        switches = 0
        for thread in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{thread}/status', encoding='ascii') as f:
                switches += int(re.search(r'\nvoluntary_ctxt_switches:\s+(\d+)', f.read()).group(1))
        with open(f'/proc/{pid}/stat', encoding='ascii') as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK'), switches

    def growth(self):
        """Turns in a short and in a long session, one after the other; a page of many sessions."""
        count = 10_000 if self.options.quick else 1_000_000
        s = servers.gateway(self.folder, 'growth', self.options.gateway, self.provider.port)
        servers.grow_state(s, [10, 400, 100_000], count)
        self.running.append(s)
        turns = {n: [] for n in (10, 400, 100_000)}
        connection = http.client.HTTPConnection('127.0.0.1', s.port, timeout=10)
        for _ in range(50 if self.options.quick else 500):
            for n, took in turns.items():
                took.append(self.timed(connection, 'POST', '/v1/chat/completions',
                                       {'model': 'openclaw', 'messages': [{'role': 'user', 'content': 'hi'}]},
                                       {'X-OpenClaw-Session-Key': f'agent:main:rows-{n}'}))
        first = {n: took[0] for n, took in turns.items()}
        middle = {n: statistics.median(took[1:]) for n, took in turns.items()}
        for n, reach in ((400, ''), (100_000, '1.2')):
            self.row(f'turn in a session of {n:,} messages, against one of 10', f'{middle[n]:.2f} ms',
                     f'{middle[10]:.2f} ms', f'{middle[n] / middle[10]:.2f}', reach)
        self.row('the first one there, which reads the conversation', f'{first[100_000]:.2f} ms',
                 f'{first[10]:.2f} ms', f'{first[100_000] / first[10]:.2f}')
        pages = [self.timed(connection, 'GET', '/api/sessions?limit=50') for _ in range(50)]
        connection.close()
        s.stop()
        self.row(f'a page of {count:,} sessions, GET /api/sessions', spread(pages, ' ms'), reach='5 ms')

    @staticmethod
    def timed(connection, method, path, body=None, headers=None):
        begun = time.perf_counter()
        connection.request(method, path, json.dumps(body) if body else None,
                           {'Authorization': f'Bearer {servers.TOKEN}', 'Content-Type': 'application/json',
                            **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f'{method} {path}: {answer.status} {text[:200]!r}')
        return (time.perf_counter() - begun) * 1000

    def store(self):
        """The store alone: the lines that its own loader prints."""
        done = subprocess.run([self.options.store_bench], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              check=True)
        for line in done.stdout.strip().splitlines():
            measure, _, figure = line.partition(':')
            self.row(f'store: {measure}', figure.strip())


# In this order: what dirties the gateway's state most comes last.
MEASURES = ['health', 'passthrough', 'agent', 'stream', 'boot', 'cli', 'memory', 'idle', 'connections', 'fanout', 'calls',
            'accept', 'hook', 'growth', 'store']


def table(rows):
    lines = ['| measure | ours | yardstick | ratio | reach |', '| --- | --- | --- | --- | --- |']
    return '\n'.join(lines + ['| ' + ' | '.join(r) + ' |' for r in rows])


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        cpu = re.search(r'model name\s*:\s*(.*)', f.read())
    disk = subprocess.run(['stat', '-f', '-c', '%T', ROOT], capture_output=True, text=True, check=True)
    return f'{os.cpu_count()} cores, {cpu.group(1) if cpu else platform.machine()}, ' \
           f'Linux {platform.release()}, {disk.stdout.strip()}, {datetime.date.today().isoformat()}'


def parse(argv):
    build = os.path.join(ROOT, 'build/bench')
    parser = argparse.ArgumentParser(prog='tests/bench/run.sh', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='one short round, to see that all works')
    parser.add_argument('--only', action='append', metavar='NAME', choices=MEASURES,
                        help='this measure; may be given again')
    parser.add_argument('--rounds', type=int, help='rounds of each comparison (5)')
    parser.add_argument('--list', action='store_true', help='the names of the measures')
    parser.add_argument('--no-build', action='store_true', help='take what build/bench holds')
    parser.add_argument('--gateway', default=os.path.join(build, 'openclaw'), help='the binary to measure')
    parser.add_argument('--loader', default=os.path.join(build, 'tests/bench/ws_load'), help=argparse.SUPPRESS)
    parser.add_argument('--echo', default=os.path.join(build, 'tests/bench/ws_echo'), help=argparse.SUPPRESS)
    parser.add_argument('--store-bench', default=os.path.join(build, 'tests/bench/store_bench'),
                        help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv):
    options = parse(argv)
    if options.list:
        print('\n'.join(MEASURES))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = options.only or [m for m in MEASURES if m != 'store' or os.path.exists(options.store_bench)]
    # Not /tmp: that may be memory, and an fsync into memory measures nothing.
    os.makedirs(os.path.join(ROOT, 'build'), exist_ok=True)
    folder = tempfile.mkdtemp(prefix='b-', dir=os.path.join(ROOT, 'build'))
    b = bench(options, folder)
    failed = 0
    try:
        b.start()
        for name in names:
            try:
                getattr(b, name)()
            except (RuntimeError, subprocess.SubprocessError, OSError) as e:
                failed += 1
                text = getattr(e, 'stderr', None) or str(e)
                b.row(name, 'failed: ' + ' '.join(str(text).split())[:200])
    except RuntimeError as e:
        print(f'bench: {e}', file=sys.stderr)
        return 1
    finally:
        b.stop()
        shutil.rmtree(folder, ignore_errors=True)
    command = ' '.join(['tests/bench/run.sh', *argv])
    print(f'{machine()}\n\n`{command}`\n\n{table(b.rows)}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
