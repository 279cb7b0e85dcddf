"""Plays the service manager: what the gateway says to it (sd_notify), the sockets that it is given, and
what `gateway start`, `stop`, `restart`, `status` and `install-daemon` ask of systemctl, for which a script
stands here that writes down what it is called with. The real systemd-analyze and systemd-sysusers look at
the unit files where they are installed.

usage: service.py OPENCLAW_BINARY"""

import json
import os
import plistlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

import gateway as lib
from gateway import DEADLINE, Gateway

BINARY = os.path.abspath(sys.argv[1])
UNIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/systemd/openclaw.service")
MOST_EXPOSURE = 1.5   # systemd-analyze security

# Writes down its arguments, and does with the process of the test what systemd would.
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>"$HOME/calls"
case "$*" in
*show*)
    pid=$(sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' "$HOME/state/gateway.pid" 2>/dev/null)
    if [ -n "$pid" ]; then state=active; else state=inactive; fi
    printf 'ActiveState=%s\\nSubState=running\\nUnitFileState=enabled\\n' "$state"
    printf 'Result=success\\nNRestarts=2\\nMainPID=%s\\n' "${pid:-0}" ;;
*fail-me*) echo "no such verb" >&2; exit 1 ;;
*) [ ! -e "$HOME/broken" ] || { echo "Failed to connect to bus" >&2; exit 1; } ;;
esac
"""


def is_gone(pid):
    """Also when nobody has taken note of its end."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as text:
            return text.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Manager:
    """The receiving side of NOTIFY_SOCKET."""

    def __init__(self, folder, abstract=False):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = "@openclaw-test-%d" % os.getpid() if abstract else os.path.join(folder, "notify")
        self.socket.bind(self.address.replace("@", "\0", 1))
        self.socket.settimeout(DEADLINE)

    def take(self):
        """One message as a dictionary."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def until(self, name):
        """Everything up to the first message with this name; that one is last."""
        seen = []
        while not seen or name not in seen[-1]:
            seen.append(self.take())
        return seen


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(BINARY, "service")
        self.addCleanup(self.gateway.__exit__, None, None, None)
        self.home = self.gateway.home

    def started(self, abstract=False, **variables):
        manager = Manager(self.home, abstract)
        self.addCleanup(manager.socket.close)
        self.gateway.start(NOTIFY_SOCKET=manager.address, **variables).close()
        return manager


class Notifications(ServiceTest):
    def test_it_says_that_it_is_ready_where_and_that_it_stops(self):
        for abstract in (False, True):
            with self.subTest(abstract=abstract):
                if os.path.exists(os.path.join(self.home, "notify")):
                    os.remove(os.path.join(self.home, "notify"))
                manager = self.started(abstract)
                ready = manager.until("READY")[-1]
                self.assertEqual(ready["READY"], "1")
                self.assertIn("127.0.0.1:%d" % self.gateway.port, ready["STATUS"])
                self.gateway.process.send_signal(signal.SIGTERM)
                self.assertEqual(manager.until("STOPPING")[-1]["STOPPING"], "1")
                self.assertEqual(self.gateway.wait(), 0)
                stages = []
                while select.select([manager.socket], [], [], 0)[0]:
                    stages.append(manager.take().get("STATUS", ""))
                self.assertIn("stopping: store", stages)

    def test_a_restart_in_place_is_a_reload_of_the_same_process(self):
        manager = self.started()
        manager.until("READY")
        self.gateway.process.send_signal(signal.SIGUSR2)
        reloading = manager.until("RELOADING")[-1]
        self.assertLessEqual(int(reloading["MONOTONIC_USEC"]), time.monotonic_ns() // 1000)
        self.assertNotIn("STOPPING", " ".join(" ".join(m) for m in manager.until("READY")))
        self.assertIsNone(self.gateway.process.poll())

    def test_the_watchdog_hears_the_loop_that_serves(self):
        manager = self.started(WATCHDOG_USEC="200000")
        manager.until("READY")
        for _ in range(3):
            manager.until("WATCHDOG")
        # A gateway that stands still says nothing, and goes on when it can.
        self.gateway.process.send_signal(signal.SIGSTOP)
        while select.select([manager.socket], [], [], 0.5)[0]:
            manager.take()
        self.gateway.process.send_signal(signal.SIGCONT)
        manager.until("WATCHDOG")

    def test_a_watchdog_of_another_process_is_none_of_its_business(self):
        manager = self.started(WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.assertNotIn("WATCHDOG", " ".join(" ".join(m) for m in manager.until("READY")))
        self.gateway.process.send_signal(signal.SIGTERM)
        self.assertNotIn("WATCHDOG", " ".join(" ".join(m) for m in manager.until("STOPPING")))

    def test_a_refused_start_is_never_ready(self):
        self.gateway.write_config("{gateway: {nonsense: 1}}")
        manager = Manager(self.home)
        self.addCleanup(manager.socket.close)
        ended = subprocess.run(
            [BINARY, "--config", self.gateway.config, "--state-dir", self.gateway.state, "gateway", "run"],
            capture_output=True, timeout=DEADLINE,
            env={**lib.environment(self.home), "NOTIFY_SOCKET": manager.address})
        self.assertEqual(ended.returncode, 78)
        self.assertEqual(select.select([manager.socket], [], [], 0)[0], [])

    def test_it_serves_on_the_socket_that_it_is_given(self):
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
            port.listen()
            at = port.getsockname()[1]
            script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&%d' % port.fileno()
            process = subprocess.Popen(
                ["sh", "-c", script, "sh", BINARY, "--config", self.gateway.config, "--state-dir",
                 self.gateway.state, "gateway", "run"],
                pass_fds=[port.fileno()], env=lib.environment(self.home), stderr=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            self.gateway.port = at
            status, _, _ = self.gateway.ask("GET", "/health")
            self.assertEqual(status, 200)


class Command(ServiceTest):
    """With a systemctl of the test in front of the machine's."""

    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.home, "bin")
        os.mkdir(self.bin)
        for name in ("systemctl", "journalctl"):
            with open(os.path.join(self.bin, name), "w", encoding="utf-8") as script:
                script.write(SYSTEMCTL if name == "systemctl" else "#!/bin/sh\necho it said this\n")
            os.chmod(script.name, 0o755)
        self.addCleanup(self.end_all)

    def end_all(self):
        pid = self.gateway.written_pid()
        if pid:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def cli(self, *words, place=True, **variables):
        flags = ["--config", self.gateway.config, "--state-dir", self.gateway.state] if place else []
        env = {**lib.environment(self.home), "PATH": self.bin + ":" + os.environ["PATH"], **variables}
        return subprocess.run([BINARY, *flags, *words], capture_output=True, text=True, env=env,
                              timeout=4 * DEADLINE, stdin=subprocess.DEVNULL)

    def said(self, *words, code=0, **more):
        done = self.cli(*words, **more)
        self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def calls(self):
        path = os.path.join(self.home, "calls")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as text:
            found = [line.strip() for line in text]
        os.remove(path)
        return [c for c in found if " show " not in c]

    def unit(self, name="openclaw.service"):
        return os.path.join(self.home, ".config/systemd/user", name)

    def install(self, *flags, **more):
        said = self.said("gateway", "install-daemon", "--user", *flags, **more)
        return said, self.calls()


