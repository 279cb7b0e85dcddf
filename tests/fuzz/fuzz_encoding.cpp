#include "openclaw/core/encoding.hpp"

#include <cstdlib>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// The properties that callers build on: printable text is valid, encodings come back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto shown = printable(text, 64);
    require(is_utf8(shown) && shown.size() <= 64);
    require(printable(shown, 64) == shown);
    if (is_utf8(text)) require(is_utf8(utf8_prefix(text, size / 2)));
    require(percent_decode(percent_encode(text)).value() == text);
    (void)percent_decode(text, true);
    require(from_base64(to_base64(text)).value() == text);
    if (const auto bytes = from_base64(text)) require(from_base64(to_base64(*bytes)).value() == *bytes);
    return 0;
}
