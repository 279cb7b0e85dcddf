"""Kills the gateway with SIGKILL while jobs of every second begin and end, and starts it again,
several times. Each occurrence runs once: it has one message in the inbox, one answer in its
conversation and one row in the history, and none that was begun is missing.

usage: jobs.py OPENCLAW_BINARY"""

import json
import os
import random
import sqlite3
import sys

from gateway import Gateway

ROUNDS = 8
TARGETS = {"a": "isolated", "b": "isolated", "c": "main", "d": "session:news"}


def job(name):
    return {"id": name, "name": name, "schedule": {"kind": "every", "everyMs": 1000},
            "sessionTarget": TARGETS[name], "payload": {"kind": "agentTurn", "message": "job " + name}}


def wait_for(client, count, begun):
    """Reads so many events of jobs; the runs that were said to have ended."""
    ended = []
    while count > 0:
        frame = client.receive()
        if frame.get("event") != "cron":
            continue
        count -= 1
        payload = frame["payload"]
        if payload["action"] == "started":
            begun.add((payload["jobId"], payload["runAtMs"]))
        elif payload["action"] == "finished":
            assert payload["status"] == "ok", payload
            ended.append(payload["runId"])
    return ended


def check_database(state, begun, ended):
    with sqlite3.connect(os.path.join(state, "openclaw.db")) as db:
        inbox = dict(db.execute("SELECT run_id, state FROM inbox"))
        answers = db.execute("SELECT run_id FROM transcript WHERE role = 'assistant'").fetchall()
        questions = db.execute("SELECT run_id FROM transcript WHERE role = 'user'").fetchall()
        history = [json.loads(body) for (body,) in
                   db.execute("SELECT body FROM records WHERE kind = 'cron_run' ORDER BY id")]
        jobs = {name: json.loads(body) for name, body in
                db.execute("SELECT id, body FROM records WHERE kind = 'cron_job'")}
    db.close()
    runs = [row["runId"] for row in history]
    assert len(set(runs)) == len(runs), "twice in the history: %s" % runs
    assert len(set(answers)) == len(answers), "answered twice: %s" % answers
    assert sorted(answers) == sorted(questions)
    assert all(name.startswith("cron:") for name in inbox), inbox
    assert set(ended) <= set(runs)
    done = {name for name, state_of in inbox.items() if state_of == 2}
    assert {run for (run,) in answers} == done, (answers, inbox)
    # What had begun when the gateway stopped is told of by the next one.
    assert set(runs) <= done and len(done - set(runs)) <= sum("running" in j["state"] for j in jobs.values())
    known = {(row["jobId"], row["runAtMs"]) for row in history}
    known |= {(name, j["state"]["running"]["startedMs"]) for name, j in jobs.items() if "running" in j["state"]}
    assert begun <= known, "begun and forgotten: %s" % (begun - known)
    for name in TARGETS:
        times = [row["runAtMs"] for row in history if row["jobId"] == name]
        assert times == sorted(times), times
    return len(runs)


def main():
    chance = random.Random(4)
    begun, ended = set(), []
    with Gateway(sys.argv[1], "jobs") as gateway:
        gateway.configure(cron={"jobs": [job(name) for name in TARGETS]})
        for _ in range(ROUNDS):
            client = gateway.start()
            ended += wait_for(client, chance.randrange(1, 2 * len(TARGETS)), begun)
            gateway.kill()
            client.close()
        client = gateway.start()
        # All that was begun before has ended: the next ones of each job begin after it.
        ended += wait_for(client, 4 * len(TARGETS), begun)
        client.close()
        code = gateway.terminate()
        assert code == 0, code
        runs = check_database(gateway.state, begun, ended)
    assert len(begun) > ROUNDS, "too few runs to mean anything"
    print("%d runs of %d jobs over %d kills, each once" % (runs, len(TARGETS), ROUNDS))


if __name__ == "__main__":
    main()
