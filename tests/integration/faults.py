"""Ends the gateway at each numbered fault point (openclaw/core/fault.hpp) of a message's way and starts
it again, half of the times to end it once more while it takes up what was left. The driver's own ledger
says afterwards: 0 lost, 0 double, 0 out of order. The binary has to be one of a test build.

usage: faults.py OPENCLAW_BINARY [--passages N] [--seed S]

--passages: how many of the times that a point is passed in one run are tried, from 1 to 6 (2)"""

import argparse
import random
import signal

from gateway import Ended, Gateway
from ledger import Ledger, Place, check_store
from provider import Provider

POINTS = range(1, 11)
STEP_KEPT, TURN_COMMITTED = 5, 7
PLACES = [Place("one"), Place("two"), Place("anna", peer=True), Place("bert", peer=True)]
WORDS = ["hello", "use a tool", "once more"]
LEAST_PASSAGES = 6  # of any point in one run without a death


def live(gateway, ledger, **fault):
    """One life of the gateway, until everything is answered; True if it was ended before."""
    try:
        client = gateway.start(OPENCLAW_FAULT_TRACE=ledger.trace, **fault)
    except Ended:
        return True
    try:
        ledger.send_rest(client)
        ledger.wait_for_answers(client)
        ledger.wait_for_replies()
        return False
    except OSError:
        return True
    finally:
        client.close()


def check_steps(ledger, provider, deaths):
    """A finished step is read, not repeated: the model's and the tool's are kept once each."""
    kept, committed = ledger.passed(STEP_KEPT), ledger.passed(TURN_COMMITTED)
    for message in ledger.messages:
        assert kept.count(message.text) <= (2 if "tool" in message.text else 0), message.text
        assert committed.count(message.text) <= 1, message.text
        for results in (0, 1):
            assert provider.times_asked(message.text, results) <= 1 + deaths, message.text


def one_walk(binary, provider, point, nth, chance):
    with Gateway(binary, "faults") as gateway:
        gateway.configure(**provider.settings())
        ledger = Ledger(gateway)
        tag = "%d-%d-%d" % (point, nth, chance.randrange(10 ** 6))
        for words in WORDS:
            for place in chance.sample(PLACES, len(PLACES)):
                key = "%s-%s-%s" % (tag, place.name, words.replace(" ", "-"))
                ledger.add(place, "%s %s" % (words, key), key)
        deaths, sent_twice = 0, []
        plan = ["%d:%d" % (point, nth)]
        if chance.random() < 0.5:
            plan.append("%d:1" % chance.choice(POINTS))
        for number, fault in enumerate(plan):
            ended = live(gateway, ledger, OPENCLAW_FAULT=fault)
            # The second one may find nothing left to do at its place.
            code = gateway.wait() if ended or number == 0 else gateway.terminate()
            assert code == -signal.SIGKILL or (code == 0 and number > 0), gateway.output()
            if code != 0:
                deaths += 1
                sent_twice += ledger.gone_without_record()
        assert not live(gateway, ledger), gateway.output()
        client = gateway.connect()
        ledger.check(client, sent_twice)
        check_steps(ledger, provider, deaths)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
        return len(ledger.messages), deaths


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--passages", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    chance = random.Random(asked.seed)
    provider = Provider()
    messages = deaths = 0
    for point in POINTS:
        for nth in sorted(chance.sample(range(1, LEAST_PASSAGES + 1), asked.passages)):
            try:
                sent, ended = one_walk(asked.binary, provider, point, nth, chance)
            except BaseException:
                print("FAIL at point %d, passage %d, seed %d" % (point, nth, asked.seed))
                raise
            messages += sent
            deaths += ended
    provider.close()
    print("PASS %d messages, %d deaths at %d points: 0 lost, 0 double, 0 out of order (seed %d)"
          % (messages, deaths, len(POINTS), asked.seed))


if __name__ == "__main__":
    main()
