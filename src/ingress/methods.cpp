#include "ingress/methods.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

// Sorted by name.
constexpr std::array table{
    method{"agent", scope::write, true, call_agent},
    method{"agent.wait", scope::write, true, call_agent_wait},
    method{"agents.list", scope::read, false, call_agents_list},
    method{"channels.status", scope::read, false, call_channels_status},
    method{"chat.abort", scope::write, false, call_chat_abort},
    method{"chat.history", scope::read, false, call_chat_history},
    method{"chat.send", scope::write, false, call_chat_send},
    method{"health", std::nullopt, false, call_health},
    method{"models.list", scope::read, false, call_models_list},
    method{"send", scope::write, false, call_send},
    method{"sessions.list", scope::read, false, call_sessions_list},
    method{"sessions.messages.subscribe", scope::read, false, call_sessions_follow},
    method{"sessions.messages.unsubscribe", scope::read, false, call_sessions_unfollow},
    method{"status", scope::read, false, call_status},
};

}  // namespace

std::span<const method> all_methods() {
    return table;
}

const method* find_method(std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const method& m) { return m.name == name; });
    return found == table.end() ? nullptr : &*found;
}

error bad_params(const method_call& c, const std::string& problem) {
    return error(errc::invalid_input, "invalid " + c.method + " params: " + problem);
}

result<std::string> optional_text(const method_call& c, const char* name, std::size_t limit) {
    const auto* value = find(c.params, name);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return bad_params(c, std::string("at /") + name + ": must be string");
    auto text = value->get<std::string>();
    if (text.size() > limit) {
        return bad_params(c, std::string("at /") + name + ": must not be longer than " +
                                 std::to_string(limit) + " bytes");
    }
    return text;
}

result<std::string> required_text(const method_call& c, const char* name, std::size_t limit) {
    if (find(c.params, name) == nullptr) {
        return bad_params(c, std::string("must have required property '") + name + "'");
    }
    auto text = optional_text(c, name, limit);
    if (text && text->empty()) {
        return bad_params(c, std::string("at /") + name + ": must be a non-empty string");
    }
    return text;
}

result<std::int64_t> optional_int(const method_call& c, const char* name, std::int64_t low,
                                  std::int64_t high, std::int64_t fallback) {
    const auto* value = find(c.params, name);
    if (value == nullptr || value->is_null()) return fallback;
    if (!value->is_number_integer() || value->get<std::int64_t>() < low ||
        value->get<std::int64_t>() > high) {
        return bad_params(c, std::string("at /") + name + ": must be integer from " +
                                 std::to_string(low) + " to " + std::to_string(high));
    }
    return value->get<std::int64_t>();
}

}  // namespace openclaw::ingress
