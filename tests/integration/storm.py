"""kill -9 at a random moment, 50 to 800 ms after each start, while clients and peers of a channel send and a model
takes 20 to 200 ms for each answer; what was not acknowledged is sent again after the next start. Afterwards:
each message is answered once, in the order of its session, each reply has gone out under one id, and the store
is whole.

usage: storm.py OPENCLAW_BINARY [--rounds N] [--sessions N] [--messages N] [--seed S]

The binary has to be one of a test build."""

import argparse
import random
import signal
import threading
import time

from gateway import DEADLINE, Gateway
from ledger import Ledger, Place, check_store
from provider import Provider

AHEAD = 20      # messages of a session that may wait: far below what a queue takes


def send_until_killed(client, ledger):
    try:
        ledger.send_rest(client)
    except OSError:
        pass


def one_life(gateway, ledger, chance):
    """How long it took to be ready."""
    begun = time.monotonic()
    client = gateway.start(OPENCLAW_FAULT_TRACE=ledger.trace)
    ready = time.monotonic() - begun
    killer = threading.Timer(chance.uniform(0.05, 0.8), gateway.process.send_signal, [signal.SIGKILL])
    killer.start()
    send_until_killed(client, ledger)
    killer.join()
    assert gateway.wait() == -signal.SIGKILL, gateway.output()
    client.close()
    return ready


def add_messages(ledger, places, wanted, provider, chance):
    """More of them, unless the model has not come as far as that."""
    if len(ledger.messages) - len(set(provider.asked)) > AHEAD * len(places):
        return
    for place in chance.sample(places, len(places)):
        if len(ledger.messages) < wanted:
            key = "%s-%d" % (place.name, len(ledger.messages))
            ledger.add(place, "say " + key, key)


def wait_until_answered(gateway):
    """Nothing waits, neither messages nor replies; as long as there are fewer and fewer of them."""
    least, until = None, time.monotonic() + DEADLINE
    while True:
        queue = gateway.health()["queue"]
        left = queue["waiting"] + queue["deliveries"]
        if left == 0:
            return
        if least is None or left < least:
            least, until = left, time.monotonic() + DEADLINE
        assert time.monotonic() < until, queue
        time.sleep(0.05)


def run(binary, asked, provider):
    chance = random.Random(asked.seed)
    places = [Place("storm-%d" % i, peer=i % 5 == 0) for i in range(asked.sessions)]
    per_round = -(-asked.messages // (asked.rounds * asked.sessions))
    readiness, sent_twice = [], []
    with Gateway(binary, "storm") as gateway:
        gateway.configure(**provider.settings())
        ledger = Ledger(gateway)
        for _ in range(asked.rounds):
            for _ in range(per_round):
                add_messages(ledger, places, asked.messages, provider, chance)
            readiness.append(one_life(gateway, ledger, chance))
            sent_twice += ledger.gone_without_record()
        client = gateway.start(OPENCLAW_FAULT_TRACE=ledger.trace)
        ledger.send_rest(client)
        wait_until_answered(gateway)
        while len(ledger.messages) < asked.messages:   # the model had come behind
            add_messages(ledger, places, asked.messages, provider, chance)
            ledger.send_rest(client)
            wait_until_answered(gateway)
        ledger.check(client, sent_twice)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
    return readiness, len(sent_twice)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--rounds", type=int, default=12)
    options.add_argument("--sessions", type=int, default=10)
    options.add_argument("--messages", type=int, default=240)
    options.add_argument("--seed", type=int, default=3)
    asked = options.parse_args()
    provider = Provider(always=(0.02, 0.2), seed=asked.seed)
    try:
        readiness, again = run(asked.binary, asked, provider)
    except BaseException:
        print("FAIL with seed %d" % asked.seed)
        raise
    provider.close()
    readiness.sort()
    print("PASS %d messages in %d sessions over %d kills: 0 lost, 0 double, 0 out of order, %d replies sent again "
          "under their id; ready after %.0f ms (median), %.0f ms (99 of 100), %.0f ms (most) (seed %d)"
          % (asked.messages, asked.sessions, asked.rounds, again, readiness[len(readiness) // 2] * 1000,
             readiness[len(readiness) * 99 // 100] * 1000, readiness[-1] * 1000, asked.seed))


if __name__ == "__main__":
    main()
