#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/json_member.hpp"

#include <cstdlib>

// What is read can be written and read again to the same value, and is valid UTF-8. A member that is
// found without reading is the one that is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = openclaw::parse_json(text);
    std::string quoted;
    openclaw::append_quoted(quoted, text);
    if (!openclaw::parse_json(quoted)) std::abort();
    const auto member = openclaw::find_member(text, "a");
    if (member && *member && value && openclaw::parse_json(**member).value() != (*value)["a"]) {
        std::abort();
    }
    const bool twice = !member && member.error().message.find("twice") != std::string::npos;
    if (value && value->is_object() && !member && !twice) std::abort();
    if (!value) return 0;
    // Two parsers read; what one takes the other takes for the same.
    if (openclaw::json::parse(text, nullptr, false) != *value) std::abort();
    const auto written = openclaw::dump(*value);
    if (!openclaw::is_utf8(written)) std::abort();
    const auto again = openclaw::parse_json(written);
    if (!again || openclaw::dump(*again) != written) std::abort();
    return 0;
}
