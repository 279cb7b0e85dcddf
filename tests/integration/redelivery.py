"""Sends every message several times under the same idempotency key, shuffled, over WebSocket, the
channel and a webhook: before, while and after the gateway is killed, and after a stop in good order.
Each gets one turn and one reply, as the driver's own ledger and the model service see it.

usage: redelivery.py OPENCLAW_BINARY [--messages N] [--seed S]

--messages: of each of the three entrances, 8 at least (10)"""

import argparse
import json
import random
import threading

from gateway import Gateway
from ledger import Ledger, Place, check_store
from provider import Provider

CROWD = 100  # times that one message comes at once
WAVE = 50    # deliveries, then the last one's answer is waited for: a session's queue holds 100
HOOK_KEY = "integration-test-hook-secret-0123456789"
CHAT, PEER, HOOK = Place("chat"), Place("anna", peer=True), Place("hooked")
PLACES = [CHAT, PEER, HOOK]


def settings(provider):
    hook = {"secret": HOOK_KEY, "template": "{{text}}", "session": HOOK.name}
    return {**provider.settings(), "hooks": {"in": hook}}


def post(gateway, message):
    """Delivers to the webhook; what it answered."""
    status, _, body = gateway.ask("POST", "/hooks/in", {"text": message.text},
                                  **{"Idempotency-Key": message.key, "Authorization": "Bearer " + HOOK_KEY})
    assert status in (200, 202), (status, body)
    return json.loads(body)


def deliver(gateway, client, message, ledger):
    if message.place is HOOK:
        ledger.acknowledge(message, post(gateway, message))
    else:
        ledger.acknowledge(message, client.result(message.place.send(client, message)))


def deliver_all(gateway, messages, ledger):
    client = gateway.connect()
    try:
        for number, message in enumerate(messages, 1):
            deliver(gateway, client, message, ledger)
            if number % WAVE == 0:
                client.call("agent.wait", {"runId": message.run, "timeoutMs": 15000})
    finally:
        client.close()


def crowd(gateway, messages, ledger):
    """Each of `messages` CROWD times at once: every answer names the same run."""
    answers, broken = {m: [] for m in messages}, []

    def some(message):
        try:
            mine = Ledger(gateway)
            client = gateway.connect()
            for _ in range(CROWD // 10):
                copy = mine.add(message.place, message.text, message.key)
                deliver(gateway, client, copy, mine)
                answers[message].append(copy.run)
            client.close()
        except BaseException as e:  # told by the main thread
            broken.append(e)

    threads = [threading.Thread(target=some, args=(m,)) for m in messages for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not broken, broken
    for message, runs in answers.items():
        assert len(runs) == CROWD and len(set(runs)) == 1, runs
        ledger.acknowledge(message, {"runId": runs[0]})
    return CROWD * len(messages)


def killed_while(gateway, messages, ledger, chance):
    """Delivers until the process is killed at one of them. Those whose answer was not waited for come again
    in this order, so that the ledger has the order in which they were accepted."""
    last = chance.randrange(max(1, len(messages) - WAVE), len(messages) - 1)
    deliver_all(gateway, messages[:last], ledger)
    client = gateway.connect()
    unread = [m for m in messages[last:] if m.place is not HOOK]
    try:
        for message in unread:
            message.place.send(client, message)
    finally:
        gateway.kill()
        client.close()
    return last, unread


def check_turns(provider, once, at_most_twice):
    for message in once:
        assert provider.times_asked(message.text) == 1, (message.text, "had several turns")
    for message in at_most_twice:  # of those that the kill met, a turn may have been begun again
        assert 1 <= provider.times_asked(message.text) <= 2, (message.text, "had several turns")


def run(binary, provider, count, chance):
    sent = 0
    with Gateway(binary, "redelivery") as gateway:
        gateway.configure(**settings(provider))
        ledger = Ledger(gateway)
        trace = {"OPENCLAW_FAULT_TRACE": ledger.trace}
        tag = chance.randrange(10 ** 6)
        first, second, third = [], [], []  # by the life of the gateway that sees them first
        for i in range(count):
            part = (first, second, third)[min(2, i * 3 // count)]
            part += [ledger.add(p, "say %d %s %d" % (tag, p.name, i), "key-%d" % i) for p in PLACES]

        gateway.start(**trace).close()
        sent += crowd(gateway, first[:len(PLACES)], ledger)
        before = chance.sample(first[len(PLACES):] * 3, 3 * len(first[len(PLACES):]))
        deliver_all(gateway, before, ledger)
        read, unread = killed_while(gateway, chance.sample(first + second, len(first + second)), ledger,
                                    chance)
        sent += len(before) + read + 2 * len(unread)
        unnoted = ledger.gone_without_record()

        gateway.start(**trace).close()
        after = chance.sample((first + second + third) * 2, 2 * len(ledger.messages))
        deliver_all(gateway, unread + after, ledger)
        ledger.wait_for_replies()
        assert gateway.terminate() == 0

        gateway.start(**trace).close()
        deliver_all(gateway, chance.sample(ledger.messages, len(ledger.messages)), ledger)
        sent += len(after) + len(ledger.messages)
        client = gateway.connect()
        ledger.check(client, unnoted)
        check_turns(provider, third, first + second)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
        return len(ledger.messages), sent


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--messages", type=int, default=10)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    provider = Provider()
    try:
        messages, sent = run(asked.binary, provider, asked.messages, random.Random(asked.seed))
    except BaseException:
        print("FAIL with seed %d" % asked.seed)
        raise
    provider.close()
    print("PASS %d messages, delivered %d times, 100 times at once and over two restarts: one turn and one "
          "reply each (seed %d)" % (messages, sent, asked.seed))


if __name__ == "__main__":
    main()
