#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/store/store.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace openclaw::test {

// A store that forgets everything with the test, for those who need a store's behaviour and not a
// disk's. Any thread. Inbox, transcript, steps and deliveries work as store.hpp says.
class memory_store : public store::store {
public:
    using row_map = std::map<std::int64_t, openclaw::store::run_row>;

    // --- what a test sets or looks at

    // A message that an earlier process accepted and did not finish.
    void leave_behind(std::string run_id, std::string session, std::string agent, json body,
                      openclaw::store::run_state state = openclaw::store::run_state::waiting,
                      std::uint32_t attempts = 0) {
        std::lock_guard lock(mutex_);
        openclaw::store::run_row row;
        row.attempts = attempts;
        row.inbox_id = ++last_id_;
        row.run_id = std::move(run_id);
        row.session = std::move(session);
        row.agent = std::move(agent);
        row.body = dump(body);
        row.state = state;
        row.epoch = own_epoch - 1;
        runs_[row.inbox_id] = std::move(row);
    }
    // The next commits (accepts) end with these, in order.
    void fail_commit(error e) {
        std::lock_guard lock(mutex_);
        commit_failures_.push_back(std::move(e));
    }
    void fail_accept(error e) {
        std::lock_guard lock(mutex_);
        accept_failures_.push_back(std::move(e));
    }

    void fail_call_back(error e) {
        std::lock_guard lock(mutex_);
        call_back_failures_.push_back(std::move(e));
    }
    void fail_join(error e) {
        std::lock_guard lock(mutex_);
        join_failures_.push_back(std::move(e));
    }

    std::size_t accepts() const {
        std::lock_guard lock(mutex_);
        return accepts_;
    }
    std::size_t commits() const {
        std::lock_guard lock(mutex_);
        return commits_;
    }
    // The row of a run; an empty one when there is none.
    openclaw::store::run_row run(const std::string& run_id) const {
        std::lock_guard lock(mutex_);
        const auto* found = by_run(run_id);
        return found == nullptr ? openclaw::store::run_row() : *found;
    }
    std::vector<openclaw::store::delivery> deliveries() const {
        std::lock_guard lock(mutex_);
        return deliveries_;
    }
    std::vector<chat_message> transcript(const std::string& session) const {
        std::lock_guard lock(mutex_);
        const auto t = transcripts_.find(session);
        return t == transcripts_.end() ? std::vector<chat_message>() : t->second;
    }

    // Set before use. An accept waits here before it is written, when there is one.
    gate* accept_gate = nullptr;
    std::int64_t own_epoch = 2;

    // --- store

    std::int64_t epoch() const override { return own_epoch; }

