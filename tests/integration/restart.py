"""Restarts the gateway under load: in place (`openclaw gateway restart`), then by ending it and starting a
new one on a socket that somebody else holds, as systemd does (LISTEN_FDS). No connection is refused, no
HTTP request fails, WebSocket clients are closed with 1012 and miss no row of their session.

usage: restart.py OPENCLAW_BINARY [--rounds N]"""

import argparse
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time

import gateway as lib
from gateway import Client, Gateway
from provider import Provider

ASKERS = 4     # threads that make one HTTP request after the other, each over a connection of its own
TALKERS = 6    # WebSocket clients, each with a session


class Closed(ConnectionError):
    def __init__(self, code):
        super().__init__("closed with %d" % code)
        self.code = code


class Follower(Client):
    """A client that keeps the rows of one session, and knows how its connection was closed."""

    def __init__(self, port, session, cursor, rows):
        self.session, self.cursor, self.rows = session, cursor, rows
        super().__init__(port)
        self.call("sessions.messages.subscribe", {"key": session})
        missed = self.call("chat.history", {"sessionKey": session, "cursor": cursor, "limit": 1000})
        assert missed["kind"] == "delta", missed
        for row in missed["messages"]:
            self.keep(row["__openclaw"]["seq"], row["__openclaw"]["id"])
        self.cursor = missed["deltaCursor"]

    def keep(self, place, name):
        assert self.rows.setdefault(place, name) == name, (place, name, self.rows[place])

    def receive(self):
        try:
            frame = super().receive()
        except ConnectionError as e:
            if not str(e).startswith("closed: "):
                raise
            raise Closed(struct.unpack("!H", self.close_code)[0]) from e
        if frame.get("event") == "session.message":
            self.keep(frame["payload"]["messageSeq"], frame["payload"]["messageId"])
            self.cursor = frame["payload"].get("deltaCursor", self.cursor)
        return frame

    def take(self, count):
        data = super().take(count)
        self.close_code = data[:2]   # of a close frame, if that is what this turns out to be
        return data


class Load:
    """What is done meanwhile, and what went wrong."""

    def __init__(self, port):
        self.port = port
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.trouble = []
        self.requests = self.turns = self.resumed = 0
        jobs = [(self.ask, i) for i in range(ASKERS)] + [(self.talk, i) for i in range(TALKERS)]
        self.threads = [threading.Thread(target=self.run, args=job) for job in jobs]
        for t in self.threads:
            t.start()

    def run(self, job, number):
        try:
            job(number)
        except Exception as e:  # noqa: BLE001: whatever it is, it must not have happened
            with self.lock:
                self.trouble.append("%s %d: %r" % (job.__name__, number, e))

    def ask(self, number):
        body = json.dumps({"model": "openclaw", "messages": [{"role": "user", "content": "hi"}]})
        head = {"Authorization": "Bearer " + lib.TOKEN, "Content-Type": "application/json"}
        while not self.stop.is_set():
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=lib.DEADLINE)
            if number % 2 == 0:
                c.request("GET", "/health")
            else:
                c.request("POST", "/v1/chat/completions", body, head)
            answer = c.getresponse()
            text = answer.read()
            c.close()
            assert answer.status == 200, (answer.status, text)
            with self.lock:
                self.requests += 1

    def talk(self, number):
        session, cursor, rows = "agent:main:talk-%d" % number, "0", {}
        count = 0
        pending = None
        while not self.stop.is_set() or pending:
            try:
                client = Follower(self.port, session, cursor, rows)
            except Closed as e:
                assert e.code == 1012, e
                continue
            try:
                while not self.stop.is_set() or pending:
                    # One that was not acknowledged is sent again, under its key.
                    pending = pending or "%s-%d" % (session, count := count + 1)
                    if not self.is_taken(client, client.chat(session, "message " + pending, pending)):
                        continue
                    done = client.call("agent.wait", {"runId": pending, "timeoutMs": 15000})
                    if done["status"] == "timeout":
                        continue
                    assert done["status"] == "ok", done
                    pending = None
                    with self.lock:
                        self.turns += 1
            except Closed as e:
                assert e.code == 1012, e
                with self.lock:
                    self.resumed += 1
            cursor = client.cursor
            client.close()
        self.check(session, cursor, rows, count)

    @staticmethod
    def is_taken(client, number):
        """False for one that came when the gateway was about to go."""
        answer = client.response()
        assert answer["id"] == number, answer
        assert answer["ok"] or answer["error"]["retryable"], answer
        return answer["ok"]

    def check(self, session, cursor, rows, count):
        client = Follower(self.port, session, cursor, rows)
        history = client.call("chat.history", {"sessionKey": session, "limit": 1000})
        client.close()
        names = [m["__openclaw"]["id"] for m in history["messages"]]
        assert len(names) == 2 * count, (len(names), count)
        assert [rows[i + 1] for i in range(len(rows))] == names, "rows were missed"

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()
        assert not self.trouble, "\n".join(self.trouble)