class Background(Command):
    def test_start_waits_until_it_is_ready_and_stop_until_it_is_gone(self):
        said = self.said("gateway", "start")
        pid = self.gateway.written_pid()
        self.assertIn("pid %d" % pid, said)
        self.assertEqual(self.gateway.ask("GET", "/health")[0], 200)
        self.assertEqual(os.getsid(pid), pid)
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink("/proc/%d/fd/%d" % (pid, fd)), "/dev/null")
        self.assertIn("already (pid %d" % pid, self.said("gateway", "start"))
        self.assertIn("pid %d" % pid, self.said("gateway", "restart"))
        self.assertEqual(self.gateway.written_pid(), pid)
        now = json.loads(self.said("gateway", "status", "--json"))
        self.assertTrue(now["running"])
        self.assertEqual((now["pid"], now["service"]), (pid, None))
        self.said("gateway", "stop")
        self.assertTrue(is_gone(pid))
        now = json.loads(self.said("gateway", "status", "--json", code=3))
        self.assertEqual(now["lastExit"]["reason"], "stopped by SIGTERM")
        self.assertEqual(now["lastExit"]["code"], 0)
        self.assertEqual(self.calls(), [])

    def test_start_says_why_it_does_not(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", self.gateway.port))
            holder.listen()
            said = self.said("gateway", "start", code=1)
        self.assertIn("port %d" % self.gateway.port, said)
        self.assertIn("pid %d" % os.getpid(), said)
        self.assertIn("port %d" % self.gateway.port, self.said("gateway", "status", code=3))
        self.gateway.write_config("{gateway: {nonsense: 1}}")
        shutil.rmtree(self.gateway.state)
        self.assertIn("gateway.nonsense", self.said("gateway", "start", code=1))

    def test_a_pid_file_that_a_crash_left_is_recognised(self):
        self.said("gateway", "start")
        pid = self.gateway.written_pid()
        os.kill(pid, signal.SIGKILL)
        while not is_gone(pid):
            time.sleep(0.01)
        self.assertIn("killed or crashed", self.said("gateway", "status", code=3))
        self.assertIn("no gateway is running", self.said("gateway", "stop", code=1))
        self.said("gateway", "start")
        self.assertIn("killed or crashed", self.said("gateway", "status"))
        self.said("gateway", "stop")

    def test_two_starts_at_once_make_one_gateway(self):
        env = {**lib.environment(self.home), "PATH": os.environ["PATH"]}
        both = [subprocess.Popen(
            [BINARY, "--config", self.gateway.config, "--state-dir", self.gateway.state, "gateway", "start"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
        said = [p.communicate(timeout=4 * DEADLINE)[0] for p in both]
        codes = sorted(p.returncode for p in both)
        self.assertIn(codes, ([0, 0], [0, 1]), said)
        pid = self.gateway.written_pid()
        for text in said:
            self.assertIn("pid %d" % pid, text)
        self.said("gateway", "stop")


class Service(Command):
    def test_install_writes_a_unit_and_starts_it(self):
        said, calls = self.install()
        self.assertIn(self.unit(), said)
        self.assertEqual(calls, ["systemctl --user daemon-reload", "systemctl --user enable openclaw.service",
                                 "systemctl --user start openclaw.service"])
        with open(self.unit(), encoding="utf-8") as text:
            unit = text.read()
        self.assertIn("ExecStart=%s --config %s --state-dir %s gateway run\n"
                      % (os.path.realpath(BINARY), self.gateway.config, self.gateway.state), unit)
        self.assertNotIn(lib.TOKEN, unit)
        self.assertEqual(os.stat(self.unit()).st_mode & 0o777, 0o644)

    def test_the_commands_go_to_the_service_manager(self):
        self.install("--no-start")
        self.said("gateway", "start")
        self.assertEqual(self.calls(), ["systemctl --user start openclaw.service"])
        self.gateway.start().close()
        for verb in ("restart", "stop"):
            self.assertIn("user service", self.said("gateway", verb))
            self.assertEqual(self.calls(), ["systemctl --user %s openclaw.service" % verb])
        self.assertIn("user service: active (running), enabled, 2 restarts", self.said("gateway", "status"))
        now = json.loads(self.said("gateway", "status", "--json"))
        self.assertEqual(now["service"]["scope"], "user")
        self.assertEqual(now["service"]["restarts"], 2)
        self.assertEqual(self.gateway.terminate(), 0)

    def test_without_a_place_the_service_is_what_is_meant(self):
        self.install("--no-start")
        self.gateway.start().close()
        self.assertIn("state    " + self.gateway.state, self.said("gateway", "status", place=False))
        elsewhere = self.said("--state-dir", self.home + "/other", "gateway", "stop", place=False, code=1)
        self.assertIn("no gateway is running", elsewhere)
        self.assertEqual(self.calls(), [])

    def test_a_configuration_that_does_not_pass_is_not_restarted_into(self):
        self.install("--no-start")
        self.gateway.start().close()
        self.gateway.write_config("{gateway: {nonsense: 1}}")
        self.calls()
        self.assertIn("gateway.nonsense", self.said("gateway", "restart", code=1))
        self.assertEqual(self.calls(), [])

    def test_what_systemctl_says_is_passed_on(self):
        self.install("--no-start")
        with open(os.path.join(self.home, "broken"), "w", encoding="utf-8"):
            pass
        said = self.said("gateway", "start", code=1)
        self.assertIn("Failed to connect to bus", said)
        self.assertIn("it said this", said)

    def test_with_a_socket_systemd_holds_the_port(self):
        _, calls = self.install("--socket")
        self.assertIn("systemctl --user enable openclaw.socket openclaw.service", calls)
        with open(self.unit("openclaw.socket"), encoding="utf-8") as text:
            self.assertIn("ListenStream=127.0.0.1:%d\n" % self.gateway.port, text.read())
        self.gateway.start().close()
        self.said("gateway", "stop")
        self.assertEqual(self.calls(), ["systemctl --user stop openclaw.socket openclaw.service"])
        self.said("gateway", "restart")
        self.assertEqual(self.calls(), ["systemctl --user restart openclaw.service"])
        self.install()
        self.assertFalse(os.path.exists(self.unit("openclaw.socket")))

    def test_a_gateway_that_runs_makes_place(self):
        self.said("gateway", "start")
        pid = self.gateway.written_pid()
        # The script would call it the service's.
        with open(os.path.join(self.bin, "systemctl"), "w", encoding="utf-8") as script:
            script.write('#!/bin/sh\necho "systemctl $*" >>"$HOME/calls"\n')
        said, calls = self.install()
        self.assertIn("pid %d" % pid, said)
        self.assertTrue(is_gone(pid))
        self.assertEqual(calls[-1], "systemctl --user start openclaw.service")

    def test_uninstall_leaves_the_state(self):
        self.install()
        said = self.said("gateway", "uninstall-daemon", "--user")
        self.assertIn(self.gateway.state, said)
        self.assertEqual(self.calls(), ["systemctl --user disable --now openclaw.service",
                                        "systemctl --user daemon-reload",
                                        "systemctl --user reset-failed openclaw.service"])
        self.assertFalse(os.path.exists(self.unit()))
        self.assertTrue(os.path.exists(self.gateway.config))
        self.assertIn("no service is installed", self.said("gateway", "uninstall-daemon", "--user", code=1))

    def test_paths_with_spaces_and_signs(self):
        odd = os.path.join(self.home, 'a b$c%d"e')
        os.mkdir(odd)
        words = ["--config", odd + "/x.json", "--state-dir", odd]
        unit = self.said(*words, "gateway", "install-daemon", "--user", "--print", place=False)
        line = re.search("^ExecStart=.*$", unit, re.M).group(0)
        self.assertIn('"%s"' % (self.home + '/a b$$c%%d\\"e'), line)
        plist = plistlib.loads(self.said(*words, "gateway", "install-daemon", "--print", "--launchd",
                                         place=False).encode())
        self.assertEqual(plist["ProgramArguments"][1:], [*words, "gateway", "run"])
        self.assertEqual(plist["KeepAlive"], {"SuccessfulExit": False})

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become somebody else")
    def test_the_machines_service_needs_root(self):
        done = subprocess.run([BINARY, "gateway", "install-daemon", "--system"], capture_output=True, text=True,
                              user=65534, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("sudo", done.stderr)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class RealTools(Command):
    def verified(self, *files):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True,
                              check=False)
        # Of the units of the machine that they depend on, nothing is said here.
        return [line for line in done.stderr.splitlines() if "openclaw" in line]

    def exposure(self, unit):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
                              capture_output=True, text=True, check=True)
        return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout).group(1))

    def test_systemd_knows_every_line(self):
        user, system = self.write("--user", "--socket"), self.write("--system")
        self.assertEqual(self.verified(os.path.join(user, "openclaw.service"),
                                       os.path.join(user, "openclaw.socket")), [])
        self.assertEqual(self.verified(os.path.join(system, "openclaw.service")), [])

    def write(self, scope, *flags):
        folder = os.path.join(self.home, scope.strip("-"))
        os.mkdir(folder)
        place = scope == "--user"
        text = self.said("gateway", "install-daemon", scope, "--print", *flags, place=place)
        service, _, port = text.partition("\n# The port of")
        for name, content in (("openclaw.service", service), ("openclaw.socket", port and "# The port of" + port)):
            if content:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    out.write(content)
        return folder

    def test_the_system_service_is_hardened(self):
        self.assertLessEqual(self.exposure(UNIT), MOST_EXPOSURE)
        self.assertLessEqual(self.exposure(os.path.join(self.write("--system"), "openclaw.service")), MOST_EXPOSURE)

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd-sysusers is not installed")
    def test_the_user_of_the_system_service_can_be_made(self):
        root = os.path.join(self.home, "root/etc")
        os.makedirs(root)
        subprocess.run(["systemd-sysusers", "--root=" + os.path.dirname(root),
                        UNIT.replace(".service", ".sysusers")], check=True, capture_output=True)
        with open(os.path.join(root, "passwd"), encoding="utf-8") as text:
            self.assertRegex(text.read(), r"(?m)^openclaw:.*:/var/lib/openclaw:")


class Token(Command):
    def test_it_is_masked_and_shown(self):
        said = self.said("gateway", "token")
        self.assertNotIn(lib.TOKEN, said)
        self.assertIn("****" + lib.TOKEN[-4:], said)
        self.assertIn(self.gateway.config, said)
        self.assertIn(lib.TOKEN, self.said("gateway", "token", "--show"))

    def test_where_it_comes_from(self):
        file = os.path.join(self.home, "token")
        with open(file, "w", encoding="utf-8") as out:
            out.write(lib.TOKEN + "\n")
        for written, kind, place in (('"${THE_TOKEN}"', "environment", "THE_TOKEN"),
                                     ('{file: "%s"}' % file, "secret file", file)):
            with self.subTest(kind):
                before = "{gateway: {auth: {token: %s}}}" % written
                self.gateway.write_config(before)
                found = json.loads(self.said("gateway", "token", "--show", "--json", THE_TOKEN=lib.TOKEN))
                self.assertEqual((found["source"], found["place"], found["token"]), (kind, place, lib.TOKEN))
                self.assertIn(place, self.said("gateway", "token", "--regenerate", code=1, THE_TOKEN=lib.TOKEN))
                with open(self.gateway.config, encoding="utf-8") as text:
                    self.assertEqual(text.read(), before)

    def test_a_new_one_is_written_and_taken_at_once(self):
        with open(self.gateway.config, encoding="utf-8") as text:
            self.gateway.write_config("// mine\n" + text.read())
        self.gateway.start().close()
        said = self.said("gateway", "token", "--regenerate", "--show")
        new = re.search(r"\b[0-9a-f]{64}\b", said).group(0)
        self.assertIn("takes it now", said)
        with open(self.gateway.config, encoding="utf-8") as text:
            self.assertRegex(text.read(), r"^// mine\n(.|\n)*" + new)
        until = time.monotonic() + DEADLINE
        while self.gateway.ask("GET", "/v1/models")[0] != 401:
            self.assertLess(time.monotonic(), until, "the old one still opens")
            time.sleep(0.005)
        self.assertEqual(self.gateway.ask("GET", "/v1/models", Authorization="Bearer " + new)[0], 200)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
