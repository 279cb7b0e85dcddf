#pragma once

#include "openclaw/core/task.hpp"
#include "openclaw/net/http_client.hpp"
#include "openclaw/net/url.hpp"

#include <memory>
#include <string>

namespace openclaw::net {

// The client side of one WebSocket (RFC 6455). One reader and one writer at a time, one strand.
class ws_client {
public:
    virtual ~ws_client() = default;
    // The next text or binary message; an error with the close code and reason in the message
    // when the other side closed (code `unavailable`), `network` when the connection broke.
    virtual task<result<std::string>> read() = 0;
    virtual task<result<void>> write(std::string_view text) = 0;
    virtual task<void> close(std::uint16_t code, std::string_view reason) = 0;
    // What the other side closed with; 0 before.
    virtual std::uint16_t close_code() const = 0;
    virtual const std::string& close_reason() const = 0;
};

// Connects and upgrades within `limits.connect`, on the strand of the awaiting coroutine. `to` is
// ws, wss, or unix (then the target is "/" unless it was set). The other side is pinged and given
// up when nothing comes for `limits.idle`.
task<result<std::unique_ptr<ws_client>>> ws_connect(const url& to, header_list headers,
                                                    const client_options& options,
                                                    const request_limits& limits);

}  // namespace openclaw::net
