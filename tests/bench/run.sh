#!/usr/bin/env bash
# Runs the benchmarks side by side with nginx and prints the table of docs/benchmarks.md.
# See --help.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in wrk nginx python3; do
    PATH="$PATH:/usr/sbin" command -v "$tool" >/dev/null || {
        echo "$tool is missing; packaging/test.sh installs what the benchmarks need." >&2
        exit 1
    }
done

# Ten thousand connections need their descriptors, in the loader and in the gateway.
ulimit -n "$(ulimit -Hn)"

case " $* " in
*" --help "* | *" -h "* | *" --list "* | *" --no-build "*) ;;
*)
    cmake --preset bench --log-level=WARNING >/dev/null
    cmake --build --preset bench >&2
    ;;
esac
exec python3 -B tests/bench/bench.py "$@"
