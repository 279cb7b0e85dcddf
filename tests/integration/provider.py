"""A model service for the drivers: OpenAI's Chat Completions as a stream, from a thread of its own.
It answers "re: <the question>"; a question with the word "tool" has it call the tool `time` first, one
with the word "slow" is answered after `pause` seconds. It keeps the questions that it was asked: the
drivers' own account of what the gateway did."""

import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # the gateway was killed


class Provider:
    def __init__(self, pause=0.3, always=None, seed=0):
        self.asked = []  # (question, how many tool results came with it)
        self.lock = threading.Lock()
        self.pause = pause
        self.always = always  # every answer is kept back between so many seconds and so many
        self.chance = random.Random(seed)
        self.server = Server(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self):
        """What a gateway's configuration needs to ask this one."""
        url = "http://127.0.0.1:%d/v1" % self.server.server_port
        return {"agents": {"defaults": {"model": "mock/m"}},
                "models": {"providers": {"mock": {"baseUrl": url, "apiKey": "k",
                                                  "models": [{"id": "m", "name": "m"}]}}}}

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def times_asked(self, question, results=0):
        with self.lock:
            return self.asked.count((question, results))

    def answer(self, messages):
        last = max(i for i, m in enumerate(messages) if m["role"] == "user")
        question = text_of(messages[last]["content"])
        results = sum(m["role"] == "tool" for m in messages[last:])
        with self.lock:
            self.asked.append((question, results))
            wait = self.chance.uniform(*self.always) if self.always else 0
        if "slow" in question:
            wait = max(wait, self.pause)
        time.sleep(wait)
        if "tool" in question and results == 0:
            call = {"index": 0, "id": "call_1", "type": "function",
                    "function": {"name": "time", "arguments": "{}"}}
            return [{"tool_calls": [call]}], "tool_calls"
        return [{"content": "re: "}, {"content": question}], "stop"

    def handler(provider):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                deltas, reason = provider.answer(body["messages"])
                chunks = [{"delta": d, "finish_reason": None} for d in deltas]
                chunks.append({"delta": {}, "finish_reason": reason})
                lines = ["data: %s\n\n" % json.dumps({"choices": [{"index": 0, **c}]}) for c in chunks]
                text = ("".join(lines) + "data: [DONE]\n\n").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        return Handler


def text_of(content):
    return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)
