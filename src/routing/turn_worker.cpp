#include "routing/turn_worker.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/fault.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/public_message.hpp"
#include "routing/continuation.hpp"
#include "routing/inbound_json.hpp"
#include "routing/turn_end.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace openclaw::routing {

namespace {

constexpr milliseconds store_pause{2'000};      // between two tries to commit a finished turn

std::shared_ptr<const store::session_row> shared(store::session_row row) {
    return std::make_shared<const store::session_row>(std::move(row));
}

bool is_dead(const turn_worker::turn& t) {
    return t.item->deaths >= max_deaths && !t.item->given_up;
}

std::vector<chat_message>::const_iterator find_row(const std::vector<chat_message>& rows,
                                                   const std::string& id) {
    return std::ranges::find(rows, id, &chat_message::id);
}

bool has_row(const std::vector<chat_message>& rows, const std::string& id) {
    return find_row(rows, id) != rows.end();
}

bool is_question(const inbound_message& m) {
    return !m.text.empty() || !m.images.empty() || m.results.empty();
}

}  // namespace

struct turn_worker::figures {
    explicit figures(metrics::registry& m)
        : done(m.make_counter("openclaw_turns_total", "Turns by how they ended.", {{"state", "done"}}))
        , failed(m.make_counter("openclaw_turns_total", "Turns by how they ended.",
                                {{"state", "failed"}}))
        , aborted(m.make_counter("openclaw_turns_total", "Turns by how they ended.",
                                 {{"state", "aborted"}}))
        , dead(m.make_counter("openclaw_turns_total", "Turns by how they ended.", {{"state", "dead"}}))
        , duration(m.make_histogram("openclaw_turn_duration_seconds",
                                    "Time from the start of a turn to its commit.",
                                    metrics::latency_buckets())) {}
    metrics::counter done, failed, aborted, dead;
    metrics::histogram duration;
};

// Keeps the steps of one turn. A message that its caller waits for is accepted before its first
// step: from then on it has had effects, and a crash must not forget it.
class turn_worker::journal final : public agents::turn_journal {
public:
    journal(const turn_worker& worker, turn& t, std::int64_t steps_done)
        : worker_(worker), d_(worker.d_), t_(t), number_(steps_done) {}

    task<result<void>> on_step(const chat_message& row) override {
        if (auto made = co_await worker_.make_fork(t_); !made) co_return made.error();
        if (t_.item->inbox_id == 0) {
            store::accept_request request;
            request.session = t_.on.canonical;
            request.agent = t_.on.key.agent();
            request.run_id = t_.item->run->run_id;
            request.received_ms = t_.item->message.received_ms;
            request.body = to_stored(t_.item->message);
            request.epoch = d_.store.epoch();
            request.background = t_.item->message.fresh_session;
            t_.item->accepting = true;  // a cancellation ends the wait, not the write
            auto accepted = co_await d_.store.accept(std::move(request));
            t_.item->accepting = false;
            if (!accepted) co_return accepted.error();
            t_.item->inbox_id = accepted->run.inbox_id;
            d_.store.note_started(t_.item->inbox_id, d_.time.unix_ms());
        }
        if (auto joined = co_await worker_.keep_joins(t_); !joined) co_return joined.error();
        store::turn_step step;
        step.run_id = t_.item->run->run_id;
        step.number = ++number_;
        step.epoch = d_.store.epoch();
        step.row = row;
        fault_point(fault::step_begins, t_.item->message.text);
        auto kept = co_await d_.store.step(std::move(step));
        fault_point(fault::step_kept, t_.item->message.text);
        co_return kept;
    }

