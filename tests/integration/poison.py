"""A message whose turn ends the gateway each time: after five deaths on record it is a dead letter, its
sender is told so, the next message of its session is answered, and turns that only ran beside it are not
put aside with it. Then the command line says it again, or throws it away in every second round. The
binary has to be one of a test build.

usage: poison.py OPENCLAW_BINARY [--rounds N]"""

import argparse
import json
import signal

from gateway import DEADLINE, Ended, Gateway
from ledger import Ledger, Place, check_store
from provider import Provider

STEP_BEGINS, REPLY_GONE = 4, 9
DEADLY = {"OPENCLAW_FAULT": str(STEP_BEGINS), "OPENCLAW_FAULT_TEXT": "poison"}
ANNA = Place("anna", peer=True)


def until_it_stays(gateway, ledger):
    """Starts the gateway until it lives; how often it died, and the client of the life that stays."""
    deaths = 0
    while deaths < 20:
        try:
            client = gateway.start(OPENCLAW_FAULT_TRACE=ledger.trace, **DEADLY)
            ledger.send_rest(client)
            for message in ledger.messages:
                run = client.call("agent.wait", {"runId": message.run, "timeoutMs": 15000})
                wanted = "error" if "poison" in message.text else "ok"
                assert run["status"] == wanted, (message.text, run)
            return deaths, client
        except (Ended, OSError):
            assert gateway.process.wait(DEADLINE) == -signal.SIGKILL, gateway.output()
            deaths += 1
    raise AssertionError("it was not put aside")


def check_told(client, ledger, poison):
    gone = ledger.passed(REPLY_GONE)
    assert gone.count(poison.run + ":1") == 1, "its sender was told %d times" % gone.count(poison.run + ":1")
    page = client.call("chat.history", {"sessionKey": ANNA.session, "limit": 10})
    assert "was put aside" in json.dumps(page["messages"][1]), page
    assert page["messages"][-1]["__openclaw"]["runId"] == ledger.messages[-1].run, page


def by_the_command_line(gateway, poison, retry):
    """Looks at it and has it said again, or thrown away, in a gateway that the message does not end."""
    letters = json.loads(gateway.cli("sessions", "dead-letters", "list", "--json"))["letters"]
    assert [x["runId"] for x in letters] == [poison.run], letters
    assert poison.text in gateway.cli("sessions", "dead-letters", "list")
    shown = gateway.cli("sessions", "dead-letters", "show", poison.run)
    assert poison.text in shown and "anna" in shown, shown
    if retry:
        again = json.loads(gateway.cli("sessions", "dead-letters", "retry", poison.run, "--json"))
        client = gateway.connect()
        run = client.call("agent.wait", {"runId": again["runId"], "timeoutMs": 10000})
        assert run["status"] == "ok" and run["terminalReply"]["text"] == "re: " + poison.text, run
        client.close()
    else:
        assert "Thrown away" in gateway.cli("sessions", "dead-letters", "discard", poison.run)
    assert "No dead letters" in gateway.cli("sessions", "dead-letters", "list")


def one_round(binary, provider, number):
    with Gateway(binary, "poison") as gateway:
        gateway.configure(**provider.settings())
        ledger = Ledger(gateway)
        beside = [ledger.add(Place("beside-%d" % i), "slow %d-%d" % (number, i), "b%d" % i) for i in range(3)]
        poison = ledger.add(ANNA, "poison tool %d" % number, "p")
        ledger.add(ANNA, "and now %d" % number, "n")
        deaths, client = until_it_stays(gateway, ledger)
        # The first attempt is not awaited, so that one death may not be on record.
        assert deaths in (5, 6), "put aside after %d deaths" % deaths
        ledger.wait_for_replies()
        check_told(client, ledger, poison)
        for message in beside:
            ledger.check_transcript(client, message.place)
        client.close()
        assert gateway.terminate() == 0
        gateway.start(OPENCLAW_FAULT_TRACE=ledger.trace).close()
        by_the_command_line(gateway, poison, retry=number % 2 == 0)
        assert gateway.terminate() == 0
        check_store(gateway.state)
        return deaths


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--rounds", type=int, default=2)
    asked = options.parse_args()
    provider = Provider()
    deaths = [one_round(asked.binary, provider, i) for i in range(asked.rounds)]
    provider.close()
    print("PASS put aside after %s deaths, its sender told once, what ran beside it answered once"
          % ", ".join(str(d) for d in sorted(set(deaths))))


if __name__ == "__main__":
    main()
