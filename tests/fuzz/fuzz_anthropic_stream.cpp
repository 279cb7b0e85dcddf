#include "agents/anthropic_stream.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openclaw::agents::anthropic_stream stream;
    openclaw::agents::fuzz_stream(stream, data, size);
    return 0;
}