    task<result<std::vector<chat_message>>> take_words() override {
        auto rows = co_await worker_.take_words(t_, number_);
        number_ += static_cast<std::int64_t>(rows.size());
        co_return rows;
    }

private:
    const turn_worker& worker_;
    const router::dependencies& d_;
    turn& t_;
    std::int64_t number_;
};

turn_worker::turn_worker(const router::dependencies& d)
    : d_(d), figures_(std::make_unique<figures>(d.metrics)) {}

turn_worker::~turn_worker() = default;

task<store::run_state> turn_worker::run(turn t) {
    t.off_record = is_off_record(t.item->message);
    turn_watch watch(t.item->run, t.item->sink, d_.observer, t.live, d_.time);
    result<agents::turn_outcome> outcome = error(errc::cancelled, "the turn was stopped");
    if (t.item->given_up) outcome = held_for_too_long();
    else if (is_dead(t)) outcome = died_too_often(*t.item);
    else if (t.item->abort_reason.empty()) outcome = co_await try_to_answer(t, watch);
    // Only the thinking can be stopped; what follows from it goes to its end.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    // Who was told that it stops must not see it end otherwise.
    auto [reason, released] = t.lease.close();
    if (released) co_return store::run_state::failed;
    if (reason.empty()) reason = t.item->abort_reason;
    if (!reason.empty()) co_return co_await abandon(t, watch, std::move(reason));
    if (outcome) co_return co_await finish(t, watch, std::move(*outcome));
    if (outcome.error().code == errc::cancelled && t.stopping) co_return tell_stopping(t);
    co_return co_await fail(t, watch, outcome.error());
}

// Of a message that an earlier process has left, the attempt is on disk before anything is done.
task<> turn_worker::note_started(turn& t) {
    const auto id = t.item->inbox_id;
    if (id == 0) co_return;
    if (!t.item->recovered) co_return d_.store.note_started(id, d_.time.unix_ms());
    const auto noted = co_await d_.store.start_again(id, d_.time.unix_ms());
    if (!noted) {
        log::warn("routing", "a turn begins again without its attempt on record",
                  {{"run", t.item->run->run_id}, {"error", noted.error().to_string()}});
    }
}

// Who was told "accepted" hears the end from the next process; who waits for the answer has to ask again.
store::run_state turn_worker::tell_stopping(const turn& t) const {
    turn_event event;
    event.what = turn_event::kind::failed;
    const bool kept = t.item->inbox_id != 0;
    event.failure = error(errc::unavailable, "the gateway is stopping",
                          kept ? "The answer follows in its session after its restart."
                               : "Send the request again.");
    if (kept) d_.store.note_left(t.item->inbox_id);
    const bool waits = t.item->message.durability == durability::with_answer;
    turn_watch(t.item->run, waits ? t.item->sink : nullptr, kept ? nullptr : d_.observer, t.live, d_.time)
        .emit(std::move(event));
    return store::run_state::running;
}

task<result<agents::turn_request>> turn_worker::prepare(turn& t) {
    const auto* agent = t.agents->find(t.on.key.agent());
    if (agent == nullptr) {
        co_return error(errc::not_found, "there is no agent \"" + t.on.key.agent() + "\"",
                        "openclaw config get agents.list shows those that are configured.");
    }
    auto loaded = co_await load(t);
    if (!loaded) co_return loaded.error();

    agents::turn_request request;
    request.agent = agent;
    request.session = t.on.canonical;
    request.run_id = t.item->run->run_id;
    request.who = t.item->message.who;
    if (auto chosen = choose_model(t, request); !chosen) co_return chosen.error();
    if (t.item->recovered) {
        auto steps = co_await d_.store.steps(request.run_id);
        if (!steps) co_return steps.error();
        for (auto& step : *steps) request.done.push_back(std::move(step.row));
    }
    if (auto asked = ask(t, request); !asked) co_return asked.error();
    request.client = t.item->message.tools;
    request.extra_system = t.item->message.extra_system;
    request.sampling = t.item->message.sampling;
    co_return request;
}

// The message's own choice, else the session's; without either the agent's candidates hold.
result<void> turn_worker::choose_model(const turn& t, agents::turn_request& request) {
    const auto& wanted = t.item->message.model.empty() ? t.on.wanted_model : t.item->message.model;
    if (wanted.empty()) return {};
    auto model = t.agents->model_named(wanted);
    if (model) {
        request.model = std::move(*model);
        return {};
    }
    if (!t.item->message.model.empty()) return model.error();
    log::warn("routing", "the session's model cannot be used; the agent's answers",
              {{"session", t.on.canonical}, {"model", wanted}, {"error", model.error().message}});
    return {};
}

// What the turn goes on from and what its message adds. Results of a client's tools that begin a
// session bring the question along that they belong to, so that the transcript is whole.
result<void> turn_worker::ask(turn& t, agents::turn_request& request) const {
    const auto& message = t.item->message;
    request.history = t.on.history.empty() ? std::span(message.context) : recent(t.on.history);
    request.history_tokens = t.on.history_tokens;
    auto& asked = request.asked;
    if (!message.results.empty()) {
        auto& rest = t.shortened;
        rest.assign(request.history.begin(), request.history.end());
        drop_stopped_answer(rest);
        drop_answer_to(rest, message.results, message.text);
        auto rows = rows_of_results(rest, message.results);
        if (!rows) return rows.error();
        if (t.on.history.empty()) asked = take_last_exchange(rest);
        request.history = rest;
        asked.insert(asked.end(), std::make_move_iterator(rows->begin()),
                     std::make_move_iterator(rows->end()));
        for (std::size_t i = 0; i < asked.size(); ++i) {
            asked[i].id = t.item->run->run_id + ":asked" + std::to_string(i + 1);
            asked[i].run_id = t.item->run->run_id;
            asked[i].timestamp_ms = message.received_ms;
        }
    }
    if (is_question(message)) asked.push_back(user_row(t, *t.item));
    for (const auto& guest : t.item->joined) {
        auto row = user_row(t, *guest);
        if (!has_row(request.done, row.id)) asked.push_back(std::move(row));
    }
    if (asked.size() > 1 || !message.results.empty()) t.asked = asked;
    return {};
}

task<result<agents::turn_outcome>> turn_worker::think(turn& t, turn_watch& watch) {
    auto request = co_await prepare(t);
    if (!request) co_return request.error();
    auto begun = co_await beginning(t, *request);
    watch.emit(std::move(begun));
    journal steps(*this, t, static_cast<std::int64_t>(request->done.size()));
    auto limit = request->agent->turn_timeout;
    const milliseconds wished(t.item->message.time_limit_ms);
    if (wished.count() > 0) limit = std::min(limit, wished);
    const deadline_guard guard(t.on.on, limit, [self = t.self] { self.cancel(); });
    auto outcome = co_await d_.runner.run(*request, watch, steps);
    if (!outcome && guard.expired()) {
        co_return error(errc::timed_out,
                        "the turn took longer than " + std::to_string(limit.count()) + " ms");
    }
    co_return outcome;
}

// With the row of an accepted message, for those who watch and for those who come meanwhile; its
// place is the next one, for nothing but this turn adds to the session. One that may leave nothing is
// told of with its answer.
task<turn_event> turn_worker::beginning(turn& t, const agents::turn_request& request) const {
    turn_event event;
    if (is_watched()) {
        if (!t.on.row) {
            auto session = co_await d_.store.find_session(t.on.canonical);
            if (session && *session) t.on.row = shared(std::move(**session));
        }
        event.session = t.on.row;
    }
    event.emptied = std::exchange(t.emptied, {});
    if (t.item->inbox_id == 0 || !is_question(t.item->message)) co_return event;
    const auto before = t.on.history.empty() ? 0 : t.on.history.back().seq;
    const auto own = find_row(request.asked, t.item->run->run_id + ":user");
    auto row = *own;
    row.seq = before + (own - request.asked.begin()) + 1;
    t.live->ask(row);
    t.told = is_watched();
    if (t.told) event.message = std::move(row);
    co_return event;
}

// A cancellation that meets a wait of the worker's own shows as an exception.
task<result<agents::turn_outcome>> turn_worker::try_to_answer(turn& t, turn_watch& watch) {
    try {
        co_await note_started(t);
        fault_point(fault::turn_begins, t.item->message.text);
        co_return co_await answer(t, watch);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) throw;
    }
    co_return error(errc::cancelled, "the turn was stopped");
}

