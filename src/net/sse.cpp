#include "openclaw/net/sse.hpp"

#include <algorithm>

namespace openclaw::net {

namespace {

error too_long() {
    return error(errc::too_large, "an event of the stream is longer than allowed",
                 "The other side sends events without end; look at what answers at that URL.");
}

std::size_t line_end(std::string_view bytes) {
    const auto lf = std::min(bytes.find('\n'), bytes.size());
    return std::min(bytes.substr(0, lf).find('\r'), lf);
}

}  // namespace

result<void> sse_decoder::feed(std::string_view bytes, std::vector<sse_event>& out) {
    if (max_event_ == 0) return too_long();
    while (!bytes.empty()) {
        if (skip_lf_) {
            // The LF of a CRLF that was cut between two feeds.
            skip_lf_ = false;
            if (bytes.front() == '\n') {
                bytes.remove_prefix(1);
                continue;
            }
        }
        auto end = line_end(bytes);
        if (line_.size() + end + event_.data.size() > max_event_) {
            max_event_ = 0;
            line_.clear();
            event_ = {};
            return too_long();
        }
        if (end == bytes.size()) {
            line_.append(bytes);
            return {};
        }
        skip_lf_ = bytes[end] == '\r';
        if (line_.empty()) {
            take_line(bytes.substr(0, end), out);
        } else {
            line_.append(bytes.substr(0, end));
            take_line(line_, out);
            line_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    return {};
}

void sse_decoder::take_line(std::string_view line, std::vector<sse_event>& out) {
    if (at_start_) {
        at_start_ = false;
        if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    }
    if (line.empty()) {
        // The id stays until the stream sets another one (§9.2.6, "last event ID buffer").
        if (has_data_) out.push_back({std::move(event_.name), std::move(event_.data), event_.id});
        event_.name.clear();
        event_.data.clear();
        has_data_ = false;
        return;
    }
    auto colon = line.find(':');
    auto field = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
        if (has_data_) event_.data += '\n';
        event_.data.append(value);
        has_data_ = true;
    } else if (field == "event") {
        event_.name.assign(value);
    } else if (field == "id" && value.find('\0') == std::string_view::npos) {
        event_.id.assign(value);
    }
}

}  // namespace openclaw::net
