#include "net/response_parser.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

struct outcome {
    bool failed = false;
    bool done = false;
    int status = 0;
    std::size_t fields = 0;
    std::string body;
};

// As a connection does it: what the parser leaves is kept and fed again with more.
outcome decode(std::string_view wire, std::size_t step, bool expect_body) {
    using namespace openclaw::net;
    response_parser parser({.max_header = 4096,
                            .max_fields = 32,
                            .max_body = 1 << 16,
                            .expect_body = expect_body});
    outcome out;
    std::string held;
    for (std::size_t at = 0; at < wire.size() && !parser.done(); at += step) {
        held += wire.substr(at, step);
        auto taken = parser.feed(held, out.body);
        if (!taken) {
            out.failed = true;
            return out;
        }
        if (*taken > held.size()) std::abort();
        held.erase(0, *taken);
    }
    if (!parser.finish()) {
        out.failed = true;
        return out;
    }
    out.done = parser.done();
    out.status = parser.status();
    out.fields = parser.headers().size();
    if (parser.header_done()) static_cast<void>(parser.keep_alive());
    return out;
}

}  // namespace

// The same bytes must mean the same in any cut: two readings of one answer are a smuggled one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const bool expect_body = (data[0] & 1) == 0;
    const std::size_t step = data[1] % 32u + 1u;
    const std::string_view wire(reinterpret_cast<const char*>(data + 2), size - 2);
    const auto whole = decode(wire, wire.size() + 1, expect_body);
    const auto cut = decode(wire, step, expect_body);
    if (whole.failed || cut.failed) return 0;  // a bound may be met earlier in one of them
    if (whole.done != cut.done || whole.status != cut.status || whole.fields != cut.fields ||
        whole.body != cut.body) {
        std::abort();
    }
    return 0;
}
