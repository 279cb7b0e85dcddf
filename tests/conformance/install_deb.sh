#!/bin/sh
# Installs the package, uses it, removes and purges it, on a copy of this machine that is gone afterwards.
# As root, in a mount namespace of its own: unshare -m install_deb.sh PACKAGE FOLDER PORT
set -eu

package=$(realpath "$1")
folder=$2
port=$3

if [ "${4-}" != inside ]; then
    mount -t tmpfs openclaw "$folder"
    mkdir "$folder/changes" "$folder/work" "$folder/root"
    mount -t overlay openclaw -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work" "$folder/root"
    mount -t proc proc "$folder/root/proc"
    mount --bind /dev "$folder/root/dev"
    mkdir -p "$folder/root/tmp/package"
    cp "$package" "$0" "$folder/root/tmp/package/"
    # Where systemd's folder is missing, the package's scripts start and stop nothing.
    rm -rf "$folder/root/run/systemd/system"
    exec chroot "$folder/root" /bin/sh "/tmp/package/$(basename "$0")" \
        "/tmp/package/$(basename "$package")" / "$port" inside
fi

must() {
    "$@" || {
        echo "failed: $*"
        exit 1
    }
}
must_not() {
    if "$@"; then
        echo "should have failed: $*"
        exit 1
    fi
}
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
wanted=/etc/systemd/system/multi-user.target.wants/openclaw.service

must dpkg -i "$package"
must openclaw version --verbose
must getent passwd openclaw
must test -L "$wanted"
must test "$(dpkg --verify openclaw)" = ""
for page in openclaw openclaw-gateway; do
    must test -s "/usr/share/man/man1/$page.1.gz"
done
completed=$(bash -c 'source /usr/share/bash-completion/completions/openclaw
    COMP_WORDS=(openclaw gateway ru) COMP_CWORD=2; _openclaw; echo "${COMPREPLY[*]}"')
must test "$completed" = run
command -v zsh >/dev/null && must zsh -n /usr/share/zsh/vendor-completions/_openclaw
command -v fish >/dev/null && must fish -n /usr/share/fish/vendor_completions.d/openclaw.fish

# What the unit does, without systemd: the folders, then the gateway as its user.
must install -d -m 0750 -o openclaw -g openclaw /etc/openclaw
must install -d -m 0700 -o openclaw -g openclaw /var/lib/openclaw
# Words and no function: in the background a function is a shell of its own, and kill would end only that.
as_service="setpriv --reuid openclaw --regid openclaw --clear-groups
    env -i PATH=/usr/bin OPENCLAW_HOME=/var/lib/openclaw
    openclaw --config /etc/openclaw/openclaw.json --state-dir /var/lib/openclaw"
# shellcheck disable=SC2086
$as_service gateway run --port "$port" >/tmp/package/gateway.log 2>&1 &
gateway=$!
# Nothing of this outlives the script, or its caller waits for ever.
trap 'kill "$gateway" 2>/dev/null || true' EXIT
tries=0
until $as_service health >/dev/null 2>&1; do
    tries=$((tries + 1))
    must test "$tries" -lt 300
    sleep 0.1
done
must $as_service message send --to test --message hello --wait
must grep -q token /etc/openclaw/openclaw.json
# root of this machine reaches it too, by the socket in the state folder
must openclaw --state-dir /var/lib/openclaw --config /etc/openclaw/openclaw.json health
kill "$gateway"
must wait "$gateway"

must dpkg -i "$package"
must test -L "$wanted"
must dpkg -r openclaw
must_not test -e /usr/bin/openclaw
must test -s /etc/openclaw/openclaw.json
must dpkg -P openclaw
must_not test -e /etc/openclaw
must_not test -e /var/lib/openclaw
must_not test -e "$wanted"
echo "installed, used, removed and purged"
