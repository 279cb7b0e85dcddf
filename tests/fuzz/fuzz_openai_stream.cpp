#include "agents/openai_stream.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openclaw::seeded_random random(1);
    openclaw::agents::openai_stream stream(random);
    openclaw::agents::fuzz_stream(stream, data, size);
    return 0;
}