def restart_in_place(gateway):
    command = [gateway.binary, "--config", gateway.config, "--state-dir", gateway.state, "gateway", "restart"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env=lib.environment(gateway.home), check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Activated(Gateway):
    """A gateway that gets its port from its parent."""

    def __init__(self, binary, name):
        super().__init__(binary, name)
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=1024)

    def start(self, *flags):
        # The first descriptor is 3, and the variables name the process that they are for.
        script = 'exec 3<&%d; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"' % self.socket.fileno()
        command = ["sh", "-c", script, self.binary, "--config", self.config, "--state-dir", self.state,
                   "gateway", "run", *flags]
        with open(os.path.join(self.home, "output.log"), "a", encoding="utf-8") as self.log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                            stderr=self.log, env=lib.environment(self.home),
                                            pass_fds=[self.socket.fileno()])

    def restart(self):
        assert self.terminate() == 0
        self.start()


def run(gateway, restart, rounds):
    gateway.start()
    load = Load(gateway.port)
    done = turns = 0
    while done < rounds and not load.trouble:
        with load.lock:
            turns = load.turns
        while load.turns < turns + TALKERS and not load.trouble:
            load.stop.wait(0.005)   # the next one comes when there was work again
        restart(gateway)
        done += 1
    load.end()
    assert gateway.terminate() == 0
    assert load.resumed > rounds, "too few clients were there to mean anything"
    return load


def stop_while_restarting(binary):
    """Who says stop during a restart means stop: with grace, and for good."""
    provider = Provider(pause=1.0)
    with Gateway(binary, "restart") as gateway:
        gateway.configure(**provider.settings())
        client = gateway.start()
        client.result(client.chat("agent:main:slow", "slow", "slow-1"))
        while not provider.times_asked("slow"):
            time.sleep(0.005)
        gateway.process.send_signal(signal.SIGUSR2)
        news = {}
        while news.get("event") != "shutdown":
            news = client.receive()
        # The turn may take all of its grace, and clients are told so.
        assert 1000 < news["payload"]["restartExpectedMs"] <= 31_000, news
        assert gateway.terminate() == 0, gateway.output()
        client = gateway.start()
        assert client.call("agent.wait", {"runId": "slow-1", "timeoutMs": 15000})["status"] == "ok"
        client.close()
        assert gateway.terminate() == 0
    provider.close()


def wait_for_words(gateway, words, times=1):
    until = time.monotonic() + lib.DEADLINE
    while gateway.output().count(words) < times:
        assert time.monotonic() < until, (words, gateway.output())
        time.sleep(0.005)


def signals_that_end_nothing(binary):
    """One reads the configuration again, one means nothing; none of them ends it, also while it stops."""
    provider = Provider(pause=1.0)
    with Gateway(binary, "signals") as gateway:
        gateway.configure(**provider.settings())
        client = gateway.start()
        gateway.process.send_signal(signal.SIGHUP)
        wait_for_words(gateway, "SIGHUP")
        gateway.process.send_signal(signal.SIGUSR1)
        wait_for_words(gateway, "SIGUSR1")
        assert client.call("health", {})["ok"]
        client.result(client.chat("agent:main:slow", "slow", "slow-1"))
        while not provider.times_asked("slow"):
            time.sleep(0.005)
        gateway.process.send_signal(signal.SIGTERM)
        wait_for_words(gateway, "stopping")
        gateway.process.send_signal(signal.SIGHUP)   # no second word to stop: the turn has its time
        gateway.process.send_signal(signal.SIGUSR1)
        wait_for_words(gateway, "SIGUSR1", times=2)
        assert gateway.wait() == 0, gateway.output()
        assert "stopped by force" not in gateway.output()
    provider.close()


def file_taken_away(binary):
    """A change makes no new file in the place of one that the gateway runs on and that is gone."""
    with Gateway(binary, "gone") as gateway:
        gateway.start().close()
        os.rename(gateway.config, gateway.config + ".away")
        refused = gateway.cli_fails("config", "set", "gateway.logging.level", "debug")
        assert "last-good.json5" in refused, refused
        assert not os.path.exists(gateway.config)
        os.rename(gateway.config + ".away", gateway.config)
        gateway.cli("config", "set", "gateway.logging.level", "debug")
        assert gateway.terminate() == 0
        os.remove(gateway.config)
        gateway.cli("config", "set", "gateway.network.port", str(gateway.port))   # nobody runs on it


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    stop_while_restarting(options.binary)
    signals_that_end_nothing(options.binary)
    file_taken_away(options.binary)
    for kind, name, restart in ((Gateway, "in place", restart_in_place),
                                (Activated, "in place on a given socket", restart_in_place),
                                (Activated, "by a stop and a start on it", Activated.restart)):
        with kind(options.binary, "restart") as gateway:
            load = run(gateway, restart, options.rounds)
        print("PASS %d restarts %s: %d HTTP requests, %d turns over WebSocket, %d connections resumed; "
              "0 refused, 0 failed, 0 rows missed"
              % (options.rounds, name, load.requests, load.turns, load.resumed))


if __name__ == "__main__":
    main()
