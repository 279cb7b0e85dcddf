// What the gateway itself answers in a chat: turn_worker's way around the model.

#include "routing/turn_worker.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

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

bool turn_worker::is_off_record(const inbound_message& message) {
    const auto asked = message.commands ? parse_command(message.text) : std::nullopt;
    return asked && asked->words.empty();
}

// To its end, also when the turn is stopped meanwhile: half a conversation is none.
task<result<void>> turn_worker::empty(turn& t, std::string reason) {
    forget_history(t.on);
    t.emptied = std::move(reason);
    const auto on = co_await asio::this_coro::executor;
    auto work = store::clear_all_history(d_.store, t.on.canonical);
    co_return co_await asio::co_spawn(
        on, std::move(work), asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

task<result<agents::turn_outcome>> turn_worker::answer(turn& t, turn_watch& watch) {
    auto& message = t.item->message;
    const auto asked = message.commands ? parse_command(message.text) : std::nullopt;
    if (!asked) co_return co_await think(t, watch);
    if (asked->command->what == command_kind::begin_anew) {
        std::string reason(asked->command->name);
        auto cleared = co_await empty(t, std::move(reason));
        if (!cleared) co_return cleared.error();
        if (!asked->words.empty()) {
            message.text = std::string(asked->words);
            co_return co_await think(t, watch);
        }
    }
    auto text = co_await words_for(t, asked->command->what);
    if (!text) co_return text.error();
    turn_event event;
    event.emptied = std::exchange(t.emptied, {});
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
