"""Ends the gateway between a channel's sending of a reply and the note of it, again and again, most times
while it sends what the last death left. A service that knows replies by their ids shows each once, in the
order of its peer: what is sent again has its old id, and nothing goes out under another.

usage: send_window.py OPENCLAW_BINARY [--deaths N] [--seed S]

The binary has to be one of a test build."""

import argparse
import random
import signal

from faults import live
from gateway import Gateway
from ledger import REPLY_GONE, Ledger, Place, check_store
from provider import Provider

PEERS = [Place(name, peer=True) for name in ("anna", "bert", "carl")]
EACH = 2              # messages to each peer before a death
DEATHS_OF_ONE = 50    # in one state folder, so that a transcript stays within one page


def deaths_of_one(binary, provider, deaths, chance):
    """How many replies there were, and how many went out a second time."""
    with Gateway(binary, "send-window") as gateway:
        gateway.configure(**provider.settings())
        ledger = Ledger(gateway)
        sent_twice = []
        for number in range(deaths):
            for place in chance.sample(PEERS, len(PEERS)) * EACH:
                key = "%s-%d" % (place.name, len(ledger.messages))
                ledger.add(place, "say " + key, key)
            # It dies in the window of one reply; those of other peers may be in theirs.
            fault = "%d:%d" % (REPLY_GONE, chance.randint(1, len(PEERS) * EACH))
            assert live(gateway, ledger, OPENCLAW_FAULT=fault), "it did not die at death %d" % number
            assert gateway.wait() == -signal.SIGKILL, gateway.output()
            left = ledger.gone_without_record()
            assert left, "nothing was in the window"
            sent_twice += left
        assert not live(gateway, ledger), gateway.output()
        client = gateway.connect()
        ledger.check(client, sent_twice)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
        shown, given = len(set(ledger.passed(REPLY_GONE))), len(ledger.passed(REPLY_GONE))
        assert shown == len(ledger.messages), (shown, len(ledger.messages))
        assert given > shown, "nothing was sent a second time"
        return shown, given - shown


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--deaths", type=int, default=20)
    options.add_argument("--seed", type=int, default=7)
    asked = options.parse_args()
    chance = random.Random(asked.seed)
    provider = Provider()
    replies = again = done = 0
    while done < asked.deaths:
        deaths = min(DEATHS_OF_ONE, asked.deaths - done)
        try:
            shown, repeated = deaths_of_one(asked.binary, provider, deaths, chance)
        except BaseException:
            print("FAIL after %d deaths, seed %d" % (done, asked.seed))
            raise
        replies, again, done = replies + shown, again + repeated, done + deaths
    provider.close()
    print("PASS %d deaths between sending and noting it: %d replies, %d of them sent again, all under the id "
          "that they had; shown once each, in order (seed %d)" % (done, replies, again, asked.seed))


if __name__ == "__main__":
    main()
