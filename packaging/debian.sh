# Sourced by quickstart.sh and test.sh: Debian packages, installed only where they are missing.
# shellcheck shell=sh

# What the build needs, and for the running gateway ca-certificates (TLS) and tzdata (time zones).
# shellcheck disable=SC2034
BUILD_PACKAGES="g++ cmake ninja-build libboost1.81-dev nlohmann-json3-dev libsimdjson-dev libspdlog-dev libfmt-dev
libmimalloc-dev libssl-dev libcli11-dev libsqlite3-dev libcctz-dev prometheus-cpp-dev ca-certificates tzdata"

say() {
    printf '\n==> %s\n' "$*" >&2
}

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

is_debian_12() {
    # shellcheck disable=SC1091
    [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID-}" = debian ] && [ "${VERSION_ID-}" = 12 ])
}

# The packages among the arguments that are not installed.
missing_packages() {
    for package in "$@"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=none
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "These Debian packages are missing, and installing them needs root:
    apt-get install $missing
Run that as root, or this script as root, and then again."
    fi
    say "Installing: $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
        fail "apt-get update failed. Check the network and /etc/apt/sources.list, then run this again."
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing ||
        fail "apt-get could not install: $missing
The lines above say why. Run this again once that is settled."
}

# The number of compilers to run at once: one per core, and 1.5 GB of free memory for each.
build_jobs() {
    cores=$(nproc 2>/dev/null || echo 1)
    free_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || true)
    by_memory=$(( ${free_kb:-4000000} / 1500000 ))
    [ "$by_memory" -ge 1 ] || by_memory=1
    [ "$cores" -le "$by_memory" ] && echo "$cores" || echo "$by_memory"
}
