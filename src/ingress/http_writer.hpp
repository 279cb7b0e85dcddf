#pragma once

#include "openclaw/net/http.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// Appends status line and fields of a response. With `length` a Content-Length, without one either
// chunked or until the connection closes. Adds Date, X-Request-Id and X-Content-Type-Options.
void write_head(std::string& out, const net::http_response& response,
                const std::string& request_id, bool keep_alive, std::optional<std::size_t> length,
                bool chunked = false);

// Of a response that is a stream of server-sent events, which no proxy may hold back.
net::header_list event_stream_headers();

// Appends what stands before a chunk of `size` bytes, which may be none, and returns what follows it:
// with `last` also the end of the body.
std::string_view frame_chunk(std::string& out, std::size_t size, bool last);

}  // namespace openclaw::ingress
