#pragma once

#include "openclaw/core/promise.hpp"
#include "store/tables.hpp"
#include "store/writer.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace openclaw::store {

// A question on its way to a reader.
class read_op {
public:
    virtual ~read_op() = default;
    virtual void run(tables& t) = 0;
    virtual void settle() = 0;
    virtual void fail(const error& e) = 0;
};

// Threads that read, each with a connection of its own, beside the writer. A thread is started
// when a question comes and all others are busy, so that a gateway at rest has none.
class reader_pool {
public:
    reader_pool(connection_options c, std::size_t threads, std::size_t queue_limit,
                const store_figures& figures, later_function later);
    ~reader_pool();

    result<void> push(std::shared_ptr<read_op> op);
    // Answers what is queued and ends the threads.
    void close();

    // Runs `body(tables&) -> T` and returns what it gave, unless the database failed.
    template <class T, class F>
    task<result<T>> submit(F body);

private:
    void loop();
    void step();
    std::shared_ptr<read_op> pop();
    void serve(std::unique_ptr<connection>& mine, read_op& op);
    void answer(connection& c, read_op& op);

    const connection_options connection_options_;
    const std::size_t max_threads_;
    const std::size_t queue_limit_;
    const store_figures& figures_;
    const later_function later_;            // in place of the threads
    std::unique_ptr<connection> alone_;     // that of step(), which runs without them
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<read_op>> queue_;  // guarded by mutex_, as the rest
    std::size_t idle_ = 0;
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

namespace detail {

template <class T, class F>
class question final : public read_op {
public:
    explicit question(F body) : body_(std::move(body)) {}
    void run(tables& t) override { answer_.emplace(body_(t)); }
    void settle() override { done_.set(result<T>(std::move(*answer_))); }
    void fail(const error& e) override { done_.set(result<T>(e)); }
    task<result<T>> wait() { return done_.get(); }

private:
    F body_;
    std::optional<T> answer_;
    promise<result<T>> done_;
};

}  // namespace detail

template <class T, class F>
task<result<T>> reader_pool::submit(F body) {
    auto op = std::make_shared<detail::question<T, F>>(std::move(body));
    if (auto queued = push(op); !queued) co_return queued.error();
    co_return co_await op->wait();
}

}  // namespace openclaw::store