    task<result<openclaw::store::accept_result>> accept(
        openclaw::store::accept_request request) override {
        if (accept_gate != nullptr) {
            co_await accept_gate->wait();
            // A gate ends a cancelled wait without a word; the real store's promise throws, and its
            // writer goes on.
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) {
                put(std::move(request));
                throw boost::system::system_error(asio::error::operation_aborted);
            }
        }
        co_return put(std::move(request));
    }

    result<openclaw::store::accept_result> put(openclaw::store::accept_request request) {
        std::lock_guard lock(mutex_);
        if (!accept_failures_.empty()) return take(accept_failures_);
        ++accepts_;
        if (const auto seen = dedupe_.find(request.dedupe);
            !request.dedupe.empty() && seen != dedupe_.end()) {
            return openclaw::store::accept_result{false, runs_.at(seen->second)};
        }
        if (const auto* seen = by_run(request.run_id)) {
            return openclaw::store::accept_result{false, *seen};
        }
        openclaw::store::run_row row;
        row.inbox_id = ++last_id_;
        row.run_id = request.run_id;
        row.session = request.session;
        row.agent = request.agent;
        row.priority = request.priority;
        row.received_ms = request.received_ms;
        row.body = request.body;
        row.epoch = request.epoch;
        runs_[row.inbox_id] = row;
        if (!request.dedupe.empty()) dedupe_[request.dedupe] = row.inbox_id;
        return openclaw::store::accept_result{true, std::move(row)};
    }

    task<result<void>> step(openclaw::store::turn_step step) override {
        std::lock_guard lock(mutex_);
        steps_[step.run_id].push_back(std::move(step));
        co_return result<void>();
    }

    task<result<void>> join(openclaw::store::message_join join) override {
        std::lock_guard lock(mutex_);
        if (!join_failures_.empty()) co_return take(join_failures_);
        const auto open = [this](std::int64_t id) {
            const auto r = runs_.find(id);
            return r != runs_.end() && r->second.state < openclaw::store::run_state::done;
        };
        if (!open(join.into) || !std::ranges::all_of(join.messages, open)) {
            co_return error(errc::conflict, "ended before");
        }
        for (const auto id : join.messages) {
            runs_.at(id).joined = join.into;
            runs_.at(id).state = openclaw::store::run_state::running;
        }
        for (auto& s : join.steps) steps_[s.run_id].push_back(std::move(s));
        co_return result<void>();
    }

    task<result<openclaw::store::commit_result>> commit(
        openclaw::store::turn_commit turn) override {
        std::lock_guard lock(mutex_);
        if (!commit_failures_.empty()) co_return take(commit_failures_);
        if (turn.inbox_id != 0 || (turn.may_be_accepted && by_run(turn.run_id) != nullptr)) {
            auto* row = by_run(turn.run_id);
            if (row == nullptr) co_return error(errc::conflict, "no such message");
            if (row->state >= openclaw::store::run_state::done) {
                co_return error(errc::conflict, "ended before");
            }
            row->state = turn.state;
            row->outcome = turn.outcome;
            row->ended_ms = turn.ended_ms;
            row->epoch = turn.epoch;
            for (auto& [id, guest] : runs_) {
                const bool ended = guest.state >= openclaw::store::run_state::done;
                if (guest.joined != row->inbox_id || ended) continue;
                guest.state = turn.state;
                guest.outcome = turn.outcome;
                guest.ended_ms = turn.ended_ms;
            }
        }
        ++commits_;
        auto& rows = transcripts_[turn.session];
        const auto first = static_cast<std::int64_t>(rows.size()) + 1;
        for (auto& r : turn.rows) {
            r.seq = static_cast<std::int64_t>(rows.size()) + 1;
            rows.push_back(std::move(r));
        }
        for (auto& d : turn.deliveries) deliveries_.push_back(std::move(d));
        openclaw::store::commit_result done;
        done.first_seq = first;
        if (turn.wants_session) {
            done.session.emplace();
            done.session->key = turn.session;
            done.session->agent = turn.agent;
            done.session->last_seq = static_cast<std::int64_t>(rows.size());
        }
        co_return done;
    }

    void note_started(std::int64_t inbox_id, std::int64_t at_ms) override {
        std::lock_guard lock(mutex_);
        auto& row = runs_.at(inbox_id);
        row.state = openclaw::store::run_state::running;
        row.started_ms = at_ms;
        row.epoch = own_epoch;
        ++row.attempts;
    }

    task<result<void>> start_again(std::int64_t inbox_id, std::int64_t at_ms) override {
        note_started(inbox_id, at_ms);
        co_return result<void>();
    }
    task<result<void>> call_back(std::vector<std::string> run_ids, std::string reason) override {
        std::lock_guard lock(mutex_);
        if (!call_back_failures_.empty()) co_return take(call_back_failures_);
        for (const auto& run : run_ids) {
            auto* row = by_run(run);
            if (row != nullptr && row->state < openclaw::store::run_state::done) row->called_back = reason;
        }
        co_return result<void>();
    }
    void note_left(std::int64_t inbox_id) override {
        std::lock_guard lock(mutex_);
        auto& attempts = runs_.at(inbox_id).attempts;
        if (attempts > 0) --attempts;
    }
    task<result<std::vector<openclaw::store::run_row>>> dead_letters(std::int64_t after,
                                                                     std::size_t limit) override {
        std::lock_guard lock(mutex_);
        std::vector<openclaw::store::run_row> rows;
        for (auto it = runs_.upper_bound(after); it != runs_.end() && rows.size() < limit; ++it) {
            if (it->second.state == openclaw::store::run_state::dead) rows.push_back(it->second);
        }
        co_return rows;
    }
    task<result<std::optional<openclaw::store::run_row>>> find_dead_letter(std::string run_id) override {
        std::lock_guard lock(mutex_);
        const auto* row = by_run(run_id);
        if (row == nullptr || row->state != openclaw::store::run_state::dead) {
            co_return std::optional<openclaw::store::run_row>();
        }
        co_return std::optional(*row);
    }
    task<result<void>> discard_dead_letter(std::string run_id) override {
        std::lock_guard lock(mutex_);
        auto* row = by_run(run_id);
        if (row == nullptr || row->state != openclaw::store::run_state::dead) {
            co_return error(errc::not_found, "no such dead letter");
        }
        row->state = openclaw::store::run_state::failed;
        co_return result<void>();
    }

    task<result<std::vector<openclaw::store::run_row>>> waiting(std::int64_t after,
                                                                std::size_t limit) override {
        std::lock_guard lock(mutex_);
        std::vector<openclaw::store::run_row> rows;
        for (auto it = runs_.upper_bound(after); it != runs_.end() && rows.size() < limit; ++it) {
            if (it->second.state < openclaw::store::run_state::done) rows.push_back(it->second);
        }
        co_return rows;
    }

    task<result<std::vector<openclaw::store::turn_step>>> steps(std::string run_id) override {
        std::lock_guard lock(mutex_);
        co_return steps_[run_id];
    }

    task<result<std::optional<openclaw::store::session_row>>> find_session(std::string key) override {
        std::lock_guard lock(mutex_);
        std::optional<openclaw::store::session_row> row;
        if (!transcripts_.contains(key)) co_return row;
        row.emplace();
        row->key = std::move(key);
        co_return row;
    }
    task<result<std::vector<openclaw::store::session_row>>> list_sessions(
        openclaw::store::session_query) override {
        co_return unused();
    }

    task<result<std::vector<chat_message>>> history(std::string key, std::size_t limit,
                                                    std::int64_t before) override {
        std::lock_guard lock(mutex_);
        auto rows = transcripts_[key];
        if (before != 0) std::erase_if(rows, [&](const auto& r) { return r.seq >= before; });
        if (rows.size() > limit) {
            rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(limit));
        }
        co_return rows;
    }

    task<result<std::vector<chat_message>>> history_from(std::string, std::int64_t,
                                                         std::size_t) override {
        co_return unused();
    }
    task<result<std::optional<chat_message>>> find_message(std::string, std::string) override {
        co_return unused();
    }
    task<result<std::optional<openclaw::store::run_row>>> find_run(std::string run_id) override {
        std::lock_guard lock(mutex_);
        const auto* found = by_run(run_id);
        if (found == nullptr) co_return std::optional<openclaw::store::run_row>();
        co_return std::optional(*found);
    }

    task<result<openclaw::store::store_stats>> stats() override { co_return unused(); }
    task<result<std::optional<openclaw::store::session_row>>> patch_session(
        openclaw::store::session_patch) override {
        co_return unused();
    }
    task<result<void>> fork_session(openclaw::store::session_fork fork) override {
        std::lock_guard lock(mutex_);
        auto rows = transcripts_[fork.from];
        while (!rows.empty() && rows.back().run_id != fork.run_id) rows.pop_back();
        if (rows.empty()) co_return error(errc::not_found, "no such run");
        transcripts_[fork.key] = std::move(rows);
        co_return result<void>();
    }
    task<result<std::size_t>> clear_history(std::string key, std::size_t limit) override {
        std::lock_guard lock(mutex_);
        auto& rows = transcripts_[key];
        const auto gone = std::min(limit, rows.size());
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(gone));
        co_return gone;
    }
    task<result<bool>> delete_session(std::string key) override {
        std::lock_guard lock(mutex_);
        co_return transcripts_.erase(key) > 0;
    }
    task<result<std::vector<openclaw::store::delivery>>> due_deliveries(std::string, std::string,
                                                                        std::int64_t,
                                                                        std::size_t) override {
        co_return unused();
    }
    task<result<void>> finish_delivery(std::int64_t, openclaw::store::delivery_state, std::string,
                                       std::int64_t) override {
        co_return unused();
    }
    task<result<std::vector<openclaw::store::delivery_report>>> deliveries(
        openclaw::store::delivery_query query) override {
        std::lock_guard lock(mutex_);
        std::vector<openclaw::store::delivery_report> found;
        for (const auto& d : deliveries_) {
            if (query.run_id.empty() || d.run_id == query.run_id) found.push_back({d, {}, {}, 0});
        }
        co_return found;
    }
    task<result<std::vector<openclaw::store::record>>> records(std::string kind) override {
        std::lock_guard lock(mutex_);
        std::vector<openclaw::store::record> found;
        for (const auto& [key, body] : records_) {
            if (key.first == kind) found.push_back({kind, key.second, body});
        }
        co_return found;
    }
    task<result<void>> change_records(std::vector<openclaw::store::record> put,
                                      std::vector<openclaw::store::record> drop) override {
        std::lock_guard lock(mutex_);
        for (auto& r : put) records_[{r.kind, r.id}] = std::move(r.body);
        for (const auto& r : drop) records_.erase({r.kind, r.id});
        co_return result<void>();
    }
    task<result<openclaw::store::swept_history>> sweep_history(std::int64_t, std::size_t,
                                                               std::int64_t) override {
        co_return openclaw::store::swept_history{};
    }
    task<result<std::size_t>> sweep_messages(std::int64_t, std::size_t) override {
        co_return std::size_t{0};
    }
    void audit(openclaw::store::audit_record) override {}
    void close() override {}

private:
    static error take(std::deque<error>& failures) {
        auto first = std::move(failures.front());
        failures.pop_front();
        return first;
    }
    static error unused() { return error(errc::internal, "not part of this test"); }

    const openclaw::store::run_row* by_run(const std::string& run_id) const {
        for (const auto& [id, row] : runs_) {
            if (row.run_id == run_id) return &row;
        }
        return nullptr;
    }
    openclaw::store::run_row* by_run(const std::string& run_id) {
        return const_cast<openclaw::store::run_row*>(std::as_const(*this).by_run(run_id));
    }

    mutable std::mutex mutex_;
    std::int64_t last_id_ = 0;
    std::size_t accepts_ = 0, commits_ = 0;
    row_map runs_;
    std::map<std::string, std::int64_t> dedupe_;
    std::map<std::string, std::vector<openclaw::store::turn_step>> steps_;
    std::map<std::string, std::vector<chat_message>> transcripts_;
    std::vector<openclaw::store::delivery> deliveries_;
    std::map<std::pair<std::string, std::string>, std::string> records_;
    std::deque<error> commit_failures_, accept_failures_, join_failures_, call_back_failures_;
};

}  // namespace openclaw::test
