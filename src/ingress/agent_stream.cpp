#include "ingress/agent_stream.hpp"

#include "ingress/errors.hpp"

namespace openclaw::ingress {

namespace {

using kind = turn_event::kind;

constexpr std::int64_t text_interval_ms = 100;

json event_of(const turn_event& e, std::int64_t seq, std::string_view stream, json data) {
    return {{"runId", e.run->run_id},  {"seq", seq},
            {"stream", stream},        {"ts", e.at_ms},
            {"data", std::move(data)}, {"sessionKey", e.run->session},
            {"agentId", e.run->agent}, {"isHeartbeat", false}};
}

json lifecycle(const turn_event& e) {
    json data{{"phase", "end"}};
    if (e.started_ms != 0) data["startedAt"] = e.started_ms;
    if (e.what == kind::started) {
        data["phase"] = "start";
        return data;
    }
    data["endedAt"] = e.at_ms;
    if (e.what == kind::failed) {
        data["phase"] = "error";
        data["error"] = public_message(e.failure);
        return data;
    }
    data["aborted"] = e.what == kind::aborted;
    data["stopReason"] = e.stop_reason;
    if (e.what == kind::aborted) data["status"] = "cancelled";
    if (!e.message.provider.empty()) data["provider"] = e.message.provider;
    if (!e.message.model.empty()) data["model"] = e.message.model;
    return data;
}

json tool_item(const turn_event& e) {
    const bool begins = e.what == kind::tool_started;
    json data{{"itemId", e.call.id},
              {"kind", "tool"},
              {"phase", begins ? "start" : "end"},
              {"title", e.call.name},
              {"name", e.call.name},
              {"toolCallId", e.call.id},
              {"status", begins ? "running" : e.is_error ? "failed" : "completed"}};
    data[begins ? "startedAt" : "endedAt"] = e.at_ms;
    if (e.is_error) data["error"] = e.text;
    return data;
}

json tool_data(const turn_event& e) {
    json data{{"phase", e.what == kind::tool_started ? "start" : "result"},
              {"name", e.call.name},
              {"toolCallId", e.call.id}};
    if (e.what == kind::tool_started) {
        auto args = parse_json(e.call.arguments.empty() ? "{}" : e.call.arguments);
        data["args"] = args ? std::move(*args) : json::object();
        return data;
    }
    data["isError"] = e.is_error;
    data["result"] = {{"content", json::array({{{"type", "text"}, {"text", e.text}}})},
                      {"details", json::object()}};
    return data;
}

}  // namespace

// The new text to be sent now; empty: none, or not yet.
std::string agent_stream::text_due(const turn_event& e, std::int64_t& seq) {
    std::lock_guard lock(mutex_);
    if (e.what != kind::delta && !paces_.contains(e.run.get())) return {};
    auto& p = paces_[e.run.get()];
    if (e.what == kind::delta) {
        p.waiting += e.text;
        p.seq = e.seq;
        // A clock that was set back does not hold the text up.
        const auto since = e.at_ms - p.sent_ms;
        if (since >= 0 && since < text_interval_ms) return {};
    }
    p.sent_ms = e.at_ms;
    seq = p.seq;
    auto due = std::exchange(p.waiting, {});
    if (e.is_end()) paces_.erase(e.run.get());
    return due;
}

std::vector<agent_event> agent_stream::step(const turn_event& e) {
    std::vector<agent_event> out;
    std::int64_t seq = 0;
    if (auto text = text_due(e, seq); !text.empty() && e.so_far) {
        json data{{"text", e.so_far->text()},
                  {"delta", std::move(text)},
                  {"itemId", e.run->run_id + ":answer"}};
        out.push_back({event_of(e, seq, "assistant", std::move(data)), false, true});
    }
    if (e.what == kind::started || e.is_end()) {
        out.push_back({event_of(e, e.seq, "lifecycle", lifecycle(e)), false, false});
    } else if (e.what == kind::tool_started || e.what == kind::tool_ended) {
        out.push_back({event_of(e, e.seq, "item", tool_item(e)), false, false});
        out.push_back({event_of(e, e.seq, "tool", tool_data(e)), true, false});
    }
    return out;
}

void agent_stream::forget(const turn_event& e) {
    if (!e.is_end()) return;
    std::lock_guard lock(mutex_);
    if (!paces_.empty()) paces_.erase(e.run.get());
}

}  // namespace openclaw::ingress
