"""Cuts the power while the gateway takes and answers messages: at the n-th write or sync of the database's
files everything that was not synced is lost, or a drawn half of its sectors, and the process is killed
(power_cut.cpp, by LD_PRELOAD). Started again each time, the driver's own ledger says: 0 lost, 0 double, 0 out
of order.

usage: power_cut.py OPENCLAW_BINARY LIBRARY [--cuts N] [--seed S]

Exit code 77, with the reason, where the library cannot be loaded, as into a binary with a sanitizer."""

import argparse
import os
import random
import signal
import subprocess
import sys

from sudden_end import one_death

LATEST = 700   # which of the writes and syncs it is, at most


def why_not(binary, library):
    tried = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False,
                           env={**os.environ, "LD_PRELOAD": library})
    return tried.stderr.strip() if tried.returncode != 0 or tried.stderr else ""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("library")
    options.add_argument("--cuts", type=int, default=12)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    library = os.path.abspath(asked.library)
    reason = why_not(asked.binary, library)
    if reason:
        print("SKIP " + reason)
        sys.exit(77)
    chance = random.Random(asked.seed)
    cuts = total = 0
    for number in range(asked.cuts):
        at, seed = chance.randrange(1, LATEST + 1), chance.randrange(10 ** 9)
        command = ["env", "LD_PRELOAD=" + library, "POWER_CUT_AT=%d" % at, "POWER_CUT_SEED=%d" % seed]
        try:
            ended, acknowledged = one_death(asked.binary, "power-cut", lambda state: command,
                                            (-signal.SIGKILL,))
        except BaseException:
            print("FAIL in round %d at write %d, seed of the cut %d, seed %d"
                  % (number, at, seed, asked.seed))
            raise
        cuts += ended
        total += acknowledged
    assert cuts > asked.cuts // 2, "most of them came too late to mean anything"
    print("PASS %d power cuts, %d acknowledged before one: 0 lost, 0 double, 0 out of order (seed %d)"
          % (cuts, total, asked.seed))


if __name__ == "__main__":
    main()
