"""Changes the configuration of a running gateway: by an edit, a signal, a client and the command line. What can
be live is, what cannot is named, what does not pass changes nothing, and a change that nobody confirms is
taken back, also over a kill -9. Prints how long a file of 2,000 lines takes.

usage: reload.py OPENCLAW_BINARY [--rounds N]"""

import argparse
import json
import os
import re
import signal
import threading
import time

import gateway as lib
from gateway import Gateway

SECONDS = 2   # that a change may be on trial


def until(what, holds):
    end = time.monotonic() + lib.DEADLINE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def agents_of(g):
    return [a["id"] for a in json.loads(g.cli("status", "--json"))["agents"]]


def status_of(g):
    return json.loads(g.cli("status", "--json"))


def with_agents(*names, **more):
    return {"agents": {"list": [{"id": name, "model": "local/echo"} for name in names]}, **more}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def edits(g, watcher):
    g.configure(**with_agents("one", "two"))
    until("an edit is seen", lambda: agents_of(g) == ["one", "two"])
    good = read(g.config)
    g.write_config('{ gateway: {\n  network: { port: "x" },\n  nothing: 1 } }')
    until("what does not pass is told", lambda: status_of(g)["status"] == "degraded")
    issues = status_of(g)["configIssues"]
    assert len(issues) == 2 and "openclaw.json:2:20: gateway.network.port" in issues[0], issues
    assert ":3:3: gateway.nothing" in issues[1], issues
    assert agents_of(g) == ["one", "two"], "it keeps what it has"
    assert "gateway.network.port" in g.cli("gateway", "status")
    g.write_config(good)
    until("it passes again", lambda: status_of(g)["status"] == "healthy")
    assert status_of(g)["configIssues"] == []
    hidden = json.loads(good)
    hidden["gateway"]["monitoring"] = {"healthCheck": False}
    g.write_config(json.dumps(hidden))
    until("health is hidden", lambda: g.ask("GET", "/health")[0] == 404)
    assert "healthy" in g.cli("health"), "but for the command line of this machine"
    g.write_config(good)
    until("health is shown", lambda: g.ask("GET", "/health")[0] == 200)
    g.write_config(good.replace(str(g.port), str(g.port + 1), 1))
    until("what waits is named", lambda: status_of(g)["restartNeeded"] == ["gateway.network.port"])
    assert "needed for gateway.network.port" in g.cli("gateway", "status")
    g.write_config(good)
    until("it waits no more", lambda: status_of(g)["restartNeeded"] == [])
    watcher.call("status", {})   # the connection of before is there


def signals(g):
    secret = os.path.join(g.home, "hook")
    for value in ("first-secret-0123456789", "other-secret-0123456789"):
        with open(secret, "w", encoding="utf-8") as out:
            out.write(value)
        os.chmod(secret, 0o600)
        g.configure(**with_agents("one"), hooks={"h": {"secret": {"file": secret}}})
        os.kill(g.process.pid, signal.SIGHUP)   # the file of the secret is not watched
        headers = {"Authorization": "Bearer " + value}
        until("a hook by " + value, lambda: g.ask("POST", "/hooks/h", {"a": 1}, **headers)[0] == 202)


def clients(g):
    def patch(raw, on):
        return json.loads(g.cli("gateway", "call", "config.patch", "--params",
                                json.dumps({"raw": raw, "baseHash": on["hash"]})))

    answer = patch("{gateway: {sessions: {maxConcurrent: 7}, network: {port: 1}}}",
                   json.loads(g.cli("gateway", "call", "config.get")))
    assert answer["applied"] == ["gateway.sessions.maxConcurrent"], answer
    assert answer["restartNeeded"] == ["gateway.network.port"], answer
    assert answer["restartRequired"] is True and answer["problems"] == [], answer
    again = patch("{gateway: {sessions: {maxConcurrent: 8}}}", answer)
    assert again["restartRequired"] is False, again


