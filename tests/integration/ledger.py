"""The drivers' own account, kept apart from the gateway's store: what was sent, what was acknowledged,
and what a channel's service was given. Messages come in two ways: `chat.send` into a session, and
`send` to a peer of the loopback channel `test`, whose replies go out through the outbox."""

import itertools
import os
import sqlite3
import time

from gateway import DEADLINE

REPLY_GONE, REPLY_RECORDED = 9, 10  # include/openclaw/core/fault.hpp


class Message:
    def __init__(self, place, text, key):
        self.place, self.text, self.key = place, text, key
        self.run = None  # its id, once it was acknowledged


class Place:
    """A session of a client, or a peer of the channel."""

    def __init__(self, name, peer=False):
        self.name, self.peer = name, peer
        self.session = "agent:main:test:direct:" + name if peer else "agent:main:" + name

    def send(self, client, message):
        if self.peer:
            return client.send("send", {"channel": "test", "to": self.name, "message": message.text,
                                        "idempotencyKey": message.key})
        return client.chat(self.session, message.text, message.key)


class Ledger:
    def __init__(self, gateway):
        self.gateway = gateway
        self.trace = os.path.join(gateway.home, "trace")
        self.messages = []
        self.acknowledged = []  # in the order of the acknowledgements

    def add(self, place, text, key):
        self.messages.append(Message(place, text, key))
        return self.messages[-1]

    def acknowledge(self, message, payload):
        assert message.run is None or message.run == payload["runId"], (message.key, payload)
        if message.run is None:
            message.run = payload["runId"]
            self.acknowledged.append(message)

    def send_rest(self, client):
        """Sends all that was not acknowledged, under its old key, and reads the answers."""
        pending = {}
        try:
            for message in self.messages:
                if message.run is None:
                    pending[message.place.send(client, message)] = message
        except OSError:
            pass  # what came back before is read all the same
        while pending:
            frame = client.response()
            message = pending.pop(frame["id"], None)
            if message is not None:
                assert frame["ok"], frame
                self.acknowledge(message, frame["payload"])

    def wait_for_answers(self, client):
        for message in self.messages:
            run = client.call("agent.wait", {"runId": message.run, "timeoutMs": 15000})
            assert run["status"] == "ok", (message.key, run)

    # --- what the service of the channel saw

    def passed(self, point):
        """What passed a fault point, in order."""
        try:
            with open(self.trace, encoding="utf-8") as lines:
                split = [line.rstrip("\n").split(" ", 1) for line in lines]
        except FileNotFoundError:
            return []
        return [about for number, about in split if int(number) == point]

    def wait_for_replies(self):
        """Until the gateway says that none waits in its outbox; the judgement is check()'s."""
        until = time.monotonic() + DEADLINE
        while self.gateway.health()["queue"]["deliveries"] > 0:
            assert time.monotonic() < until, "replies stay in the outbox"
            time.sleep(0.005)

    def gone_without_record(self):
        """Replies that the service was given and the gateway, which has ended, has not noted."""
        return set(self.passed(REPLY_GONE)) - set(self.passed(REPLY_RECORDED))

    # --- the judgement

    def check(self, client, sent_twice=()):
        """0 lost, 0 double, 0 out of order. `sent_twice`: replies that may have gone out twice, with the
        same id, because the gateway ended between sending and noting it."""
        assert len({m.run for m in self.messages}) == len(self.messages), "one run for two messages"
        self.wait_for_answers(client)
        for place in {m.place for m in self.messages}:
            self.check_transcript(client, place)
        self.check_replies(sent_twice)

    def of(self, place):
        return [m.run for m in self.acknowledged if m.place is place]

    def check_transcript(self, client, place):
        page = client.call("chat.history", {"sessionKey": place.session, "limit": 1000})
        assert not page["hasMore"], place.name
        rows = [m for m in page["messages"] if m["role"] == "user" or m.get("stopReason") == "stop"]
        said = {m.run: m.text for m in self.messages}
        runs = [m["__openclaw"]["runId"] for m in rows]
        assert_same(runs[0::2], runs[1::2], place.name + ": questions and answers")
        assert_same(runs[0::2], self.of(place), place.name + ": transcript and ledger")
        for question, answer in zip(rows[0::2], rows[1::2]):
            text = said[question["__openclaw"]["runId"]]
            assert (words(question), words(answer)) == (text, "re: " + text), (question, answer)

    def check_replies(self, sent_twice):
        gone = self.passed(REPLY_GONE)
        for reply in set(gone):
            assert gone.count(reply) <= 1 + list(sent_twice).count(reply), "sent twice: " + reply
        assert set(gone) <= {m.run + ":1" for m in self.messages}, "a reply under another id"
        for place in {m.place for m in self.messages if m.place.peer}:
            wanted = [run + ":1" for run in self.of(place)]
            first = [r for r in dict.fromkeys(gone) if r in wanted]
            assert_same(first, wanted, place.name + ": what the service saw, and the ledger")


def assert_same(these, those, what):
    for number, (one, other) in enumerate(itertools.zip_longest(these, those)):
        assert one == other, "%s differ at %d of %d: %s, %s" % (what, number, len(those), one, other)


def words(row):
    content = row["content"]
    return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)


def check_store(state):
    """Nothing is left over; the store is whole."""
    with sqlite3.connect(os.path.join(state, "openclaw.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT count(*) FROM inbox WHERE state < 2").fetchall() == [(0,)]
        assert db.execute("SELECT count(*) FROM turn_steps").fetchall() == [(0,)]
        assert db.execute("SELECT count(*) FROM outbox WHERE state = 0").fetchall() == [(0,)]
    db.close()
