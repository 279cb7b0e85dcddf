#!/bin/sh
# All tests in one command. See --help.
set -eu

usage() {
    cat <<'EOF'
usage: packaging/test.sh [--preset dev|asan|tsan|coverage] [--no-conformance] [arguments of ctest]

Installs what the build and the tests need (Debian 12, by apt; root or sudo), builds the preset,
runs its tests, and then, with the preset dev, tests/conformance/run.sh. The last lines are CTest's
summary. The exit code is 0 only if everything passed.

  --preset NAME      a test preset of CMakePresets.json; dev if not given
  --no-conformance   leave tests/conformance out
  --help             this text

example: packaging/test.sh --preset asan -R core
EOF
}

TEST_PACKAGES="libgtest-dev libgmock-dev"
# command:package; a command that is there already, from wherever, will do
TEST_COMMANDS="python3:python3 curl:curl git:git strace:strace faketime:faketime
promtool:prometheus nginx:nginx-light caddy:caddy haproxy:haproxy openssl:openssl lintian:lintian
patchelf:patchelf systemd-sysusers:systemd wrk:wrk node:nodejs npm:npm"

preset=dev
conformance=yes
while [ $# -gt 0 ]; do
    case "$1" in
    --preset)
        preset=${2:?"--preset wants a name"}
        shift 2
        ;;
    --no-conformance)
        conformance=no
        shift
        ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) break ;;
    esac
done

cd "$(dirname "$0")/.."
. packaging/debian.sh

# nginx, caddy, haproxy and prometheus come with services that their packages would start; the tests only want the
# programs. Debian asks /usr/sbin/policy-rc.d before it starts anything at installation: one that
# says no (101) stands there for as long as apt runs, unless the machine has its own.
quiet_install() {
    [ -n "$(missing_packages "$@")" ] || return 0
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        install_packages "$@"
        return
    fi
    trap 'as_root rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    install_packages "$@"
    as_root rm -f "$policy"
    trap - EXIT INT TERM
}

for pair in $TEST_COMMANDS; do
    PATH="$PATH:/usr/sbin" command -v "${pair%%:*}" >/dev/null || TEST_PACKAGES="$TEST_PACKAGES ${pair#*:}"
done
if is_debian_12; then
    # shellcheck disable=SC2086
    quiet_install $BUILD_PACKAGES $TEST_PACKAGES
else
    say "Not Debian 12: nothing is installed. The tests need: $BUILD_PACKAGES $TEST_PACKAGES"
fi

say "Configuring preset $preset"
cmake --preset "$preset" --log-level=WARNING >/dev/null
say "Building preset $preset"
cmake --build --preset "$preset" -j "$(build_jobs)"

say "Testing"
log="build/$preset/ctest.log"
status_file="build/$preset/ctest.status"
{
    ctest --preset "$preset" "$@" 2>&1 && echo 0 >"$status_file" || echo $? >"$status_file"
} | tee "$log"
status=$(cat "$status_file")

if [ "$conformance" = yes ] && [ "$preset" = dev ] && [ -x tests/conformance/run.sh ]; then
    say "Conformance"
    if tests/conformance/run.sh; then
        say "Conformance passed"
    else
        status=1
        say "Conformance FAILED; see above"
    fi
fi

# Once more, so that the run ends with it: what failed, and how many of how many.
printf '\n'
sed -n '/^The following tests FAILED:/,/^Errors while/p' "$log"
grep -E '^[0-9]+% tests passed, [0-9]+ tests failed out of [0-9]+' "$log" || status=1
exit "$status"
