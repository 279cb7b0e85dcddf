"""Ends the gateway in the middle of the system calls that reach the disk: `strace` kills it at the n-th write
to, and the n-th sync of, the database's files; then it lets a sync fail (EIO). Started again each time, the
driver's own ledger says: 0 lost, 0 double, 0 out of order; after a failed sync the process ended by itself.

usage: syscalls.py OPENCLAW_BINARY [--deaths N] [--seed S]

--deaths: how many at each kind of call (4). Exit code 77, with the reason, where strace is not to be had."""

import argparse
import random
import shutil
import signal
import subprocess
import sys

from sudden_end import one_death

CALLS = ["pwrite64", "fdatasync"]
LATEST = 60       # which of the calls it is, at most


def why_not():
    if shutil.which("strace") is None:
        return "there is no strace"
    tried = subprocess.run(["strace", "-D", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "strace may not trace here: " + tried.stderr.decode().strip()


def traced(state, call, what, nth):
    """The gateway is the child of its caller, the tracer is nobody's (-D)."""
    files = [word for name in ("", "-wal") for word in ("-P", state + "/openclaw.db" + name)]
    return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", *files, "-e", "trace=" + call, "-e",
            "inject=%s:%s:when=%d" % (call, what, nth)]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--deaths", type=int, default=4)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    reason = why_not()
    if reason:
        print("SKIP " + reason)
        sys.exit(77)
    chance = random.Random(asked.seed)
    kinds = [(call, "signal=SIGKILL", (-signal.SIGKILL,)) for call in CALLS]
    # 1 while it works, 78 when it cannot even start.
    kinds.append(("fdatasync", "error=EIO", (1, 78)))
    total = 0
    for call, what, expected in kinds:
        deaths = 0
        for nth in sorted(chance.sample(range(1, LATEST + 1), asked.deaths)):
            try:
                ended, acknowledged = one_death(
                    asked.binary, "syscalls", lambda state: traced(state, call, what, nth), expected)
            except BaseException:
                print("FAIL at %s %s, number %d, seed %d" % (call, what, nth, asked.seed))
                raise
            deaths += ended
            total += acknowledged
        assert deaths > 0, "nothing was ended at " + call
        print("%s %s: %d deaths" % (call, what, deaths))
    print("PASS %d acknowledged before a death: 0 lost, 0 double, 0 out of order (seed %d)"
          % (total, asked.seed))


if __name__ == "__main__":
    main()
