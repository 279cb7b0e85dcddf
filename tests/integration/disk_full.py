"""Fills the disk of a gateway, a small tmpfs in a mount namespace of its own, and frees it again: nothing
is acknowledged without its row, what was is answered once, reads and /health go on, and so does the
gateway by itself when there is space. Then it is killed on a full disk: it does not start there, says why,
and with space has lost nothing.

usage: disk_full.py OPENCLAW_BINARY [--megabytes N]

It exits with 77, and says why, where it may not mount."""

import argparse
import errno
import json
import os
import shutil
import subprocess
import sys
import time

from gateway import DEADLINE, Gateway
from ledger import Ledger, Place, check_store, words

PLACES = [Place("full-%d" % i) for i in range(4)]
TEXT = 20_000     # bytes of a message; its answer has as many
SKIPPED = 77


def enter_namespace():
    """Runs this script again where it may mount; comes back there, and nowhere else."""
    if os.environ.get("OPENCLAW_OWN_MOUNTS") == "1":
        return
    why = "there is no unshare"
    for unshare in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        if shutil.which(unshare[0]) is None:
            break
        probe = subprocess.run([*unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True,
                               text=True, check=False)
        if probe.returncode == 0:
            sys.exit(subprocess.run([*unshare, sys.executable, "-B", *sys.argv], check=False,
                                    env={**os.environ, "OPENCLAW_OWN_MOUNTS": "1"}).returncode)
        why = probe.stderr.strip()
    print("SKIP no file system can be mounted here: " + why)
    sys.exit(SKIPPED)


def send(client, ledger, number):
    """One message to each place; the errors of those that were refused."""
    pending, errors = {}, []
    for place in PLACES:
        key = "%s-%d" % (place.name, number)
        message = ledger.add(place, key + " " + "x" * TEXT, key)
        pending[place.send(client, message)] = message
    while pending:
        frame = client.response()
        message = pending.pop(frame["id"], None)
        if message is None:
            continue
        if frame["ok"]:
            ledger.acknowledge(message, frame["payload"])
        else:
            errors.append(frame["error"])
            ledger.messages.remove(message)
    return errors


def fill(client, ledger, first):
    for number in range(first, first + 10_000):
        errors = send(client, ledger, number)
        if errors:
            assert "disk is full" in json.dumps(errors), errors
            return number + 1
    raise AssertionError("the disk does not get full")


def check_while_full(gateway, client, ledger):
    """It says so to whoever sends, tells it of its health, and reads go on; how slow /health was."""
    body = {"message": "y" * TEXT}
    status, headers, text = gateway.ask("POST", "/api/sessions/agent%3Amain%3Afull-0/messages", body)
    assert status == 507 and int(headers["Retry-After"]) > 0, (status, headers, text)
    slowest = 0.0
    for _ in range(50):
        begun = time.monotonic()
        store = gateway.health()["store"]
        slowest = max(slowest, time.monotonic() - begun)
        assert store["status"] == "degraded", store
    for place in PLACES:
        page = client.call("chat.history", {"sessionKey": place.session, "limit": 2})
        assert page["messages"], place.name
    return slowest


def until_taken(client, ledger, number):
    """Sends until a message is taken; how long that took, and the next number."""
    begun = time.monotonic()
    while send(client, ledger, number):
        assert time.monotonic() - begun < DEADLINE, "it does not go on"
        number += 1
        time.sleep(0.05)
    return time.monotonic() - begun, number + 1


def check(client, ledger):
    """Each message that was acknowledged is answered once, in order; no other is there."""
    for message in ledger.messages:
        run = client.call("agent.wait", {"runId": message.run, "timeoutMs": 20000})
        assert run["status"] == "ok", (message.key, run["status"])
    for place in PLACES:
        rows, before = [], {}
        while True:
            page = client.call("chat.history", {"sessionKey": place.session, "limit": 20, **before})
            rows = page["messages"] + rows
            if not page["hasMore"]:
                break
            before = {"offset": len(rows)}
        runs = [m["__openclaw"]["runId"] for m in rows]
        assert runs[0::2] == runs[1::2] == ledger.of(place), (place.name, runs, ledger.of(place))
        for row in rows:
            assert row["__openclaw"]["runId"] in words(row), row["__openclaw"]


def take_all(ballast):
    """Leaves no byte free on the disk."""
    with open(ballast, "ab", buffering=0) as out:
        try:
            while out.write(b"\0" * 4096):
                pass
        except OSError as full:
            assert full.errno == errno.ENOSPC, full


def goes_on_by_itself(gateway, ledger, ballast):
    """Its first life: what /health took while the disk was full, and how long it took to go on."""
    client = gateway.start()
    number = fill(client, ledger, 0)
    slowest = check_while_full(gateway, client, ledger)
    os.remove(ballast)
    took, number = until_taken(client, ledger, number)
    check(client, ledger)
    assert gateway.health()["store"]["status"] == "healthy", gateway.health()
    take_all(ballast)
    fill(client, ledger, number)
    gateway.kill()
    client.close()
    return slowest, took


def comes_back(gateway, ledger, ballast):
    take_all(ballast)
    code, said = gateway.refuse()
    assert code > 0 and "o space left" in said and "Free some space" in said, (code, said)
    os.remove(ballast)
    client = gateway.start()
    check(client, ledger)
    client.close()
    assert gateway.terminate() == 0
    check_store(gateway.state)


def run(binary, megabytes):
    with Gateway(binary, "full") as gateway:
        os.makedirs(gateway.state, mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700,size=%dm" % megabytes, "tmpfs",
                        gateway.state], check=True)
        try:
            ballast = os.path.join(gateway.state, "ballast")
            with open(ballast, "wb") as out:
                out.write(b"\0" * (megabytes << 20 >> 1))
            ledger = Ledger(gateway)
            slowest, took = goes_on_by_itself(gateway, ledger, ballast)
            comes_back(gateway, ledger, ballast)
        finally:
            if gateway.process is not None and gateway.process.poll() is None:
                gateway.kill()
            subprocess.run(["umount", gateway.state], check=True)
        return len(ledger.acknowledged), slowest, took


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--megabytes", type=int, default=32)
    asked = options.parse_args()
    enter_namespace()
    acknowledged, slowest, took = run(asked.binary, asked.megabytes)
    print("PASS %d messages acknowledged, each answered once, also after a kill on the full disk; /health took "
          "%.0f ms at most meanwhile; it went on %.1f s after there was space"
          % (acknowledged, slowest * 1000, took))


if __name__ == "__main__":
    main()
