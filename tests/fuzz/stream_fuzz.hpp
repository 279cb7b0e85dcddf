#pragma once

#include "agents/stream_assembler.hpp"
#include "openclaw/net/sse.hpp"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::agents {

class fuzz_observer final : public completion_observer {
public:
    void on_text(std::string_view delta) override { text += delta; }
    std::string text;
};

inline void require(bool condition) {
    if (!condition) std::abort();
}

// Whatever comes, a finished answer says what was shown, and its calls can be told apart.
inline void check(const chat_message& row, const std::string& shown) {
    require(row.text() == shown);
    require(!row.stop_reason.empty());
    std::set<std::string> ids;
    for (const auto& part : row.parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call != nullptr) ids.insert(call->id);
    }
    require(row.has_tool_calls() == !ids.empty());
}

// The first byte is the size of a read, the rest the body of the response.
inline void fuzz_stream(stream_assembler& assembler, const std::uint8_t* data, std::size_t size) {
    if (size == 0) return;
    const std::size_t cut = data[0] == 0 ? size : data[0];
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    net::sse_decoder decoder;
    fuzz_observer seen;
    while (!rest.empty()) {
        const auto bytes = rest.substr(0, cut);
        rest.remove_prefix(bytes.size());
        std::vector<net::sse_event> events;
        if (!decoder.feed(bytes, events)) return;
        for (const auto& event : events) {
            if (!assembler.take(event.data, seen)) return;
        }
    }
    const auto out = assembler.finish();
    if (out) check(out->message, seen.text);
}

}  // namespace openclaw::agents
