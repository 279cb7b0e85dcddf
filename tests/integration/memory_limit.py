"""A gateway under a limit of memory, and a flood against it: messages of a megabyte while the model does not answer,
readers that do not read, large bodies over HTTP. With enough memory it refuses what is too much and lives; with less
the kernel may kill it, and it comes back under the same limit. Either way each message that was acknowledged is
answered once, in order.

usage: memory_limit.py OPENCLAW_BINARY [--enough MB] [--scarce MB] [--messages N]

The limit is a control group of the kernel's. Exit code 77, with the reason, where none can be made, as with a binary
with a sanitizer, which needs many times the memory."""

import argparse
import collections
import http.client
import os
import socket
import sys
import threading

from gateway import TOKEN, Client, Ended, Gateway
from ledger import Ledger, Place, check_store
from provider import Provider, text_of

TEXT = 1_000_000      # bytes of a message
SENDERS = 8           # clients, each with sessions of its own
READERS = 30          # clients that read nothing
BODIES = 8            # requests of BODY bytes at a time
BODY = 19 << 20
MOST_STARTS = 6
SKIPPED = 77
PLACES = [Place("flood-%d" % i) for i in range(SENDERS * 8)]


class Group:
    """A control group with a limit, in either version of the kernel's interface."""

    def __init__(self, megabytes):
        name = "openclaw-%d" % os.getpid()
        if "memory" in read("/sys/fs/cgroup/cgroup.subtree_control").split():
            self.path = "/sys/fs/cgroup/" + name
            limits = {"memory.max": megabytes << 20, "memory.swap.max": 0}
        else:
            self.path = "/sys/fs/cgroup/memory/" + name
            limits = {"memory.limit_in_bytes": megabytes << 20}
        os.mkdir(self.path)
        for file, value in limits.items():
            with open(os.path.join(self.path, file), "w", encoding="ascii") as out:
                out.write(str(value))

    def prefix(self):
        """A command that runs what follows in the group."""
        return ("sh", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', self.path)

    def remove(self):
        os.rmdir(self.path)


def read(path):
    try:
        with open(path, encoding="ascii") as text:
            return text.read()
    except OSError:
        return ""


def most_megabytes(pid):
    """The most that this process ever had in memory."""
    lines = read("/proc/%d/status" % pid).splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10


class SilentProvider(Provider):
    """It answers nothing until the flood is over, and then the first word alone."""

    def __init__(self):
        super().__init__()
        self.speaks = threading.Event()

    def answer(self, messages):
        last = [m for m in messages if m["role"] == "user"][-1]
        self.speaks.wait()
        return [{"content": "re: " + text_of(last["content"]).split(" ")[0]}], "stop"


class Flood:
    """What clients do at once, and what they are told."""

    def __init__(self, gateway, ledger, messages):
        self.gateway, self.ledger, self.messages = gateway, ledger, messages
        self.lock = threading.Lock()
        self.refusals = collections.Counter()
        jobs = [(self.send, i) for i in range(SENDERS)] + [(self.post, i) for i in range(BODIES)]
        self.readers = []
        self.threads = [threading.Thread(target=self.run, args=job, daemon=True) for job in jobs]

    def rush(self):
        """Until all have said what they had to, or the gateway is gone."""
        try:
            for _ in range(READERS):
                self.readers.append(silent_reader(self.gateway.port))
        except OSError:
            pass
        for t in self.threads:
            t.start()
        for t in self.threads:
            t.join()
        for reader in self.readers:
            reader.close()

    def run(self, job, number):
        try:
            job(number)
        except OSError:
            pass   # the gateway is gone, or had enough of it

    def refused(self, what):
        with self.lock:
            self.refusals[what] += 1

    def send(self, number):
        client = Client(self.gateway.port)
        places = PLACES[number::SENDERS]
        for _ in range(self.messages // SENDERS):
            with self.lock:
                key = "m%d" % len(self.ledger.messages)
                place = places[len(self.ledger.messages) % len(places)]
                message = self.ledger.add(place, key + " " + "x" * TEXT, key)
            wanted = place.send(client, message)
            frame = client.response()
            while frame["id"] != wanted:
                frame = client.response()
            if frame["ok"]:
                with self.lock:
                    self.ledger.acknowledge(message, frame["payload"])
            else:
                self.refused(frame["error"]["code"])

    def post(self, _):
        for _ in range(4):
            line = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=60)
            try:
                line.request("POST", "/api/sessions/agent%3Amain%3Aposted/messages",
                             b'{"message":"' + b"y" * BODY + b'"}',
                             {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
                answer = line.getresponse()
                answer.read()
                if answer.status < 400:
                    raise AssertionError(f'a body of {BODY} bytes was taken: {answer.status}')
                self.refused(answer.status)
            except http.client.HTTPException as gone:
                raise ConnectionError(str(gone)) from gone
            finally:
                line.close()


def silent_reader(port):
    """A client that is told of every row of every session, and reads nothing."""
    client = Client(port)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for place in PLACES:
        client.send("sessions.messages.subscribe", {"key": place.session})
    return client


def settle(client, place):
    """Waits for what was accepted and not acknowledged, for the process ended in between."""
    while True:
        page = client.call("chat.history", {"sessionKey": place.session, "limit": 1})
        open_runs = [page["inFlightRun"]] if "inFlightRun" in page else page["pendingInputs"]["items"]
        if not open_runs:
            return
        run = client.call("agent.wait", {"runId": open_runs[0]["runId"], "timeoutMs": 60000})
        assert run["status"] == "ok", (open_runs[0]["runId"], run["status"])


def check(client, ledger):
    """Each message that was acknowledged is answered once, in the order of its session; others once or not at all."""
    known = {m.key: m for m in ledger.acknowledged}
    for message in ledger.acknowledged:
        run = client.call("agent.wait", {"runId": message.run, "timeoutMs": 60000})
        assert run["status"] == "ok", (message.key, run["status"])
    for place in PLACES:
        settle(client, place)
        runs, before = [], {}
        while True:
            page = client.call("chat.history", {"sessionKey": place.session, "limit": 100, **before})
            runs = [m["__openclaw"]["runId"] for m in page["messages"]] + runs
            if not page["hasMore"]:
                break
            before = {"offset": len(runs)}
        assert runs[0::2] == runs[1::2] and len(set(runs)) * 2 == len(runs), (place.name, runs)
        mine = [run for run in runs[0::2] if run in known]
        assert mine == ledger.of(place), (place.name, mine, ledger.of(place))


def flood_under(binary, megabytes, messages):
    """The refusals, the peak of memory and how often the gateway was killed."""
    provider, group, deaths = SilentProvider(), Group(megabytes), 0
    try:
        with Gateway(binary, "memory") as gateway:
            gateway.configure(**provider.settings())
            gateway.prefix = group.prefix()
            ledger = Ledger(gateway)
            gateway.start().close()
            flood = Flood(gateway, ledger, messages)
            flood.rush()
            provider.speaks.set()
            deaths += gateway.process.poll() is not None
            while True:
                try:
                    client = gateway.connect() if gateway.process.poll() is None else gateway.start()
                    check(client, ledger)
                    break
                except (OSError, Ended):
                    gateway.process.wait(20)
                    deaths += 1
                    assert deaths < MOST_STARTS, "it does not come back under this limit"
            client.close()
            peak = most_megabytes(gateway.process.pid)
            assert gateway.terminate() == 0
            check_store(gateway.state)
            return len(ledger.acknowledged), flood.refusals, peak, deaths
    finally:
        provider.speaks.set()
        provider.close()
        group.remove()


def why_not(binary):
    with open(binary, "rb") as program:
        text = program.read()
    if b"__asan_init" in text or b"__tsan_init" in text:
        return "a sanitizer needs many times the memory"
    try:
        Group(64).remove()
    except OSError as why:
        return "no control group can be made here: %s" % why
    return ""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--enough", type=int, default=2048)
    options.add_argument("--scarce", type=int, default=128)
    options.add_argument("--messages", type=int, default=400)
    asked = options.parse_args()
    reason = why_not(asked.binary)
    if reason:
        print("SKIP " + reason)
        sys.exit(SKIPPED)
    for name, megabytes in (("enough", asked.enough), ("scarce", asked.scarce)):
        acknowledged, refusals, peak, deaths = flood_under(asked.binary, megabytes, asked.messages)
        assert deaths == 0 or name == "scarce", "killed with %d MB" % megabytes
        assert refusals or deaths, "it was no flood"
        told = ", ".join("%d times %s" % (n, what) for what, n in sorted(refusals.items(), key=str)) or "none"
        print("PASS %d MB: %d of %d messages acknowledged, each answered once, in order; refused: %s; %d MB in "
              "memory at most; killed %d times" % (megabytes, acknowledged, asked.messages, told, peak, deaths))


if __name__ == "__main__":
    main()
