#include "openclaw/net/sse.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// The events must not depend on how the stream is cut. The first byte chooses the cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw::net;
    if (size == 0) return 0;
    const std::size_t step = data[0] % 16u + 1u;
    const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
    constexpr std::size_t bound = 1 << 16;

    std::vector<sse_event> whole;
    sse_decoder at_once(bound);
    bool fine = at_once.feed(stream, whole).has_value();

    std::vector<sse_event> pieces;
    sse_decoder cut(bound);
    bool fine_cut = true;
    for (std::size_t at = 0; at < stream.size() && fine_cut; at += step) {
        fine_cut = cut.feed(stream.substr(at, step), pieces).has_value();
    }
    if (fine != fine_cut || whole.size() != pieces.size()) std::abort();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (whole[i].data != pieces[i].data || whole[i].name != pieces[i].name ||
            whole[i].id != pieces[i].id) {
            std::abort();
        }
    }
    return 0;
}