def trials(g):
    g.configure(**with_agents("one"))
    until("the edit before", lambda: agents_of(g) == ["one"])
    before = read(g.config)
    other = g.config + ".new"
    with open(other, "w", encoding="utf-8") as out:
        out.write(before.replace('"one"', '"two"'))
    apply = ("config", "apply", other, "--confirm-within", "%ds" % SECONDS)

    g.cli(*apply)
    until("a trial is in effect", lambda: agents_of(g) == ["two"])
    until("nobody confirmed it", lambda: agents_of(g) == ["one"])
    assert read(g.config) == before

    g.cli(*apply)
    until("a trial is in effect", lambda: agents_of(g) == ["two"])
    g.kill()
    time.sleep(SECONDS + 0.1)
    assert read(g.config) != before, "nobody is there to put it back"
    g.start().close()
    assert agents_of(g) == ["one"] and read(g.config) == before

    g.cli(*apply)
    until("a trial is in effect", lambda: agents_of(g) == ["two"])
    g.kill()
    g.start().close()
    assert agents_of(g) == ["two"], "there is time left"
    until("a trial goes on over a start", lambda: agents_of(g) == ["one"])

    g.cli(*apply)
    g.cli("config", "confirm")
    time.sleep(SECONDS + 0.1)
    until("what was confirmed stays", lambda: agents_of(g) == ["two"])
    versions = json.loads(g.cli("config", "history", "--json"))["versions"]
    assert versions[0]["current"] and "config apply" in versions[0]["who"], versions[0]
    changes = json.loads(g.cli("config", "diff", "--json"))["changes"]
    assert changes == [{"path": "agents.list[0].id", "before": "one", "after": "two",
                        "reload": "live"}], changes
    g.cli("config", "rollback")
    until("a rollback is taken up", lambda: agents_of(g) == ["one"])


def load(g, rounds):
    """Changes under load: no request fails."""
    trouble, over, asked = [], threading.Event(), [0]

    def ask():
        while not over.is_set():
            try:
                status = g.ask("POST", "/v1/chat/completions", {
                    "model": "openclaw", "messages": [{"role": "user", "content": "hello"}]})[0]
                asked[0] += 1
                if status != 200:
                    trouble.append(status)
            except OSError as e:
                trouble.append(e)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for t in threads:
        t.start()
    for i in range(rounds):
        g.configure(**with_agents("one", "a%d" % i), bindings=[{"agent": "one"}] * (i % 3))
        os.kill(g.process.pid, signal.SIGHUP)
        time.sleep(0.05)
    over.set()
    for t in threads:
        t.join()
    assert not trouble, trouble[:3]
    print("%d requests beside %d changes, none failed" % (asked[0], rounds))


def figure(g):
    """How long a reload of 2,000 lines takes, by the gateway's own log."""
    agents = [{"id": "a%d" % i, "model": "local/echo", "systemPrompt": "You are number %d." % i,
               "limits": {"maxSteps": 10, "turnTimeout": "5m"}} for i in range(220)]
    taken = []
    for i in range(9):
        agents[7]["systemPrompt"] = "You are number 7, in round %d." % i
        g.write_config(json.dumps({
            "gateway": {"network": {"host": "127.0.0.1", "port": g.port}, "auth": {"token": lib.TOKEN}},
            "agents": {"list": agents}}, indent=1))
        seen = len(g.output())
        os.kill(g.process.pid, signal.SIGHUP)
        until("a reload", lambda: "agents.list[7]" in g.output()[seen:] or i == 0 and
              "read again" in g.output()[seen:])
        taken.append(int(re.search(r"read again .* ms=(\d+)", g.output()[seen:]).group(1)))
    lines = read(g.config).count("\n") + 1
    times = sorted(taken[1:])
    print("a file of %d lines is taken up in %d ms (median of %d; %d to %d)"
          % (lines, times[len(times) // 2], len(times), times[0], times[-1]))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--rounds", type=int, default=20)
    options = options.parse_args()
    with Gateway(os.path.abspath(options.binary), "reload") as g:
        watcher = g.start()
        edits(g, watcher)
        signals(g)
        clients(g)
        watcher.call("status", {})
        watcher.close()
        trials(g)
        load(g, options.rounds)
        figure(g)
    print("PASS reload")


if __name__ == "__main__":
    main()
