#pragma once

#include "openclaw/core/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::net {

struct sse_event {
    std::string name;  // empty: "message"
    std::string data;
    std::string id;
};

// Sans-io decoder of text/event-stream (WHATWG HTML §9.2.6): lines end with LF, CRLF or CR,
// several data lines join with LF, comments are dropped, an unterminated last event is discarded.
class sse_decoder {
public:
    explicit sse_decoder(std::size_t max_event = 16 << 20) : max_event_(max_event) {}

    // Takes the next bytes, in any cut, and appends the events that they complete.
    // too_large when one event exceeds the bound; the decoder is done then.
    result<void> feed(std::string_view bytes, std::vector<sse_event>& out);

private:
    void take_line(std::string_view line, std::vector<sse_event>& out);

    std::size_t max_event_;
    std::string line_;
    sse_event event_;
    bool has_data_ = false;
    bool skip_lf_ = false;
    bool at_start_ = true;
};

}  // namespace openclaw::net
