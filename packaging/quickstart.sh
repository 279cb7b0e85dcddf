#!/bin/sh
# From a clone to a running gateway in one command. See --help.
set -eu

usage() {
    cat <<'EOF'
usage: packaging/quickstart.sh [--build-only] [arguments of `openclaw gateway run`]

Installs what the build needs (Debian 12, by apt; root or sudo), builds openclaw in
build/release, and starts the gateway in this terminal. A second run skips what is done.

  --build-only   stop before the start
  --help         this text

example: packaging/quickstart.sh --port 18790
EOF
}

# On another system nothing is installed: either all is there, or the text says what is not.
check_other_system() {
    lacking=""
    for tool in c++ cmake ninja; do
        command -v "$tool" >/dev/null || lacking="$lacking $tool"
    done
    for header in boost/asio/awaitable.hpp nlohmann/json.hpp simdjson.h spdlog/spdlog.h \
        fmt/format.h mimalloc.h openssl/ssl.h CLI/CLI.hpp sqlite3.h prometheus/registry.h; do
        printf '#include <%s>\n' "$header" | c++ -std=c++20 -E -x c++ - >/dev/null 2>&1 ||
            lacking="$lacking <$header>"
    done
    [ -z "$lacking" ] && return 0
    fail "This is not Debian 12, so nothing was installed. Missing here:$lacking
The names of the packages on Debian 12 are:
$BUILD_PACKAGES
Install the like of them (g++ 12 or newer, CMake 3.25, Boost 1.81) and run this again."
}

build_only=no
case "${1-}" in
--help | -h)
    usage
    exit 0
    ;;
--build-only)
    build_only=yes
    shift
    ;;
esac

cd "$(dirname "$0")/.."
. packaging/debian.sh

if is_debian_12; then
    # shellcheck disable=SC2086
    install_packages $BUILD_PACKAGES
else
    check_other_system
fi

say "Configuring"
cmake --preset release --log-level=WARNING >/dev/null ||
    fail "CMake could not configure the build; the lines above say why.
If build/release was made for another folder or compiler, remove it and run this again."

say "Building openclaw (some minutes the first time)"
cmake --build --preset release -j "$(build_jobs)" ||
    fail "The build failed; the first error above is the one to look at."

if [ "$build_only" = yes ]; then
    say "Built: $(pwd)/build/release/openclaw"
    exit 0
fi
say "Starting the gateway; Ctrl-C stops it"
exec build/release/openclaw gateway run --verbose "$@"
