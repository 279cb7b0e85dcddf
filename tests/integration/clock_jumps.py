"""Sets the clock that the gateway sees forward and back (libfaketime) while it takes and answers messages, keeps
time limits and runs a job each second, and stops and starts it under other clocks. Its own ledger says: 0 lost,
0 double, 0 out of order, no turn timed out, no occurrence of the job ran twice.

usage: clock_jumps.py OPENCLAW_BINARY [--rounds N] [--seed S]

Exit code 77, with the reason, where libfaketime is not to be had, as with a binary with a sanitizer."""

import argparse
import glob
import json
import os
import random
import sqlite3
import subprocess
import sys
import time

from gateway import Gateway
from jobs import wait_for
from ledger import Ledger, check_store
from sudden_end import PLACES, check

HOUR, YEAR = 3600, 365 * 24 * 3600
JUMPS = [HOUR, -HOUR, 10 * YEAR, 2 ** 31 - 1751328000, 24 * HOUR, -30 * 24 * HOUR, 1, -1, 0]   # from now, in s
JOB = {"id": "a", "name": "a", "schedule": {"kind": "every", "everyMs": 1000}, "sessionTarget": "isolated",
       "payload": {"kind": "agentTurn", "message": "tick"}}


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def why_not(binary):
    if library() is None:
        return "there is no libfaketime"
    tried = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False,
                           env={**os.environ, "LD_PRELOAD": library()})
    return tried.stderr.strip() if tried.returncode != 0 or tried.stderr else ""


class Clock:
    """What the gateway takes for the time of day; the steady clock stays as it is."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "clock")
        self.jump(0)

    def jump(self, seconds):
        with open(self.file + ".new", "w", encoding="utf-8") as out:
            out.write("%+d\n" % seconds)
        os.replace(self.file + ".new", self.file)

    def variables(self):
        return {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def talk(client, ledger, number):
    """A message to each place; all of them are acknowledged."""
    for place in PLACES:
        key = "%s-%d" % (place.name, number)
        message = ledger.add(place, "say " + key, key)
        ledger.acknowledge(message, client.result(place.send(client, message)))


def check_jobs(state):
    """Each occurrence has one answer and one row; how many ran, and the latest time that was seen, in s."""
    with sqlite3.connect(os.path.join(state, "openclaw.db")) as db:
        rows = [json.loads(row[0]) for row in db.execute("SELECT body FROM records WHERE kind = 'cron_run'")]
        history = [row["runId"] for row in rows if row["status"] != "skipped"]
        answers = [row[0] for row in db.execute("SELECT run_id FROM transcript WHERE role = 'assistant' AND "
                                                "run_id LIKE 'cron:%'")]
        latest = db.execute("SELECT max(at) FROM transcript").fetchone()[0] / 1000
    db.close()
    assert len(set(history)) == len(history), history
    assert len(set(answers)) == len(answers), answers
    assert set(history) <= set(answers), (history, answers)
    return len(answers), latest


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    reason = why_not(asked.binary)
    if reason:
        print("SKIP " + reason)
        sys.exit(77)
    chance = random.Random(asked.seed)
    with Gateway(asked.binary, "clock") as gateway:
        gateway.configure(cron={"jobs": [JOB]})
        clock = Clock(gateway.home)
        ledger = Ledger(gateway)
        number = jumps = 0
        for turn in range(asked.rounds):
            client = gateway.start(**clock.variables())
            for jump in chance.sample(JUMPS, len(JUMPS)):
                clock.jump(jump)
                jumps += 1
                talk(client, ledger, number)
                number += 1
            check(ledger, client)
            # The job goes on. After a clock that was less than three hours ahead it would rather wait than
            # run an occurrence twice, so this is later than all that was seen.
            clock.jump(4 * HOUR * (turn + 1))
            wait_for(client, 2, set())
            client.close()
            if chance.random() < 0.5:
                gateway.kill()
            else:
                assert gateway.terminate() == 0
        clock.jump(0)
        client = gateway.start(**clock.variables())
        check(ledger, client)
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
        runs, latest = check_jobs(gateway.state)
        assert latest > time.time() + 9 * YEAR, "the gateway has not seen these clocks"
        assert runs >= asked.rounds, "the job has hardly run"
    print("PASS %d messages over %d jumps of the clock: 0 lost, 0 double, 0 out of order, 0 timed out; "
          "a job ran %d times, each once (seed %d)" % (len(ledger.messages), jumps, runs, asked.seed))


if __name__ == "__main__":
    main()
