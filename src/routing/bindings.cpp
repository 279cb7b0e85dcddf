#include "openclaw/routing/bindings.hpp"

namespace openclaw::routing {

namespace {

// How much a binding says about `o`; -1 when it is about something else.
int specificity(const config::binding_settings& binding, const origin& o) {
    struct criterion {
        const std::string& wanted;
        std::string_view actual;
        int weight;
    };
    const auto& m = binding.match;
    const bool group = o.kind == peer_kind::group;
    const criterion criteria[] = {
        {m.thread, o.thread, 32},
        {m.peer_id, o.peer, 16},
        {m.group, group ? std::string_view(o.peer) : std::string_view(), 8},
        {m.peer_kind, group ? "group" : "direct", 4},
        {m.account, o.account, 2},
        {m.channel, o.channel, 1},
    };
    int score = 0;
    for (const auto& c : criteria) {
        if (c.wanted.empty()) continue;
        if (c.wanted != c.actual) return -1;
        score += c.weight;
    }
    return score;
}

// "telegram:direct:42", "slack:work:group:C1:thread:17"; the account only where it is not the
// usual one.
std::string session_for(const origin& o) {
    std::string rest = o.channel;
    if (o.account != "default") rest += ":" + o.account;
    rest += o.kind == peer_kind::group ? ":group:" : ":direct:";
    rest += o.peer;
    if (!o.thread.empty()) rest += ":thread:" + o.thread;
    return rest;
}

priority parse_priority(std::string_view text, priority fallback) {
    if (text == "low") return priority::low;
    if (text == "normal") return priority::normal;
    if (text == "high") return priority::high;
    return fallback;
}

}  // namespace

route choose_route(const std::vector<config::binding_settings>& bindings,
                   std::string_view default_agent, const inbound_message& message) {
    const config::binding_settings* best = nullptr;
    int best_score = -1;
    for (const auto& binding : bindings) {
        const int score = specificity(binding, message.origin);
        if (score > best_score) {
            best = &binding;
            best_score = score;
        }
    }
    route r{std::string(default_agent), session_for(message.origin), message.priority};
    if (best != nullptr) {
        if (!best->agent.empty()) r.agent = best->agent;
        if (!best->session.empty()) r.session_rest = best->session;
        r.priority = parse_priority(best->priority, message.priority);
    }
    if (!message.agent.empty()) r.agent = message.agent;
    return r;
}

}  // namespace openclaw::routing
