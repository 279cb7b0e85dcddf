#include "simulation/ledger.hpp"

#include <algorithm>

namespace openclaw::simulation {

namespace {

const char* word(turn_event::kind k) {
    switch (k) {
    case turn_event::kind::accepted: return "accepted";
    case turn_event::kind::started: return "started";
    case turn_event::kind::delta: return "delta";
    case turn_event::kind::tool_started: return "tool started";
    case turn_event::kind::tool_ended: return "tool ended";
    case turn_event::kind::final: return "final";
    case turn_event::kind::aborted: return "aborted";
    case turn_event::kind::failed: return "failed";
    }
    return "unknown";
}

bool is_put_off(const turn_event& event) {
    return event.what == turn_event::kind::failed && event.failure.code == errc::unavailable &&
           event.failure.message == "the gateway is stopping";
}

}  // namespace

sent_message& ledger::add(sent_message m) {
    m.number = static_cast<int>(messages_.size()) + 1;
    return messages_.emplace_back(std::move(m));
}

sent_message& ledger::said(const std::string& text) {
    const auto at = text.find_first_of("0123456789");
    const auto number = text.starts_with("m") && at == 1 ? std::stoul(text.substr(1)) : 0;
    if (number > 0 && number <= messages_.size()) return messages_[number - 1];
    fail("the model was asked \"" + text + "\"");
    return messages_.front();
}

void ledger::on_acknowledged(sent_message& m, const std::string& run_id, bool begins) {
    trace_.add("acknowledged m" + std::to_string(m.number) + " as " + run_id + (begins ? "" : ", again"));
    if (m.acknowledged && m.run_id != run_id) {
        fail("m" + std::to_string(m.number) + " was acknowledged as " + m.run_id + " and as " + run_id);
    }
    if (m.acknowledged && begins) fail("a redelivery of m" + std::to_string(m.number) + " began a turn");
    m.acknowledged = true;
    m.run_id = run_id;
    if (begins) accepted_[m.session].push_back(run_id);
}

void ledger::on_event(const turn_event& event, bool stopping) {
    auto& run = runs_[event.run->run_id];
    const std::string name = word(event.what);
    const auto why = event.what == turn_event::kind::failed ? name_of(event.failure.code) : "";
    trace_.add(name + " " + event.run->run_id + " " + std::string(why));
    if (run.end) fail("run " + event.run->run_id + ", which had ended, is told of as " + name);
    if (!event.is_end()) return;
    if (stopping && is_put_off(event)) return;
    if (run.called_back && event.what != turn_event::kind::aborted) {
        fail("run " + event.run->run_id + " was called back and ended as " + name);
    }
    run.end = event.what;
    run.joined = event.stop_reason == "joined";
    run.said = event.message.text();
}

void ledger::on_death(const std::vector<std::string>& running) {
    for (const auto& id : running) ++runs_[id].deaths;
    for (auto& [id, r] : replies_) r.under_way = false;
}

void ledger::on_called_back(const std::vector<std::string>& runs) {
    for (const auto& id : runs) {
        trace_.add("called back " + id);
        const auto end = runs_[id].end;
        if (end && *end != turn_event::kind::aborted) fail("run " + id + " was called back after its end");
        runs_[id].called_back = true;
    }
}

void ledger::on_asked(const sent_message& m, const std::vector<std::string>& user_texts, int rounds) {
    trace_.add("asked m" + std::to_string(m.number) + " after " + std::to_string(user_texts.size()));
    if (m.acknowledged && runs_[m.run_id].end) {
        fail("the model was asked for m" + std::to_string(m.number) + " after its end");
    }
    if (rounds < m.rounds_kept) fail("m" + std::to_string(m.number) + " begins again with its tools");
    const std::set<std::string> different(user_texts.begin(), user_texts.end());
    if (different.size() != user_texts.size()) fail("a conversation has the same message twice");
}

void ledger::on_call(const sent_message& m, const std::string& call_id, int round) {
    tool_calls_[call_id] = {m.number, round, 0};
}

void ledger::on_tool(const std::string& call_id, bool repeatable) {
    trace_.add("tool call " + call_id);
    auto& call = tool_calls_[call_id];
    if (call.number == 0) return fail("nobody called for tool call " + call_id);
    if (++call.runs > 1 && !repeatable) fail("tool call " + call_id + " ran twice");
    auto& kept = messages_[static_cast<std::size_t>(call.number) - 1].rounds_kept;
    kept = std::max(kept, call.round);
}

void ledger::on_sending(const store::delivery& d) {
    trace_.add("sending " + d.reply_id + " to " + d.peer);
    auto& r = replies_[d.reply_id];
    auto& last = last_of_peer_[d.peer];
    if (d.id < last) fail("reply " + d.reply_id + " comes after a later one to " + d.peer);
    last = d.id;
    for (const auto& [id, other] : replies_) {
        if (other.peer == d.peer && other.under_way) fail("two replies to " + d.peer + " at once");
        if (id != d.reply_id && other.run_id == d.run_id) fail("run " + d.run_id + " has two replies");
    }
    if (r.attempts > 0 && (r.text != d.text || r.id != d.id)) {
        fail("reply " + d.reply_id + " has changed");
    }
    if (r.final && r.life == life_) fail("reply " + d.reply_id + " was sent again after its end");
    r.peer = d.peer;
    r.run_id = d.run_id;
    r.text = d.text;
    r.id = d.id;
    r.life = life_;
    r.under_way = true;
    r.final = false;
    ++r.attempts;
}

void ledger::on_arrived(const store::delivery& d) {
    trace_.add("arrived " + d.reply_id);
}

void ledger::on_attempt_over(const std::string& reply_id, bool final) {
    trace_.add("attempt over " + reply_id);
    auto& r = replies_[reply_id];
    r.under_way = false;
    r.final = final;
}

int ledger::count(turn_event::kind what) const {
    return static_cast<int>(
        std::ranges::count_if(runs_, [&](const auto& r) { return r.second.end == what; }));
}

}  // namespace openclaw::simulation
