"""Runs the built binary as a gateway and speaks to it as a client would (protocol.md, sections 1
and 2). Standard library only."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

TOKEN = "integration-test-token-0123456789"
DEADLINE = 20.0  # seconds that any single step may take


class Ended(AssertionError):
    """The gateway ended before it answered."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(home):
    """Nothing of the caller's: no keys of model services, no settings of another gateway."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home, "LANG": "C.UTF-8",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}


class Gateway:
    """A state folder with its configuration, and the process that works on it, if one runs."""

    prefix = ()   # a command that runs the binary in its own place, such as strace -D

    def __init__(self, binary, name):
        self.binary = binary
        self.home = tempfile.mkdtemp(prefix="openclaw-" + name + "-")
        self.state = os.path.join(self.home, "state")
        self.config = os.path.join(self.home, "openclaw.json")
        self.port = free_port()
        self.process = None
        self.configure()

    def configure(self, **sections):
        self.write_config(json.dumps({
            "gateway": {"network": {"host": "127.0.0.1", "port": self.port},
                        "auth": {"token": TOKEN}},
            "agents": {"defaults": {"model": "local/echo"}}, **sections}))

    def write_config(self, text):
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(self.config, 0o600)

    def spawn(self, *flags):
        return subprocess.Popen(
            [self.binary, "--config", self.config, "--state-dir", self.state, "gateway", "run",
             *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", env=environment(self.home))

    def start(self, *flags, **variables):
        """Starts the process, with these variables in its environment, and waits until it answers."""
        self.log = open(os.path.join(self.home, "output.log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.prefix, self.binary, "--config", self.config, "--state-dir", self.state,
             "gateway", "run", *flags],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**environment(self.home), **variables})
        until = time.monotonic() + DEADLINE
        while True:
            if self.process.poll() is not None:
                raise Ended("the gateway ended: %d\n%s"
                            % (self.process.returncode, self.output()))
            try:
                if self.written_pid() == self.process.pid:
                    return self.connect()
            except OSError:
                pass
            if time.monotonic() > until:
                raise AssertionError("the gateway does not come up\n" + self.output())
            time.sleep(0.01)

    def connect(self):
        return Client(self.port)

    def written_pid(self):
        """The process that the state folder names; another one may hold the port still."""
        try:
            with open(os.path.join(self.state, "gateway.pid"), encoding="utf-8") as text:
                return json.load(text)["pid"]
        except FileNotFoundError:
            return None

    def output(self):
        with open(os.path.join(self.home, "output.log"), encoding="utf-8") as log:
            return log.read()

    def ask(self, method, path, body=None, **headers):
        """One HTTP request; the status, the headers and the body of the answer. An OSError: there is none."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            line.request(method, path, body and json.dumps(body), {
                "Authorization": "Bearer " + TOKEN, "Content-Type": "application/json", **headers})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        except http.client.HTTPException as broken:
            raise ConnectionError(str(broken)) from broken
        finally:
            line.close()

    def health(self):
        """The parts of the detailed health."""
        status, _, body = self.ask("GET", "/health/detail")
        assert status == 200, (status, body)
        return json.loads(body)["components"]

    def cli(self, *words):
        """Runs a command of the command line against this gateway; what it printed."""
        done = subprocess.run([self.binary, "--config", self.config, "--state-dir", self.state, *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE, env=environment(self.home), check=False)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def cli_fails(self, *words):
        """The same for a command that must not succeed; what it said."""
        done = subprocess.run([self.binary, "--config", self.config, "--state-dir", self.state, *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE, env=environment(self.home), check=False)
        assert done.returncode == 1, (words, done)
        return done.stderr

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)
        self.log.close()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        code = self.process.wait(DEADLINE)
        self.log.close()
        return code

    def refuse(self, *flags):
        """Runs a gateway that must not start; its exit code and what it said."""
        process = self.spawn(*flags)
        try:
            out, err = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, out + err

    def __enter__(self):
        return self

    def __exit__(self, kind, failure, trace):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        if failure is not None and self.process is not None:
            print(self.output()[-4000:])
        shutil.rmtree(self.home, ignore_errors=True)


class Client:
    """A WebSocket client (RFC 6455) that has said `connect`."""

    def __init__(self, port):
        self.buffer = b""
        self.count = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        try:
            self.upgrade(port)
            self.hello()
        except BaseException:
            self.socket.close()
            raise

    def upgrade(self, port):
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(("GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                             "Sec-WebSocket-Version: 13\r\n\r\n" % (port, key)).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    def hello(self):
        challenge = self.receive()
        assert challenge["event"] == "connect.challenge", challenge
        number = self.send("connect", {
            "minProtocol": 4, "maxProtocol": 4, "role": "operator",
            "scopes": ["operator.read", "operator.write"],
            "client": {"id": "cli", "version": "1", "platform": "linux", "mode": "cli"},
            "auth": {"token": TOKEN}})
        self.result(number)

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the gateway closed the connection")
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def write(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack("!H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", size)
        key = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
        self.socket.sendall(head + mask + masked)

    def receive(self):
        """The next JSON frame; pings are answered on the way."""
        text = b""
        while True:
            first, second = self.take(2)
            size = second & 0x7f
            if size == 126:
                size = struct.unpack("!H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.take(8))[0]
            payload = self.take(size)
            opcode = first & 0x0f
            if opcode == 8:
                raise ConnectionError("closed: %r" % payload)
            if opcode == 9:
                self.write(10, payload)
            elif opcode in (0, 1, 2):
                text += payload
                if first & 0x80:
                    return json.loads(text)

    def send(self, method, params):
        self.count += 1
        frame = {"type": "req", "id": str(self.count), "method": method, "params": params}
        self.write(1, json.dumps(frame).encode())
        return str(self.count)

    def response(self):
        """The next response, whichever request it is for."""
        while True:
            frame = self.receive()
            if frame["type"] == "res":
                return frame

    def result(self, number):
        frame = self.response()
        while frame["id"] != number:
            frame = self.response()
        assert frame["ok"], frame
        return frame["payload"]

    def call(self, method, params):
        return self.result(self.send(method, params))

    def chat(self, session, text, key):
        return self.send("chat.send",
                         {"sessionKey": session, "message": text, "idempotencyKey": key})

    def close(self):
        self.socket.close()
