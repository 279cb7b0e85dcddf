"""Kills the gateway with SIGKILL while it has accepted messages and starts it again, several
times. Every message that was acknowledged is answered exactly once, in the order of its session;
one that was not is answered once or not at all.

usage: kill9.py OPENCLAW_BINARY [--rounds N] [--seed S]"""

import argparse
import os
import random
import sqlite3

from gateway import Gateway

SESSIONS = ["agent:main:kill-%d" % i for i in range(6)]
STEPS = 4  # messages per session and round, at most


class Ledger:
    """What was sent, and what was acknowledged, by session in the order of acknowledgement."""

    def __init__(self):
        self.sent = {s: set() for s in SESSIONS}
        self.acknowledged = {s: [] for s in SESSIONS}
        self.count = 0

    def next_key(self, session):
        self.count += 1
        key = "run-%04d" % self.count
        self.sent[session].add(key)
        return key

    def acknowledge(self, session, key, payload):
        assert payload["runId"] == key, payload
        self.acknowledged[session].append(key)

    def total(self):
        return sum(len(keys) for keys in self.acknowledged.values())


def read_rest(client, pending, ledger):
    """Acknowledgements that were on their way when the process died count as well."""
    try:
        while pending:
            take_one(client, pending, ledger)
    except (ConnectionError, OSError):
        pass


def take_one(client, pending, ledger):
    frame = client.response()
    if frame["id"] not in pending:
        return
    session, key = pending.pop(frame["id"])
    assert frame["ok"], frame
    ledger.acknowledge(session, key, frame["payload"])


def send_and_kill(gateway, client, ledger, chance):
    """A message to each session, then the next ones; the process dies at one acknowledgement."""
    last = chance.randrange(1, STEPS * len(SESSIONS))
    seen = 0
    for _ in range(STEPS):
        pending = {}
        for session in SESSIONS:
            key = ledger.next_key(session)
            pending[client.chat(session, "message " + key, key)] = (session, key)
        while pending:
            before = len(pending)
            take_one(client, pending, ledger)
            seen += before - len(pending)
            if seen == last:
                gateway.kill()
                read_rest(client, pending, ledger)
                client.close()
                return
    gateway.kill()
    client.close()


def rows_of(client, session):
    history = client.call("chat.history", {"sessionKey": session, "limit": 1000})
    assert not history["hasMore"]
    return [(m["role"], m["__openclaw"]["runId"], m["content"]) for m in history["messages"]]


def check(client, ledger):
    for session in SESSIONS:
        for key in ledger.acknowledged[session]:
            run = client.call("agent.wait", {"runId": key, "timeoutMs": 15000})
            assert run["status"] == "ok", (key, run)
        rows = rows_of(client, session)
        users = [run for role, run, _ in rows if role == "user"]
        answers = [run for role, run, _ in rows if role == "assistant"]
        assert users == answers, (session, rows)
        assert len(set(users)) == len(users), "answered twice: %s" % users
        known = set(ledger.acknowledged[session])
        assert [run for run in users if run in known] == ledger.acknowledged[session], (
            session, users, ledger.acknowledged[session])
        assert set(users) <= ledger.sent[session], users
        for role, run, content in rows:
            text = content if isinstance(content, str) else content[0]["text"]
            assert "message " + run in text, (role, run, text)


def check_redelivery(client, ledger):
    """The client does not know whether its message came through, and sends it again."""
    for session in SESSIONS:
        for key in ledger.acknowledged[session][-2:]:
            before = len(rows_of(client, session))
            again = client.call("chat.send", {"sessionKey": session, "message": "message " + key,
                                              "idempotencyKey": key})
            assert again["runId"] == key and again["status"] == "ok", again
            assert len(rows_of(client, session)) == before


def check_database(state):
    with sqlite3.connect(os.path.join(state, "openclaw.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        twice = db.execute("SELECT run_id FROM inbox GROUP BY run_id HAVING count(*) > 1")
        assert twice.fetchall() == []
        assert db.execute("SELECT count(*) FROM inbox WHERE state < 2").fetchall() == [(0,)]
    db.close()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seed", type=int, default=9)
    asked = options.parse_args()
    chance = random.Random(asked.seed)
    ledger = Ledger()
    with Gateway(asked.binary, "kill9") as gateway:
        for _ in range(asked.rounds):
            client = gateway.start()
            send_and_kill(gateway, client, ledger, chance)
            client = gateway.start()
            check(client, ledger)
            gateway.kill()
            client.close()
        client = gateway.start()
        check(client, ledger)
        check_redelivery(client, ledger)
        client.close()
        code = gateway.terminate()
        assert code == 0, code
        check_database(gateway.state)
    assert ledger.total() > asked.rounds * len(SESSIONS), "too few messages to mean anything"
    print("PASS %d acknowledged messages over %d kills, each answered once, in order (seed %d)"
          % (ledger.total(), 2 * asked.rounds, asked.seed))


if __name__ == "__main__":
    main()
