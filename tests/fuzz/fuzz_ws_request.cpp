#include "ingress/frames.hpp"
#include "ingress/handshake.hpp"
#include "support/memory_store.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// One message of a WebSocket client. Whatever it is, the answer is well-formed, and nobody gets in
// without the token or with more than was granted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw;
    using namespace openclaw::ingress;
    static const auth::authenticator authenticator = [] {
        config::auth_settings s;
        s.token = secret("a token that no input guesses: 5f1c9e3a");
        return auth::authenticator(s);
    }();
    static test::memory_store store;
    static seeded_random random{1};
    static const system_time time;
    static const auth::device_registry devices(store, random, time);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto frame = parse_frame(text);
    if (frame.what == parsed_frame::kind::not_json) return 0;
    if (frame.what == parsed_frame::kind::invalid) {
        if (frame.problem.empty()) std::abort();
        if (!json::accept(error_frame(frame.id, {{"message", frame.problem}}))) std::abort();
        return 0;
    }
    if (frame.request.id.empty() || frame.request.method.empty()) std::abort();
    if (!json::accept(response_frame(frame.request.id, frame.request.params))) std::abort();

    connect_context context;
    context.direct_loopback = true;
    const auto outside = decide_connect(frame.request.params, context, authenticator, devices, "nonce", 1);
    if (outside.grant) std::abort();
    if (outside.refusal.close_reason.size() > 123 || outside.refusal.error.empty()) std::abort();

    context.local_socket = true;
    const auto inside = decide_connect(frame.request.params, context, authenticator, devices, "nonce", 1);
    if (inside.grant && !inside.grant->who.scopes().empty()) std::abort();
    return 0;
}
