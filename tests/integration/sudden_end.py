"""One death of the gateway while it takes and answers messages, and what is left of them. For the drivers
that differ in how it dies."""

from gateway import Ended, Gateway
from ledger import Ledger, Place, check_store

PLACES = [Place("one"), Place("two"), Place("anna", peer=True)]
MESSAGES = 6      # to each place


def live(gateway, ledger):
    """One life, until everything is answered; True if it was ended before."""
    try:
        client = gateway.start()
    except Ended:
        return True
    try:
        ledger.send_rest(client)
        ledger.wait_for_answers(client)
        return False
    except (OSError, AssertionError) as e:
        # A turn that cannot be kept because the process ends is told as a failure, if at all.
        if isinstance(e, OSError) or gateway.process.wait(20) is not None:
            return True
        raise
    finally:
        client.close()


def one_death(binary, name, prefix, expected):
    """`prefix(state)`: the command that lets the gateway of this state folder die, with one of the codes
    `expected`. Whether it did, and how many messages were acknowledged before."""
    with Gateway(binary, name) as gateway:
        ledger = Ledger(gateway)
        for number in range(MESSAGES):
            for place in PLACES:
                key = "%s-%d" % (place.name, number)
                ledger.add(place, "say " + key, key)
        gateway.prefix = prefix(gateway.state)
        ended = live(gateway, ledger)
        if not ended:   # it came to its end before
            gateway.kill()
        else:
            code = gateway.wait()
            assert code in expected, "%d\n%s" % (code, gateway.output())
        acknowledged = len(ledger.acknowledged)
        gateway.prefix = ()
        client = gateway.start()
        ledger.send_rest(client)
        check(ledger, client)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
        return ended, acknowledged


def check(ledger, client):
    ledger.wait_for_answers(client)
    for place in PLACES:
        page = client.call("chat.history", {"sessionKey": place.session, "limit": 1000})
        rows = [(m["role"], m["__openclaw"]["runId"]) for m in page["messages"]]
        wanted = [(role, run) for run in ledger.of(place) for role in ("user", "assistant")]
        assert rows == wanted, (place.name, rows, wanted)
