// chat.message.get, chat.startup, chat.metadata, chat.inject, commands.list, agent.identity.get
// (protocol.md §8).

#include "ingress/client_turns.hpp"
#include "ingress/message_json.hpp"
#include "ingress/missed.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_inject_label = 100;   // bytes

json text_commands() {
    auto list = json::array();
    for (const auto& command : routing::text_commands()) {
        list.push_back({{"name", command.name},
                        {"textAliases", json::array({"/" + std::string(command.name)})},
                        {"description", command.description},
                        {"category", "session"},
                        {"source", "native"},
                        {"scope", "text"},
                        {"acceptsArgs", command.accepts_words}});
    }
    return list;
}

// The row that an operator puts into a conversation as if the assistant had said it.
chat_message injected_row(const method_call& c, std::string text, const std::string& label) {
    if (!label.empty()) text = "[" + label + "]\n\n" + text;
    auto row = assistant_message(std::move(text));
    row.run_id = "inject-" + make_uuid(c.gateway.d.random);
    row.id = row.run_id + ":1";
    row.timestamp_ms = c.gateway.d.time.unix_ms();
    row.provider = "openclaw";
    row.model = "gateway-injected";
    row.stop_reason = "stop";
    return row;
}

// In the session's lane; clients hear of it whether or not the one who asked is still there.
task<result<void>> keep_row(const server::dependencies& d, session_key session,
                            std::shared_ptr<chat_message> row) {
    store::turn_commit c;
    c.session = session.str();
    c.agent = session.agent();
    c.run_id = row->run_id;
    c.epoch = d.store.epoch();
    c.rows.push_back(*row);
    c.ended_ms = row->timestamp_ms;
    c.wants_session = true;
    auto kept = co_await d.store.commit(std::move(c));
    if (!kept) co_return kept.error();
    row->seq = kept->first_seq;
    std::shared_ptr<const store::session_row> now;
    if (kept->session) now = std::make_shared<const store::session_row>(std::move(*kept->session));
    d.hub->message_added({row->run_id, session.str(), session.agent()}, *row, std::move(now));
    co_return result<void>();
}

}  // namespace

task<result<json>> call_chat_message_get(method_call c) {
    auto session = session_param(c, "sessionKey");
    if (!session) co_return session.error();
    auto id = required_text(c, "messageId", 512);
    if (!id) co_return id.error();
    auto chars = optional_int(c, "maxChars", 1, INT32_MAX, 0);
    if (!chars) co_return chars.error();
    const open_question question(c.gateway.d.router, session->str());
    auto row = co_await c.gateway.d.store.find_message(session->str(), *id);
    if (!row) co_return row.error();
    const auto* open = question.beyond({});
    if (!*row && open != nullptr && open->id == *id) *row = *open;
    if (!*row) co_return json{{"ok", false}, {"unavailableReason", "not_found"}};
    auto message = message_json(**row);
    if (*chars > 0) shorten(message, static_cast<std::size_t>(*chars));
    co_return json{{"ok", true}, {"message", std::move(message)}};
}

task<result<json>> call_chat_metadata(method_call c) {
    auto models = co_await call_models_list(c);
    if (!models) co_return models.error();
    co_return json{{"models", std::move((*models)["models"])}, {"commands", text_commands()}};
}

task<result<json>> call_chat_startup(method_call c) {
    auto out = co_await call_chat_history(c);
    if (!out) co_return out;
    auto agents = co_await call_agents_list(c);
    if (!agents) co_return agents;
    auto metadata = co_await call_chat_metadata(c);
    if (!metadata) co_return metadata;
    (*out)["agents"] = std::move(*agents);
    (*out)["metadata"] = std::move(*metadata);
    co_return out;
}

task<result<json>> call_chat_inject(method_call c) {
    auto session = session_param(c, "sessionKey");
    if (!session) co_return session.error();
    auto text = required_text(c, "message", max_message);
    if (!text) co_return text.error();
    auto label = optional_text(c, "label", max_inject_label);
    if (!label) co_return label.error();
    auto& d = c.gateway.d;
    auto known = co_await d.store.find_session(session->str());
    if (!known) co_return known.error();
    if (!*known) co_return no_session(session->str());
    auto row = std::make_shared<chat_message>(injected_row(c, std::move(*text), *label));
    std::function<task<result<void>>()> change = [&d, key = *session, row] {
        return keep_row(d, key, row);
    };
    auto done = co_await d.router.between_turns(*session, std::move(change));
    if (!done) co_return done.error();
    co_return json{{"ok", true}, {"messageId", row->id}};
}

task<result<json>> call_commands_list(method_call c) {
    auto scope = optional_text(c, "scope", 16);
    if (!scope) co_return scope.error();
    auto agent = agent_param(c);
    if (!agent) co_return agent.error();
    co_return json{{"commands", *scope == "native" ? json::array() : text_commands()}};
}

task<result<json>> call_agent_identity_get(method_call c) {
    auto agent = agent_param(c);
    if (!agent) co_return agent.error();
    co_return json{{"agentId", *agent}};
}

}  // namespace openclaw::ingress
