#include "store/readers.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::store {

reader_pool::reader_pool(connection_options c, std::size_t threads, std::size_t queue_limit,
                         const store_figures& figures)
    : connection_options_(std::move(c))
    , max_threads_(std::max<std::size_t>(threads, 1))
    , queue_limit_(queue_limit)
    , figures_(figures) {}

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
        if (queue_.size() > idle_ && threads_.size() < max_threads_) {
            threads_.emplace_back([this] { loop(); });
        }
    }
    wake_.notify_one();
    return {};
}

void reader_pool::close() {
    std::vector<std::thread> threads;
    {
        std::lock_guard lock(mutex_);
        closing_ = true;
        threads.swap(threads_);
    }
    wake_.notify_all();
    for (auto& t : threads) t.join();
}

void reader_pool::loop() {
    std::unique_ptr<connection> mine;
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        --idle_;
        if (queue_.empty()) return;
        auto op = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        if (!mine) {
            auto opened = database::open(connection_options_);
            if (opened) {
                mine = std::make_unique<connection>(std::move(*opened));
            } else {
                figures_.count_error(opened.error());
                op->fail(opened.error());
            }
        }
        if (mine) answer(*mine, *op);
        op.reset();
        lock.lock();
    }
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
