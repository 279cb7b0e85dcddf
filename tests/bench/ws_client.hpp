#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace openclaw::bench {

using clock = std::chrono::steady_clock;

// One WebSocket connection to the gateway, driven by an epoll loop: upgrade, challenge, connect,
// then messages. With its own framing, so that a fault of the server's library is not shared, and
// with next to no cost, so that the loader is not what is measured. One thread.
class ws_client {
public:
    enum class phase : std::uint8_t { connecting, upgrading, greeting, ready, closed };

    struct settings {
        int epoll = -1;
        std::uint16_t port = 0;
        std::string token;
        // Whether the client asks for events of its own sessions only.
        bool scoped_events = true;
        // Ready once upgraded: the other side is no gateway.
        bool bare = false;
    };

    // `number` comes back in epoll_event.data.u64.
    ws_client(const settings& s, std::uint64_t number);
    ~ws_client();
    ws_client(const ws_client&) = delete;
    ws_client& operator=(const ws_client&) = delete;

    void start();
    // From now on nothing is read any more; the connection stays.
    void stop_reading();
    void handle(std::uint32_t events);
    // One text message; queued when the socket is full.
    void send(std::string_view text);
    // A request frame; the answer carries `id`.
    void request(std::string_view id, std::string_view method, std::string_view params);

    phase now() const { return phase_; }
    const std::string& reason() const { return reason_; }  // why it is closed

    std::function<void()> on_ready;
    std::function<void(std::string_view)> on_message;  // once ready

private:
    void read();
    void take_upgrade();
    void take_frames();
    void take_message(std::string_view text);
    void write_frame(unsigned char opcode, std::string_view payload);
    void flush();
    void watch(bool writing);
    void close(std::string reason);

    const settings settings_;
    const std::uint64_t number_;
    int fd_ = -1;
    phase phase_ = phase::connecting;
    bool writing_ = false;
    std::string in_;
    std::string out_;
    std::string partial_;  // the fragments of an unfinished message
    std::string reason_;
};

// Whether `text` is the answer to request `id`, and whether it is a good one.
bool is_answer(std::string_view text, std::string_view id);
bool is_ok(std::string_view text);

}  // namespace openclaw::bench
