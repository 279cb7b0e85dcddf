#include "openclaw/routing/bindings.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace openclaw;

// Takes fields of up to seven bytes off the front.
class field_reader {
public:
    explicit field_reader(std::string_view bytes) : bytes_(bytes) {}

    bool empty() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const auto b = static_cast<std::uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        return b;
    }
    std::string text() {
        const std::size_t wanted = byte() % 8;
        const auto length = std::min(wanted, bytes_.size());
        std::string out(bytes_.substr(0, length));
        bytes_.remove_prefix(length);
        return out;
    }

private:
    std::string_view bytes_;
};

inbound_message read_message(field_reader& in) {
    inbound_message m;
    m.origin.channel = in.text();
    m.origin.account = in.text();
    m.origin.kind = in.byte() % 2 == 0 ? peer_kind::direct : peer_kind::group;
    m.origin.peer = in.text();
    m.origin.thread = in.text();
    m.priority = static_cast<priority>(in.byte() % 3);
    return m;
}

// Half of the wishes are what the message has, so that matches are common.
config::binding_settings read_binding(field_reader& in, const origin& o, std::size_t number) {
    config::binding_settings b;
    const auto same = in.byte();
    const auto wish = [&](unsigned bit, const std::string& actual) {
        return (same >> bit & 1U) != 0 ? actual : in.text();
    };
    b.match.channel = wish(0, o.channel);
    b.match.account = wish(1, o.account);
    b.match.peer_id = wish(2, o.peer);
    b.match.group = wish(3, "");
    b.match.thread = wish(4, o.thread);
    if ((same >> 5 & 1U) != 0) b.match.peer_kind = o.kind == peer_kind::group ? "group" : "direct";
    b.agent = "a" + std::to_string(number);
    return b;
}

bool agrees(const std::string& wanted, const std::string& actual) {
    return wanted.empty() || wanted == actual;
}

bool matches(const config::binding_settings& b, const origin& o) {
    const bool group = o.kind == peer_kind::group;
    return agrees(b.match.channel, o.channel) && agrees(b.match.account, o.account) &&
           agrees(b.match.peer_id, o.peer) && agrees(b.match.thread, o.thread) &&
           agrees(b.match.group, group ? o.peer : "") &&
           agrees(b.match.peer_kind, group ? "group" : "direct");
}

}  // namespace

// Who is chosen matches; nobody is chosen only when nobody matches; and a binding that is added at
// the end without matching changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    field_reader in(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto message = read_message(in);
    std::vector<config::binding_settings> bindings;
    while (!in.empty() && bindings.size() < 32) {
        bindings.push_back(read_binding(in, message.origin, bindings.size()));
    }
    const auto chosen = routing::choose_route(bindings, "none", message);
    if (chosen.session_rest.empty()) std::abort();
    if (chosen.agent == "none") {
        for (const auto& b : bindings) {
            if (matches(b, message.origin)) std::abort();
        }
    } else if (!matches(bindings.at(std::stoul(chosen.agent.substr(1))), message.origin)) {
        std::abort();
    }
    config::binding_settings stranger;
    stranger.match.channel = message.origin.channel + "x";
    stranger.agent = "stranger";
    bindings.push_back(std::move(stranger));
    if (routing::choose_route(bindings, "none", message).agent != chosen.agent) std::abort();
    return 0;
}
