#pragma once

#include "support/wire_client.hpp"

#include "openclaw/core/json.hpp"

#include <functional>
#include <vector>

namespace openclaw::test {

// A WebSocket client of a few lines (RFC 6455 §5), so that the gateway is not judged by the library
// that it is made of.
class wire_websocket {
public:
    static constexpr int text = 1, binary = 2, closing = 8, ping = 9, pong = 10;

    struct frame {
        int opcode = 0;
        std::string payload;
        json value() const { return json::parse(payload); }
        // Of a closing frame; 0 without one, 1006 when the connection just ended.
        int code() const {
            if (opcode == 0) return 1006;
            if (payload.size() < 2) return 0;
            return (static_cast<unsigned char>(payload[0]) << 8) |
                   static_cast<unsigned char>(payload[1]);
        }
        std::string reason() const { return payload.size() > 2 ? payload.substr(2) : ""; }
    };

    explicit wire_websocket(std::uint16_t port, const std::string& fields = {},
                            int receive_buffer = 0)
        : wire_(port, receive_buffer) {
        wire_.send(upgrade_request(port, fields));
        answer = wire_.response();
    }

    static std::string upgrade_request(std::uint16_t port, const std::string& fields = {},
                                       const std::string& path = "/") {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
               "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + "\r\n";
    }

    bool send_frame(int opcode, std::string_view payload) {
        std::string out(1, static_cast<char>(0x80 | opcode));
        const auto size = payload.size();
        if (size < 126) {
            out += static_cast<char>(0x80 | size);
        } else if (size < 65'536) {
            out += static_cast<char>(0x80 | 126);
            append_number(out, size, 2);
        } else {
            out += static_cast<char>(0x80 | 127);
            append_number(out, size, 8);
        }
        const std::string mask{'\x11', '\x22', '\x33', '\x44'};
        out += mask;
        for (std::size_t i = 0; i < size; ++i) {
            out += static_cast<char>(payload[i] ^ mask[i % 4]);
        }
        return wire_.send(out);
    }
    bool send(const std::string& message) { return send_frame(text, message); }
    bool send(const json& message) { return send(message.dump()); }

    // The next message or closing frame; pings are answered on the way. Opcode 0: the end.
    frame next() {
        while (true) {
            frame f;
            try {
                const auto head = wire_.read_exactly(2);
                f.opcode = head[0] & 0x0f;
                std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
                if (size == 126) size = number(wire_.read_exactly(2));
                if (size == 127) size = number(wire_.read_exactly(8));
                f.payload = wire_.read_exactly(size);
            } catch (const std::runtime_error&) {
                return {};
            }
            if (f.opcode == ping) {
                send_frame(pong, f.payload);
                continue;
            }
            if (f.opcode != pong) return f;
        }
    }
    json next_json() {
        auto f = next();
        if (f.opcode != text) {
            throw std::runtime_error("no message but " + std::to_string(f.opcode) + " " +
                                     std::to_string(f.code()) + " " + f.reason());
        }
        return f.value();
    }

    // Reads until `wanted` holds; what came before it is kept in `seen`.
    json until(const std::function<bool(const json&)>& wanted) {
        while (true) {
            auto message = next_json();
            seen.push_back(message);
            if (wanted(message)) return message;
        }
    }
    // The payload of a run's chat event, which may have come before the response that was read.
    json chat(const std::string& state, const std::string& run) {
        const auto wanted = [&](const json& m) {
            return m.value("event", "") == "chat" && m["payload"]["state"] == state &&
                   m["payload"]["runId"] == run;
        };
        const auto found = std::find_if(seen.begin(), seen.end(), wanted);
        return found != seen.end() ? (*found)["payload"] : until(wanted)["payload"];
    }
    // The first response to one request.
    json call(const std::string& method, json params = json::object()) {
        const auto id = "r" + std::to_string(++calls_);
        send(json{{"type", "req"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
        return until([&](const json& m) { return m["type"] == "res" && m["id"] == id; });
    }
    // The closing frame, after whatever comes before it; answers it.
    frame end() {
        while (true) {
            auto f = next();
            if (f.opcode == closing) send_frame(closing, std::string_view(f.payload).substr(0, 2));
            if (f.opcode == closing || f.opcode == 0) return f;
            if (f.opcode == text) seen.push_back(f.value());
        }
    }

    static json connect_params(const std::string& token,
                               const std::vector<std::string>& scopes = {"operator.admin"},
                               const std::string& id = "cli", const std::string& mode = "cli") {
        json p{{"minProtocol", 4},
               {"maxProtocol", 4},
               {"client", {{"id", id}, {"version", "1"}, {"platform", "linux"}, {"mode", mode}}},
               {"scopes", scopes}};
        if (!token.empty()) p["auth"] = {{"token", token}};
        return p;
    }
    // Challenge, connect, and the response to it.
    json connect(const std::string& token,
                 const std::vector<std::string>& scopes = {"operator.admin"}) {
        challenge = next_json();
        return call("connect", connect_params(token, scopes));
    }

    wire_client& wire() { return wire_; }

    wire_response answer;
    json challenge;
    std::vector<json> seen;

private:
    static void append_number(std::string& out, std::size_t value, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xff);
    }
    static std::size_t number(const std::string& bytes) {
        std::size_t value = 0;
        for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }

    wire_client wire_;
    int calls_ = 0;
};

}  // namespace openclaw::test
