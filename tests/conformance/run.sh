#!/bin/sh
# Holds the built binary against clients and servers that others wrote. See --help.
set -eu

usage() {
    cat <<'EOF'
usage: tests/conformance/run.sh [BINARY] [NAME...]

Runs every check_<name>.mjs (or those that are named) against BINARY, build/dev/openclaw if not
given. Each check is a line that begins with PASS or FAIL, or with SKIP and the reason why it cannot
run here; the last line is "N passed, N failed, N skipped", and the exit code is 0 only if none failed. The npm packages of package.json are kept in
build/conformance: about 0.9 GB, because the published command line and a Node for it are among
them. The checks reach nothing beyond this machine.

example: tests/conformance/run.sh build/release/openclaw openai tools
EOF
}

case "${1-}" in
--help | -h)
    usage
    exit 0
    ;;
esac

cd "$(dirname "$0")/../.."
binary=build/dev/openclaw
if [ $# -gt 0 ]; then
    binary=$1
    shift
fi
if [ ! -x "$binary" ]; then
    echo "FAIL there is no binary at $binary; build it: cmake --build --preset dev --target openclaw"
    exit 1
fi
OPENCLAW_BINARY=$(realpath "$binary")
export OPENCLAW_BINARY

# The scripts run next to the packages: Node looks for modules beside the file that imports them.
cache=build/conformance
mkdir -p "$cache"
if [ ! -d "$cache/node_modules" ] || ! cmp -s tests/conformance/package.json "$cache/package.json"; then
    cp tests/conformance/package.json "$cache/"
    (cd "$cache" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error) || {
        rm -f "$cache/package.json"
        echo "FAIL the npm packages cannot be installed"
        exit 1
    }
fi
# The published clients want a newer Node than Debian 12 has; on another kind of machine its own has to do.
node=node
for own in "$cache"/node_modules/node-linux-*/bin/node; do
    if [ -x "$own" ]; then node=$own; fi
done
rm -f "$cache"/*.mjs
cp tests/conformance/*.mjs "$cache/"

if [ $# -eq 0 ]; then
    for script in "$cache"/check_*.mjs; do
        name=$(basename "$script" .mjs)
        set -- "$@" "${name#check_}"
    done
fi

log="$cache/run.log"
: >"$log"
for name in "$@"; do
    {
        PATH="$PATH:/usr/sbin" "$node" "$cache/check_$name.mjs" 2>&1 ||
            echo "FAIL $name: the script ended with an error"
    } | tee -a "$log"
done
passed=$(grep -c '^PASS ' "$log" || true)
failed=$(grep -c '^FAIL ' "$log" || true)
skipped=$(grep -c '^SKIP ' "$log" || true)
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
