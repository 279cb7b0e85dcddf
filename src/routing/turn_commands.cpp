// What the gateway itself answers in a chat: turn_worker's way around the model.

#include "routing/turn_worker.hpp"

namespace openclaw::routing {

namespace {

std::string help_text() {
    std::string text;
    for (const auto& c : text_commands()) {
        if (!text.empty()) text += '\n';
        text.append("/").append(c.name).append(": ").append(c.description);
    }
    return text;
}

agents::turn_outcome outcome_of(const std::string& text) {
    agents::turn_outcome out;
    out.rows.push_back(assistant_message(text));
    out.rows.back().stop_reason = out.stop_reason = "stop";
    return out;
}

}  // namespace

task<result<agents::turn_outcome>> turn_worker::answer(turn& t, turn_watch& watch) {
    auto& message = t.item->message;
    const auto asked = message.commands ? parse_command(message.text) : std::nullopt;
    if (!asked) co_return co_await think(t, watch);
    if (asked->command->what == command_kind::begin_anew) {
        auto cleared = co_await store::clear_all_history(d_.store, t.on.canonical);
        if (!cleared) co_return cleared.error();
        t.on.history.clear();
        t.emptied = asked->command->name;
        if (!asked->words.empty()) {
            message.text = std::string(asked->words);
            co_return co_await think(t, watch);
        }
    }
    t.off_record = true;
    auto text = co_await words_for(t, asked->command->what);
    if (!text) co_return text.error();
    turn_event event;
    event.emptied = t.emptied;
    watch.emit(std::move(event));
    watch.on_text(*text);
    co_return outcome_of(*text);
}

task<result<std::string>> turn_worker::words_for(const turn& t, command_kind what) {
    if (what == command_kind::begin_anew) co_return "The conversation begins anew.";
    if (what == command_kind::status) co_return co_await status_of(t);
    co_return help_text();
}

task<result<std::string>> turn_worker::status_of(const turn& t) {
    auto found = co_await d_.store.find_session(t.on.canonical);
    if (!found) co_return found.error();
    const auto row = *found ? std::move(**found) : store::session_row();
    const auto* agent = t.agents->find(t.on.key.agent());
    auto model = row.wanted_model;
    if (model.empty() && agent != nullptr && !agent->candidates.empty()) {
        model = agent->candidates.front().ref.str();
    }
    co_return "Session: " + t.on.canonical + "\nModel: " + (model.empty() ? "none" : model) +
        "\nMessages: " + std::to_string(row.row_count()) +
        "\nTokens: " + std::to_string(row.usage.input) + " in, " +
        std::to_string(row.usage.output) + " out";
}

}  // namespace openclaw::routing
