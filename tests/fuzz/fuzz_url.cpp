#include "openclaw/net/url.hpp"

#include "net/proxy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// What is read prints as something that reads as the same, and never breaks a request line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(parse_proxy(text));
    auto first = parse_url(text);
    if (!first) return 0;
    auto breaks = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    if (!first->is_unix() && std::any_of(first->host.begin(), first->host.end(), breaks)) std::abort();
    if (std::any_of(first->target.begin(), first->target.end(), breaks)) std::abort();
    auto second = parse_url(first->str());
    if (!second || second->str() != first->str() || second->host != first->host ||
        second->port != first->port || second->target != first->target) {
        std::abort();
    }
    return 0;
}
