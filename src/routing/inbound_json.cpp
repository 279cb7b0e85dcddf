#include "routing/inbound_json.hpp"

#include "openclaw/model/client_tools.hpp"

namespace openclaw::routing {

namespace {

void write_sampling(json_writer& out, const sampling& s) {
    out.begin_object();
    if (s.temperature) out.member("temperature", *s.temperature);
    if (s.top_p) out.member("topP", *s.top_p);
    if (s.max_tokens) out.member("maxTokens", *s.max_tokens);
    if (!s.stop.empty()) out.key("stop").raw(dump(s.stop));
    out.end_object();
}

sampling sampling_from_json(const json& in) {
    sampling s;
    const auto number = [&in](const char* key) -> std::optional<double> {
        const auto* v = find(in, key);
        return v != nullptr && v->is_number() ? std::optional(v->get<double>()) : std::nullopt;
    };
    s.temperature = number("temperature");
    s.top_p = number("topP");
    s.max_tokens = find_int(in, "maxTokens");
    if (const auto* stop = find(in, "stop"); stop != nullptr && stop->is_array()) {
        for (const auto& word : *stop) {
            if (word.is_string()) s.stop.push_back(word.get<std::string>());
        }
    }
    return s;
}

void write_context(json_writer& out, const std::vector<chat_message>& context) {
    out.begin_array();
    for (const auto& row : context) {
        out.begin_object().member("role", name_of(row.role));
        write_parts(out.key("parts"), row.parts);
        out.end_object();
    }
    out.end_array();
}

std::vector<chat_message> context_from_json(const json* rows) {
    std::vector<chat_message> context;
    if (rows == nullptr || !rows->is_array()) return context;
    for (const auto& row : *rows) {
        chat_message m;
        m.role = role_from(string_or(row, "role"));
        if (const auto* parts = find(row, "parts")) m.parts = parts_from_json(*parts);
        context.push_back(std::move(m));
    }
    return context;
}

void write_tools(json_writer& out, const client_tools& tools) {
    const auto& choice = tools.choice;
    out.begin_object().member("choice", static_cast<std::int64_t>(choice.what));
    out.member("name", choice.name).member("oneAtATime", choice.one_at_a_time);
    out.key("offered").begin_array();
    for (const auto& tool : tools.offered) {
        out.begin_object().member("name", tool.name).member("description", tool.description);
        out.key("parameters").raw(tool.parameters.text()).end_object();
    }
    out.end_array().end_object();
}

std::shared_ptr<const client_tools> tools_from_json(const json& in) {
    auto tools = std::make_shared<client_tools>();
    tools->choice.what = static_cast<tool_choice::kind>(
        std::clamp<std::int64_t>(find_int(in, "choice").value_or(0), 0, 3));
    tools->choice.name = string_or(in, "name");
    tools->choice.one_at_a_time = find_bool(in, "oneAtATime").value_or(false);
    const auto* offered = find(in, "offered");
    if (offered == nullptr || !offered->is_array()) return tools;
    for (const auto& tool : *offered) {
        const auto* parameters = find(tool, "parameters");
        tools->offered.push_back({string_or(tool, "name"), string_or(tool, "description"),
                                  json_schema(parameters ? *parameters : json::object())});
    }
    return tools;
}

}  // namespace

std::string to_stored(const inbound_message& m) {
    std::string text;
    json_writer out(text);
    out.begin_object();
    out.member("channel", m.origin.channel).member("account", m.origin.account);
    out.member("kind", m.origin.kind == peer_kind::group ? "group" : "direct");
    out.member("peer", m.origin.peer).member("thread", m.origin.thread);
    out.member("sender", m.origin.sender).member("who", m.who.subject()).member("text", m.text);
    out.member("priority", static_cast<std::int64_t>(m.priority)).member("deliver", m.deliver);
    out.member("receivedMs", m.received_ms);
    if (!m.images.empty()) write_parts(out.key("images"), {m.images.begin(), m.images.end()});
    if (m.time_limit_ms > 0) out.member("timeLimitMs", m.time_limit_ms);
    if (!m.model.empty()) out.member("model", m.model);
    if (m.commands) out.member("commands", true);
    if (m.queue) out.member("queue", name_of(*m.queue));
    if (!m.extra_system.empty()) out.member("extraSystem", m.extra_system);
    if (!m.context.empty()) write_context(out.key("context"), m.context);
    if (!m.results.empty()) write_parts(out.key("results"), {m.results.begin(), m.results.end()});
    if (m.tools) write_tools(out.key("tools"), *m.tools);
    write_sampling(out.key("sampling"), m.sampling);
    out.end_object();
    return text;
}

inbound_message from_stored(const json& in) {
    inbound_message m;
    m.origin.channel = string_or(in, "channel");
    m.origin.account = string_or(in, "account", "default");
    m.origin.kind = string_or(in, "kind") == "group" ? peer_kind::group : peer_kind::direct;
    m.origin.peer = string_or(in, "peer");
    m.origin.thread = string_or(in, "thread");
    m.origin.sender = string_or(in, "sender");
    m.text = string_or(in, "text");
    m.priority = static_cast<priority>(std::clamp<std::int64_t>(
        find_int(in, "priority").value_or(1), 0, 2));
    m.deliver = find_bool(in, "deliver").value_or(false);
    m.received_ms = find_int(in, "receivedMs").value_or(0);
    if (const auto* images = find(in, "images")) {
        for (auto& part : parts_from_json(*images)) {
            if (auto* image = std::get_if<image_part>(&part)) m.images.push_back(std::move(*image));
        }
    }
    m.time_limit_ms = find_int(in, "timeLimitMs").value_or(0);
    m.model = string_or(in, "model");
    m.commands = find_bool(in, "commands").value_or(false);
    if (const auto queue = find_string(in, "queue")) m.queue = queue_mode_from(*queue);
    m.extra_system = string_or(in, "extraSystem");
    m.context = context_from_json(find(in, "context"));
    if (const auto* results = find(in, "results")) {
        for (auto& part : parts_from_json(*results)) {
            if (auto* r = std::get_if<tool_result>(&part)) m.results.push_back(std::move(*r));
        }
    }
    if (const auto* tools = find(in, "tools"); tools != nullptr && tools->is_object()) {
        m.tools = tools_from_json(*tools);
    }
    if (const auto* s = find(in, "sampling")) m.sampling = sampling_from_json(*s);
    return m;
}

}  // namespace openclaw::routing
