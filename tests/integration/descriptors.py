"""A gateway that may have 64 descriptors, and 200 clients that come at once, each with a message. Those that find
a place are answered, for clients leave some descriptors to the turns; the others wait in the kernel's queue and
get in as soon as somebody leaves. Meanwhile who was there before is served, the command line too, and the
gateway spends next to no processor time on waiting.

usage: descriptors.py OPENCLAW_BINARY [--clients N] [--descriptors N]"""

import argparse
import http.client
import json
import os
import shutil
import sys
import threading
import time

import gateway as lib
from gateway import Client, Gateway
from ledger import check_store, words
from provider import Provider

MOST_CPU = 10.0     # percent of a core while it waits
MOST_DELAY = 1.0    # seconds until somebody gets the place of one that left
WATCHED = 3.0       # seconds
SKIPPED = 77


class Visitor(threading.Thread):
    """Comes, says something, stays until it is told to leave."""

    def __init__(self, port, number, leave):
        super().__init__(daemon=True)
        self.port, self.number, self.leave = port, number, leave
        self.came = self.answered = None
        self.trouble = None

    def run(self):
        key = "visitor-%d" % self.number
        try:
            client = Client(self.port)
            self.came = time.monotonic()
            run = client.result(client.chat("agent:main:" + key, "slow " + key, key))["runId"]
            end = client.call("agent.wait", {"runId": run, "timeoutMs": 15000})
            assert end["status"] == "ok", (key, end)
            assert end["terminalReply"]["text"] == "re: slow " + key, end
            self.answered = time.monotonic()
            self.leave.wait()
            client.close()
        except Exception as e:  # noqa: BLE001: it must not have happened, whatever it is
            self.trouble = "%s: %r" % (key, e)


class Watch:
    """A connection over HTTP that was there before the others."""

    def __init__(self, port):
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=lib.DEADLINE)

    def figure(self, name):
        """A figure of /metrics; it answers over the connection that there is."""
        self.line.request("GET", "/metrics", headers={"Authorization": "Bearer " + lib.TOKEN})
        answer = self.line.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        values = [line.split(" ")[1] for line in text.splitlines() if line.startswith(name + " ")]
        return float(values[0])


def processor_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split(" ")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until(true, what):
    until = time.monotonic() + lib.DEADLINE
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def fill(gateway, watch, visitors):
    """Until no more get in and all that did are answered; how many those are."""
    for v in visitors:
        v.start()
    wait_until(lambda: watch.figure("openclaw_accept_pauses_total") > 0, "descriptors do not run out")
    seen = -1
    while seen != sum(v.came is not None for v in visitors):
        seen = sum(v.came is not None for v in visitors)
        time.sleep(0.5)
    assert 0 < seen < len(visitors), "%d of %d clients got in" % (seen, len(visitors))
    wait_until(lambda: sum(v.answered is not None for v in visitors) >= seen, "turns are not answered")
    return seen


def check_service(gateway, client, number):
    """Who is there is served: a turn, and the command line over its own socket."""
    key = "resident-%d" % number
    run = client.result(client.chat("agent:main:resident", "say " + key, key))["runId"]
    end = client.call("agent.wait", {"runId": run, "timeoutMs": 15000})
    assert end["status"] == "ok", end
    page = client.call("chat.history", {"sessionKey": "agent:main:resident", "limit": 2})
    assert words(page["messages"][-1]) == "re: say " + key, page
    assert json.loads(gateway.cli("health", "--json")), "no answer to the command line"


def run(gateway, clients):
    resident = gateway.start()
    watch = Watch(gateway.port)
    watch.figure("process_open_fds")
    leave = threading.Event()
    visitors = [Visitor(gateway.port, i, leave) for i in range(clients)]
    at_once = fill(gateway, watch, visitors)
    check_service(gateway, resident, 1)
    before = processor_seconds(gateway.process.pid)
    time.sleep(WATCHED)
    cpu = (processor_seconds(gateway.process.pid) - before) / WATCHED * 100
    assert cpu < MOST_CPU, "%.1f %% of a core" % cpu
    check_service(gateway, resident, 2)
    inside = {v.number for v in visitors if v.came is not None}
    left = time.monotonic()
    leave.set()
    wait_until(lambda: all(v.answered or v.trouble for v in visitors), "not all got in")
    assert not [v.trouble for v in visitors if v.trouble], [v.trouble for v in visitors if v.trouble]
    delay = min(v.came for v in visitors if v.number not in inside) - left
    assert delay < MOST_DELAY, "%.2f s" % delay
    check_service(gateway, resident, 3)
    resident.close()
    assert gateway.terminate() == 0
    check_store(gateway.state)
    return at_once, cpu, delay


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--descriptors", type=int, default=64)
    asked = options.parse_args()
    if shutil.which("prlimit") is None:
        print("SKIP there is no prlimit")
        sys.exit(SKIPPED)
    with open(asked.binary, "rb") as program:
        if b"__ubsan_handle" in program.read():
            print("SKIP the sanitizer's check of pointers opens a pipe each time, and reports where there is none")
            sys.exit(SKIPPED)
    provider = Provider(pause=0.2)
    with Gateway(asked.binary, "descriptors") as gateway:
        gateway.configure(**provider.settings())
        gateway.prefix = ("prlimit", "--nofile=%d" % asked.descriptors)
        at_once, cpu, delay = run(gateway, asked.clients)
    provider.close()
    print("PASS %d clients and %d descriptors: %d had a place at once, the others waited; each was answered; %.1f %% of "
          "a core meanwhile; %.2f s from a place that became free to the next client in it"
          % (asked.clients, asked.descriptors, at_once, cpu, delay))


if __name__ == "__main__":
    main()
