"""How the gateway starts, refuses to start, and stops, seen from outside.

usage: start.py OPENCLAW_BINARY"""

import json
import os
import signal
import socket
import sys
import time
import unittest

from gateway import DEADLINE, Gateway, free_port

BINARY = sys.argv[1]
EX_CONFIG = 78


class StartTest(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(BINARY, "start")
        self.addCleanup(self.gateway.__exit__, None, None, None)

    def refused(self, *flags):
        code, said = self.gateway.refuse(*flags)
        self.assertEqual(code, EX_CONFIG, said)
        return said

    def path(self, name):
        return os.path.join(self.gateway.state, name)


class Refusals(StartTest):
    def test_a_port_that_is_taken_is_told_with_its_holder(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            said = self.refused("--port", str(port))
        self.assertIn(str(port), said)
        self.assertIn("python", said)
        self.assertIn(str(os.getpid()), said)

    def test_a_configuration_that_cannot_be_read_is_named(self):
        os.remove(self.gateway.config)
        os.mkdir(self.gateway.config)
        self.assertIn(self.gateway.config, self.refused())

    def test_every_error_of_the_configuration_is_listed(self):
        self.gateway.write_config(
            '{gateway: {network: {port: 99999999}, auth: {typ: "token"}, nonsense: 1}}')
        said = self.refused()
        for what in ("gateway.network.port", "gateway.auth.typ", "gateway.nonsense"):
            self.assertIn(what, said)
        self.assertIn(self.gateway.config + ":1:", said)

    def test_a_state_folder_that_is_a_file_is_named(self):
        with open(self.gateway.state, "w", encoding="utf-8") as out:
            out.write("no folder")
        self.assertIn(self.gateway.state, self.refused())

    def test_no_credential_beyond_loopback(self):
        self.gateway.write_config(json.dumps({"gateway": {
            "network": {"port": self.gateway.port}, "auth": {"type": "disabled"}}}))
        said = self.refused("--bind", "lan")
        self.assertIn("gateway.auth.type", said)

    def test_a_state_folder_belongs_to_one_gateway(self):
        self.gateway.start().close()
        said = self.refused("--port", str(free_port()))
        self.assertIn("pid %d" % self.gateway.process.pid, said)
        self.gateway.connect().close()


class Starts(StartTest):
    def test_a_first_start_writes_a_configuration_with_a_token(self):
        os.remove(self.gateway.config)
        process = self.gateway.spawn("--port", str(self.gateway.port))
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        until = time.monotonic() + DEADLINE
        while not os.path.exists(self.path("gateway.pid")):
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)
        self.assertEqual(os.stat(self.gateway.config).st_mode & 0o777, 0o600)
        with open(self.gateway.config, encoding="utf-8") as text:
            self.assertRegex(text.read(), r'token: "[0-9a-f]{64}"')

    def test_the_last_good_configuration_takes_over(self):
        self.gateway.start().close()
        self.assertEqual(self.gateway.terminate(), 0)
        self.gateway.write_config("{gateway: {nonsense: 1}}")
        self.gateway.start().close()
        self.assertIn("gateway.nonsense", self.gateway.output())

    def test_force_ends_the_gateway_that_runs(self):
        self.gateway.start().close()
        first, log = self.gateway.process, self.gateway.log
        self.addCleanup(first.kill)
        self.gateway.start("--force").close()
        log.close()
        self.assertEqual(first.wait(DEADLINE), 0)


class Stops(StartTest):
    def test_a_signal_ends_it_and_leaves_nothing_behind(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.gateway.start().close()
            with open(self.path("gateway.pid"), encoding="utf-8") as text:
                written = json.load(text)
            self.assertEqual(written["pid"], self.gateway.process.pid)
            self.assertEqual(written["address"], "127.0.0.1:%d" % self.gateway.port)
            self.assertTrue(os.path.exists(self.path("gateway.sock")))
            self.gateway.process.send_signal(number)
            self.assertEqual(self.gateway.wait(), 0)
            for name in ("gateway.pid", "gateway.sock"):
                self.assertFalse(os.path.exists(self.path(name)), name)

    def test_a_client_is_told(self):
        client = self.gateway.start()
        self.gateway.process.send_signal(signal.SIGTERM)
        with self.assertRaises(ConnectionError) as closed:
            while True:
                client.receive()
        client.close()
        self.assertIn("service restart", str(closed.exception))
        self.assertEqual(self.gateway.wait(), 0)

    def test_a_second_signal_forces_and_loses_nothing(self):
        # A model service that takes the request and never answers.
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            silent.settimeout(DEADLINE)
            self.gateway.configure(
                models={"providers": {"silent": {
                    "api": "openai-completions", "apiKey": "k",
                    "baseUrl": "http://127.0.0.1:%d/v1" % silent.getsockname()[1],
                    "models": [{"id": "m"}]}}},
                agents={"defaults": {"model": "silent/m"}})
            client = self.gateway.start()
            client.result(client.chat("main", "hello", "run-1"))
            asked, _ = silent.accept()
            self.gateway.process.send_signal(signal.SIGTERM)
            # It waits for the turn: the port is closed, the process lives.
            until = time.monotonic() + DEADLINE
            while "turns in progress" not in self.gateway.output():
                self.assertLess(time.monotonic(), until)
                time.sleep(0.01)
            self.assertIsNone(self.gateway.process.poll())
            self.gateway.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.gateway.wait(), 1)
            asked.close()
            client.close()
        self.gateway.configure()
        client = self.gateway.start()
        run = client.call("agent.wait", {"runId": "run-1", "timeoutMs": 15000})
        client.close()
        self.assertEqual(run["status"], "ok", run)
        self.assertEqual(self.gateway.terminate(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
