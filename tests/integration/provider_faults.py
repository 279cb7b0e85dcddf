"""A model service that hangs, drips, breaks off, resets, refuses and talks nonsense, once or always. Every message
that was acknowledged ends, answered or failed, with at most three requests to the service; the session goes on
with its next message, and others are not held up.

usage: provider_faults.py OPENCLAW_BINARY [--megabytes N]

--megabytes: the size of an answer without an end (24)"""

import argparse
import json
import socket
import struct
import threading
import time

from gateway import Gateway
from ledger import check_store, words
from provider import text_of

MOST_REQUESTS = 3     # for one message
LIMITS = {"connectTimeout": "1s", "firstByteTimeout": "500ms", "idleTimeout": "500ms"}


def event(delta, finish=None):
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
END = event({}, "stop") + b"data: [DONE]\n\n"


def refusal(status, *fields):
    body = b'{"error":{"message":"not now","type":"server_error"}}'
    lines = ["HTTP/1.1 %d No" % status, "Content-Type: application/json", "Content-Length: %d" % len(body),
             "Connection: close", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_for_end(peer):
    while peer.recv(4096):
        pass


def drip(peer, text):
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in HEAD + event({"content": "re: " + text}) + END:
        peer.sendall(bytes([byte]))
        time.sleep(0.001)


def flood(peer, megabytes):
    peer.sendall(HEAD)
    piece = event({"content": "x" * 1000}) * 100
    for _ in range(10 * megabytes):
        peer.sendall(piece)
    peer.sendall(END)


# What may happen to one request. Drip alone is an answer.
FAULTS = {
    "hang": lambda peer, text: wait_for_end(peer),
    "hang-in-head": lambda peer, text: (peer.sendall(HEAD[:20]), wait_for_end(peer)),
    "hang-in-answer": lambda peer, text: (peer.sendall(HEAD + event({"content": "re"})), wait_for_end(peer)),
    "reset": lambda peer, text: reset(peer),
    "reset-in-answer": lambda peer, text: (peer.sendall(HEAD + event({"content": "re"})), reset(peer)),
    "break-off": lambda peer, text: peer.sendall(HEAD + event({"content": "re"})),
    "too-many": lambda peer, text: peer.sendall(refusal(429, "Retry-After: 1")),
    "broken": lambda peer, text: peer.sendall(refusal(500)),
    "overloaded": lambda peer, text: peer.sendall(refusal(503)),
    "no-stream": lambda peer, text: peer.sendall(HEAD.replace(b"event-stream", b"html") + b"<html>"),
    "no-json": lambda peer, text: peer.sendall(HEAD + b"data: {\"choices\": [nonsense\n\n" + END),
    "no-utf8": lambda peer, text: peer.sendall(HEAD + b'data: {"choices":[{"index":0,"delta":{"content":"\xff'
                                               b'\xc3("}}]}\n\n' + END),
    "no-http": lambda peer, text: peer.sendall(b"\x16\x03\x01 what?\r\n\r\n"),
    "drip": drip,
}


class Service:
    """Questions name the fault and how many of their requests meet it: "hang 1 of session-3"."""

    def __init__(self, megabytes):
        self.faults = {**FAULTS, "flood": lambda peer, text: flood(peer, megabytes)}
        self.lock = threading.Lock()
        self.requests = {}
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer:
            try:
                text = self.read(peer)
                with self.lock:
                    self.requests[text] = number = self.requests.get(text, 0) + 1
                kind, times = text.split(" ")[:2]
                if kind in self.faults and number <= int(times):
                    self.faults[kind](peer, text)
                else:
                    peer.sendall(HEAD + event({"content": "re: " + text}) + END)
            except OSError:
                pass   # the gateway had enough of it

    @staticmethod
    def read(peer):
        data = b""
        while b"\r\n\r\n" not in data:
            data += peer.recv(65536)
        head, body = data.split(b"\r\n\r\n", 1)
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        while len(body) < int(lengths[0]):
            body += peer.recv(65536)
        asked = [m for m in json.loads(body)["messages"] if m["role"] == "user"]
        return text_of(asked[-1]["content"])

    def settings(self):
        url = "http://127.0.0.1:%d/v1" % self.socket.getsockname()[1]
        return {"agents": {"defaults": {"model": "mock/m", "limits": {"turnTimeout": "30s"}}},
                "models": {"providers": {"mock": {"baseUrl": url, "apiKey": "k", **LIMITS,
                                                  "models": [{"id": "m", "name": "m"}]}}}}


def check(client, service, session, runs):
    ends = {}
    for text, run in runs:
        end = client.call("agent.wait", {"runId": run, "timeoutMs": 60000})
        assert end["status"] in ("ok", "error"), (text, end)
        ends[text] = end["status"]
        assert service.requests[text] <= MOST_REQUESTS, (text, service.requests[text])
    page = client.call("chat.history", {"sessionKey": session, "limit": 1000})
    rows = [(m["role"], m["__openclaw"]["runId"]) for m in page["messages"]]
    wanted = [(role, run) for _, run in runs for role in ("user", "assistant")]
    if page["hasMore"]:   # an answer that is larger than a page
        wanted = wanted[-len(rows):]
    assert rows == wanted, (session, rows)
    last, _ = runs[-1]
    assert ends[last] == "ok" and words(page["messages"][-1]) == "re: " + last, (session, page["messages"][-1])
    return ends


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--megabytes", type=int, default=24)
    asked = options.parse_args()
    service = Service(asked.megabytes)
    ends = {}
    with Gateway(asked.binary, "provider-faults") as gateway:
        gateway.configure(**service.settings())
        client = gateway.start()
        sessions = {}
        for kind in service.faults:
            session = "agent:main:" + kind
            texts = ["%s 1 of %s" % (kind, session), "%s 99 of %s" % (kind, session), "well 0 of " + session]
            sessions[session] = [
                (text, client.result(client.chat(session, text, "%s-%d" % (kind, i)))["runId"])
                for i, text in enumerate(texts)]
        for session, runs in sessions.items():
            ends.update(check(client, service, session, runs))
        client.close()
        assert gateway.terminate() == 0
        check_store(gateway.state)
    good = sum(end == "ok" for end in ends.values())
    print("PASS %d kinds of trouble, %d messages: %d answered, %d told that they failed, none stuck, at most %d "
          "requests each" % (len(service.faults), len(ends), good, len(ends) - good,
                             max(service.requests.values())))
    for text, end in ends.items():
        print("  %-9s %-9s %d requests" % (" ".join(text.split(" ")[:1]), end, service.requests[text]))


if __name__ == "__main__":
    main()
