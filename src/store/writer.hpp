#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/metrics/registry.hpp"
#include "store/tables.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace openclaw::store {

// Calls what it is given once, later, and never after the store is gone. Stands in for the store's
// threads where there is one thread for everything: in the simulation, which decides when a disk is
// done. Empty: the store has threads.
using later_function = std::function<void(std::function<void()> step)>;

// A transaction on its way to the writer. Made by a caller, run by the writer's thread.
class write_op {
public:
    virtual ~write_op() = default;
    // Inside of a transaction; again after a rollback.
    virtual void run(tables& t) = 0;
    // Whether the last run ended with an error of its own.
    virtual bool refused() const = 0;
    // Tells the caller what the last run gave; it is committed.
    virtual void settle() = 0;
    // Tells the caller that nothing was written.
    virtual void fail(const error& e) = 0;
};

// Counted in one place for the writer and the readers.
class store_figures {
public:
    explicit store_figures(metrics::registry& registry);
    void count_error(const error& e) const;

    metrics::counter transactions, commits;
    metrics::histogram commit_duration;
    metrics::gauge queue_depth;

private:
    metrics::counter errors(errc kind) const;

    metrics::registry& registry_;
};

// The one thread that changes the database. What was queued while the disk was busy with the last
// commit is committed next as one group, with one sync, in the order of arrival.
//
// A group runs without savepoints. When one of its transactions fails after it has changed
// something, all of them are rolled back and each is run again in a commit of its own, so that one
// never takes others with it.
class writer {
public:
    struct options {
        std::size_t queue_limit = 20'000;
        std::function<void(const error&)> on_fatal;
        std::function<void(bool)> on_disk_full;
        later_function later;   // in place of the thread
    };

    writer(connection& c, options o, const store_figures& figures);
    ~writer();

    void start();
    // queue_full, unavailable after close(), storage after a failed sync. `extra` places are there
    // beyond the limit for what may not be refused.
    result<void> push(std::shared_ptr<write_op> op, std::size_t extra = 0);
    // Commits what is queued and ends the thread.
    void close();

    // Runs `body(tables&) -> result<T>` in a transaction; returns when it is committed.
    template <class T, class F>
    task<result<T>> submit(F body);
    // The same without anybody waiting.
    template <class F>
    void note(F body);

private:
    enum class verdict { settled, apart, failed };
    using group_view = std::span<const std::shared_ptr<write_op>>;

    void loop();
    void call();
    void step();
    void write(std::vector<std::shared_ptr<write_op>>& group);
    bool collect(std::vector<std::shared_ptr<write_op>>& group);
    bool take(std::vector<std::shared_ptr<write_op>>& group);
    void run(group_view group);
    verdict attempt(group_view group, error& failure);
    verdict give_up(group_view group, bool committing, error& failure);
    void fail_all(group_view group, const error& e);
    void report(const error& e);
    void stop_for_good(const error& e);
    void checkpoint_when_large();
    void checkpoint();
    void rest();

    connection& connection_;
    options options_;
    const store_figures& figures_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<write_op>> queue_;  // guarded by mutex_, as the next three
    bool called_ = false;      // step() is on its way
    bool closing_ = false;
    std::optional<error> fatal_;
    int checkpoint_at_;        // pages of log; the writer's thread only, as the next two
    bool log_dirty_ = false;
    bool disk_full_ = false;
    std::thread thread_;
};

namespace detail {

template <class T, class F>
class awaited_op final : public write_op {
public:
    explicit awaited_op(F body) : body_(std::move(body)) {}
    void run(tables& t) override { outcome_.emplace(body_(t)); }
    bool refused() const override { return outcome_ && outcome_->has_error(); }
    void settle() override { done_.set(std::move(*outcome_)); }
    void fail(const error& e) override { done_.set(result<T>(e)); }
    task<result<T>> wait() { return done_.get(); }

private:
    F body_;
    std::optional<result<T>> outcome_;
    promise<result<T>> done_;
};

template <class F>
class noted_op final : public write_op {
public:
    explicit noted_op(F body) : body_(std::move(body)) {}
    void run(tables& t) override { body_(t); }
    bool refused() const override { return false; }
    void settle() override {}
    void fail(const error&) override {}

private:
    F body_;
};

}  // namespace detail

template <class T, class F>
task<result<T>> writer::submit(F body) {
    // Shared with the writer: a caller that is cancelled leaves, and the work goes on.
    auto op = std::make_shared<detail::awaited_op<T, F>>(std::move(body));
    if (auto queued = push(op); !queued) co_return queued.error();
    co_return co_await op->wait();
}

template <class F>
void writer::note(F body) {
    // There is at most one per turn that runs, so the extra places bound them.
    constexpr std::size_t extra = 4096;
    (void)push(std::make_shared<detail::noted_op<F>>(std::move(body)), extra);
}

}  // namespace openclaw::store
