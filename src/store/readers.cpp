#include "store/readers.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::store {

reader_pool::reader_pool(connection_options c, std::size_t threads, std::size_t queue_limit,
                         const store_figures& figures, later_function later)
    : connection_options_(std::move(c))
    , max_threads_(std::max<std::size_t>(threads, 1))
    , queue_limit_(queue_limit)
    , figures_(figures)
    , later_(std::move(later)) {}

reader_pool::~reader_pool() { close(); }

result<void> reader_pool::push(std::shared_ptr<read_op> op) {
    {
        std::lock_guard lock(mutex_);
        if (closing_) return error(errc::unavailable, "the store is closed");
        if (queue_.size() >= queue_limit_) {
            error full(errc::queue_full, "too many reads wait for the database");
            full.retry_after = std::chrono::seconds(1);
            figures_.count_error(full);
            return full;
        }
        queue_.push_back(std::move(op));
        if (!later_ && queue_.size() > idle_ && threads_.size() < max_threads_) {
            threads_.emplace_back([this] { loop(); });
        }
    }
    if (later_) later_([this] { step(); });
    else wake_.notify_one();
    return {};
}

void reader_pool::close() {
    std::vector<std::thread> threads;
    std::size_t left = 0;
    {
        std::lock_guard lock(mutex_);
        closing_ = true;
        threads.swap(threads_);
        if (later_) left = queue_.size();
    }
    wake_.notify_all();
    for (auto& t : threads) t.join();
    for (; left > 0; --left) step();
    alone_.reset();
}

void reader_pool::loop() {
    std::unique_ptr<connection> mine;
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        --idle_;
        auto op = pop();
        if (!op) return;
        lock.unlock();
        serve(mine, *op);
        op.reset();
        lock.lock();
    }
}

// One question, without a thread.
void reader_pool::step() {
    std::shared_ptr<read_op> op;
    {
        std::lock_guard lock(mutex_);
        op = pop();
    }
    if (op) serve(alone_, *op);
}

// With the mutex held: the next question; null when there is none.
std::shared_ptr<read_op> reader_pool::pop() {
    if (queue_.empty()) return nullptr;
    auto op = std::move(queue_.front());
    queue_.pop_front();
    return op;
}

// Opens the connection `mine` for the first question.
void reader_pool::serve(std::unique_ptr<connection>& mine, read_op& op) {
    if (!mine) {
        auto opened = database::open(connection_options_);
        if (!opened) {
            figures_.count_error(opened.error());
            return op.fail(opened.error());
        }
        mine = std::make_unique<connection>(std::move(*opened));
    }
    answer(*mine, op);
}

void reader_pool::answer(connection& c, read_op& op) {
    op.run(c.rows);
    if (!c.db->failed()) return op.settle();
    const auto failure = describe(*c.db, c.db->failure());
    c.db->take_failure();
    figures_.count_error(failure);
    log::error("store", failure.message, {{"kind", name_of(failure.code)}});
    op.fail(failure);
}

}  // namespace openclaw::store