chat_message turn_worker::user_row(const turn& t, const queued& item) const {
    chat_message row = user_message(item.message.text);
    for (const auto& image : item.message.images) row.parts.emplace_back(image);
    row.id = item.run->run_id + ":user";
    row.run_id = t.item->run->run_id;
    row.timestamp_ms = item.message.received_ms;
    return row;
}

store::turn_commit turn_worker::begin_commit(const turn& t, store::run_state state) const {
    store::turn_commit c;
    c.session = t.on.canonical;
    c.agent = t.on.key.agent();
    c.run_id = t.item->run->run_id;
    c.inbox_id = t.item->inbox_id;
    c.may_be_accepted = t.item->accepting;
    c.epoch = d_.store.epoch();
    c.background = t.item->message.fresh_session;
    c.wants_session = is_watched();
    c.state = state;
    c.started_ms = t.live->started_ms;
    c.ended_ms = d_.time.unix_ms();
    if (t.off_record) return c;
    if (t.asked) c.rows = *t.asked;
    else if (is_question(t.item->message)) c.rows.push_back(user_row(t, *t.item));
    if (state != store::run_state::done) add_joined(t, c.rows);
    return c;
}

task<result<turn_worker::kept_turn>> turn_worker::commit(turn& t, store::turn_commit c) {
    const auto& o = t.item->message.origin;
    const bool delivers = !c.deliveries.empty();
    // What was accepted is kept in memory until the store takes it, be it full or busy.
    const bool patient = t.item->inbox_id != 0;
    const auto count = static_cast<std::int64_t>(c.rows.size());
    std::vector<chat_message> rows;
    const bool keeps = keeps_rows(t);
    if (keeps) rows = c.rows;
    if (auto made = co_await make_fork(t); !made) co_return made.error();
    while (true) {
        auto once = patient ? c : std::move(c);
        fault_point(fault::turn_ends, t.item->message.text);
        auto committed = co_await commit_with_joins(t, std::move(once));
        if (committed) {
            fault_point(fault::turn_committed, t.item->message.text);
            auto seq = committed->first_seq;
            for (auto& row : rows) row.seq = seq++;
            if (keeps) remember(t.on, std::move(rows));
            else t.on.loaded = false;
            t.on.row = committed->session ? shared(std::move(*committed->session)) : nullptr;
            if (delivers && d_.on_deliveries) d_.on_deliveries(o.channel, o.account);
            kept_turn kept;
            kept.last = committed->first_seq + count - 1;
            kept.session = t.on.row;
            co_return kept;
        }
        const bool wait = committed.error().code != errc::conflict && patient;
        if (!wait || t.stopping) co_return committed.error();
        log::warn("routing", "a finished turn waits for the store",
                  {{"run", t.item->run->run_id}, {"error", committed.error().to_string()}});
        asio::steady_timer pause(co_await asio::this_coro::executor, store_pause);
        boost::system::error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

bool turn_worker::is_watched() const {
    return d_.observer && d_.observer->wants_deltas();
}

task<store::run_state> turn_worker::finish(turn& t, turn_watch& watch, agents::turn_outcome outcome) {
    auto c = begin_commit(t, store::run_state::done);
    int part = 0;
    c.rows.reserve(c.rows.size() + outcome.rows.size());
    for (auto& row : outcome.rows) {
        if (row.id.empty()) row.id = c.run_id + ":" + std::to_string(++part);
        row.run_id = c.run_id;
        if (row.timestamp_ms == 0) row.timestamp_ms = c.ended_ms;
        c.rows.push_back(std::move(row));
    }
    turn_event event;
    event.what = turn_event::kind::final;
    event.stop_reason = outcome.stop_reason;
    event.stop_sequence = std::move(outcome.stop_sequence);
    event.usage = outcome.usage;
    event.calls = std::move(outcome.calls);
    const auto answer = std::find_if(c.rows.rbegin(), c.rows.rend(),
                                     [](const auto& row) { return row.role == role::assistant; });
    const auto after_answer = answer - c.rows.rbegin();
    event.message = *answer;
    if (t.off_record) c.rows.clear();
    const bool on_record = t.item->inbox_id != 0 || t.item->accepting;
    if (on_record) c.outcome = outcome_text(event.message.text(), outcome.stop_reason, &outcome);
    c.usage = outcome.usage;
    c.provider = std::move(outcome.provider);
    c.model = std::move(outcome.model);
    if (t.item->message.deliver) {
        const auto& o = t.item->message.origin;
        c.deliveries.push_back({.channel = o.channel, .account = o.account, .peer = o.peer,
                                .thread = o.thread, .reply_id = c.run_id + ":1",
                                .session = c.session, .run_id = c.run_id,
                                .text = event.message.text()});
    }
    const auto started = c.started_ms;
    const auto rows = c.rows.size();
    auto kept = co_await commit(t, std::move(c));
    if (!kept) co_return co_await fail(t, watch, kept.error());
    figures_->done.add();
    figures_->duration.observe(static_cast<double>(d_.time.unix_ms() - started) / 1000);
    if (!t.off_record) event.message.seq = kept->last - after_answer;
    add_kept(t, event, *kept, rows);
    tell_end(t, watch, std::move(event));
    co_return store::run_state::done;
}

task<store::run_state> turn_worker::abandon(turn& t, turn_watch& watch, std::string reason) {
    auto c = begin_commit(t, store::run_state::aborted);
    chat_message partial = assistant_message(t.live->text());
    partial.id = c.run_id + ":1";
    partial.run_id = c.run_id;
    partial.timestamp_ms = c.ended_ms;
    partial.stop_reason = "aborted";
    turn_event event;
    event.what = turn_event::kind::aborted;
    event.emptied = std::move(t.emptied);
    event.stop_reason = reason;
    event.message = partial;
    const bool said = !t.off_record && !t.live->text().empty();
    if (said) c.rows.push_back(std::move(partial));
    c.outcome = outcome_text(event.message.text(), reason);
    const auto rows = c.rows.size();
    auto kept = co_await commit(t, std::move(c));
    if (!kept) log::warn("routing", "an aborted turn was not recorded",
                         {{"run", t.item->run->run_id}, {"error", kept.error().to_string()}});
    if (kept && said) event.message.seq = kept->last;
    if (kept) add_kept(t, event, *kept, rows);
    figures_->aborted.add();
    tell_end(t, watch, std::move(event));
    co_return store::run_state::aborted;
}

task<store::run_state> turn_worker::fail(turn& t, turn_watch& watch, error failure) {
    const auto state = is_dead(t) ? store::run_state::dead : store::run_state::failed;
    turn_event event;
    event.what = turn_event::kind::failed;
    event.emptied = std::move(t.emptied);
    // A caller that waits learns it now and may try again; whoever was told "accepted" needs it
    // on record, in the conversation and in the channel that the message came from.
    if ((t.item->inbox_id != 0 || t.item->accepting) && failure.code != errc::conflict) {
        auto c = begin_commit(t, state);
        c.outcome = error_outcome(failure);
        chat_message row;
        row.role = role::assistant;
        row.id = c.run_id + ":1";
        row.run_id = c.run_id;
        row.timestamp_ms = c.ended_ms;
        row.stop_reason = "error";
        row.failure = public_message(failure);
        if (!t.off_record) c.rows.push_back(row);
        if (t.item->message.deliver) {
            const auto& o = t.item->message.origin;
            c.deliveries.push_back(
                {.channel = o.channel, .account = o.account, .peer = o.peer, .thread = o.thread,
                 .reply_id = c.run_id + ":1", .session = c.session, .run_id = c.run_id,
                 .text = "This could not be answered: " + public_message(failure)});
        }
        const auto rows = c.rows.size();
        auto kept = co_await commit(t, std::move(c));
        if (!kept && t.stopping) co_return tell_stopping(t);
        if (kept && rows > 0) {
            event.message = std::move(row);
            event.message.seq = kept->last;
        }
        if (kept) add_kept(t, event, *kept, rows);
    }
    log::warn("routing", is_dead(t) ? "a message was put aside" : "a turn failed",
              {{"run", t.item->run->run_id}, {"session", t.on.canonical},
               {"class", name_of(failure.code)}, {"error", failure.to_string()}});
    (is_dead(t) ? figures_->dead : figures_->failed).add();
    event.failure = std::move(failure);
    tell_end(t, watch, std::move(event));
    co_return state;
}

}  // namespace openclaw::routing
