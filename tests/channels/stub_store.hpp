#pragma once

#include "openclaw/store/store.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace openclaw::channels::test {

// A store that only knows deliveries, in memory, on the test's one thread.
class stub_store final : public store::store {
public:
    struct ending {
        openclaw::store::delivery_state state;
        std::string detail;
        std::int64_t next_ms;
    };
    std::map<std::int64_t, openclaw::store::delivery> pending;
    std::vector<std::pair<std::int64_t, ending>> endings;   // in the order of recording
    std::vector<std::int64_t> begun;                        // what was noted before it was sent
    int refuse_reads = 0, refuse_writes = 0;                // so many calls fail
    int reads = 0;
    int stale_by = 0;   // so many turns of the loop pass before a reader gets its rows

    openclaw::store::delivery& add(std::int64_t id, const std::string& peer) {
        auto& d = pending[id];
        d.id = id;
        d.channel = "fake";
        d.account = "default";
        d.peer = peer;
        d.reply_id = "run-" + std::to_string(id) + ":0";
        d.text = "text " + std::to_string(id);
        return d;
    }

    std::int64_t epoch() const override { return 1; }
    task<result<openclaw::store::accept_result>> accept(openclaw::store::accept_request) override {
        co_return unused();
    }
    task<result<void>> step(openclaw::store::turn_step) override { co_return unused(); }
    task<result<void>> join(openclaw::store::message_join) override { co_return unused(); }
    task<result<openclaw::store::commit_result>> commit(openclaw::store::turn_commit) override {
        co_return unused();
    }
    void note_started(std::int64_t, std::int64_t) override {}
    task<result<void>> start_again(std::int64_t, std::int64_t) override { co_return unused(); }
    task<result<void>> call_back(std::vector<std::string>, std::string) override { co_return unused(); }
    void note_left(std::int64_t) override {}
    task<result<std::vector<openclaw::store::run_row>>> dead_letters(std::int64_t,
                                                                     std::size_t) override {
        co_return unused();
    }
    task<result<std::optional<openclaw::store::run_row>>> find_dead_letter(std::string) override {
        co_return unused();
    }
    task<result<void>> discard_dead_letter(std::string) override { co_return unused(); }
    task<result<std::vector<openclaw::store::run_row>>> waiting(std::int64_t,
                                                                std::size_t) override {
        co_return unused();
    }
    task<result<std::vector<openclaw::store::turn_step>>> steps(std::string) override {
        co_return unused();
    }
    task<result<std::optional<openclaw::store::session_row>>> find_session(std::string) override {
        co_return unused();
    }
    task<result<std::vector<openclaw::store::session_row>>> list_sessions(
        openclaw::store::session_query) override {
        co_return unused();
    }
    task<result<std::vector<chat_message>>> history(std::string, std::size_t,
                                                    std::int64_t) override {
        co_return unused();
    }
    task<result<std::optional<chat_message>>> find_message(std::string, std::string) override {
        co_return unused();
    }
    task<result<std::optional<openclaw::store::run_row>>> find_run(std::string) override {
        co_return unused();
    }
    task<result<openclaw::store::store_stats>> stats() override { co_return unused(); }
    task<result<std::optional<openclaw::store::session_row>>> patch_session(
        openclaw::store::session_patch) override {
        co_return unused();
    }
    task<result<std::vector<chat_message>>> history_from(std::string, std::int64_t,
                                                         std::size_t) override {
        co_return unused();
    }
    task<result<void>> fork_session(openclaw::store::session_fork) override { co_return unused(); }
    task<result<std::size_t>> clear_history(std::string, std::size_t) override {
        co_return unused();
    }
    task<result<bool>> delete_session(std::string) override { co_return unused(); }

    task<result<std::vector<openclaw::store::delivery>>> due_deliveries(
        std::string channel, std::string account, std::int64_t now_ms,
        std::size_t limit) override {
        ++reads;
        if (refuse_reads > 0 && refuse_reads-- > 0) co_return error(errc::storage, "no reading");
        std::vector<openclaw::store::delivery> rows;
        for (const auto& [id, d] : pending) {
            if (rows.size() == limit) break;
            if (d.channel == channel && d.account == account && d.next_ms <= now_ms) {
                rows.push_back(d);
            }
        }
        for (int i = 0; i < stale_by; ++i) {
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        }
        co_return rows;
    }
    task<result<void>> finish_delivery(std::int64_t id, openclaw::store::delivery_state state,
                                       std::string detail, std::int64_t next_ms) override {
        if (refuse_writes > 0 && refuse_writes-- > 0) co_return error(errc::disk_full, "disk full");
        if (next_ms == openclaw::store::delivery_begun) {
            begun.push_back(id);
            ++pending[id].attempts;
            pending[id].next_ms = next_ms;
            co_return result<void>();
        }
        endings.push_back({id, {state, std::move(detail), next_ms}});
        if (state == openclaw::store::delivery_state::pending) {
            if (pending[id].next_ms != openclaw::store::delivery_begun) ++pending[id].attempts;
            pending[id].next_ms = next_ms;
        } else {
            pending.erase(id);
        }
        co_return result<void>();
    }

    task<result<std::vector<openclaw::store::delivery_report>>> deliveries(
        openclaw::store::delivery_query) override {
        co_return unused();
    }

    task<result<std::vector<openclaw::store::record>>> records(std::string) override {
        co_return unused();
    }
    task<result<void>> change_records(std::vector<openclaw::store::record>,
                                      std::vector<openclaw::store::record>) override {
        co_return unused();
    }
    task<result<openclaw::store::swept_history>> sweep_history(std::int64_t, std::size_t,
                                                               std::int64_t) override {
        co_return unused();
    }
    task<result<std::size_t>> sweep_messages(std::int64_t, std::size_t) override {
        co_return unused();
    }
    void audit(openclaw::store::audit_record) override {}
    void close() override {}

private:
    static error unused() { return error(errc::internal, "not part of this test"); }
};

}  // namespace openclaw::channels::test
