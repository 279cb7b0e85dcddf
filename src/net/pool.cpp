#include "net/pool.hpp"

#include <algorithm>
#include <iterator>

namespace openclaw::net {

connection_pool::connection_pool(const executor& timers, std::size_t max_per_key,
                                 milliseconds max_age)
    : max_per_key_(max_per_key), max_age_(max_age), timer_(timers) {}

std::unique_ptr<connection> connection_pool::take(const std::string& key) {
    auto oldest = std::chrono::steady_clock::now() - max_age_;
    while (true) {
        std::unique_ptr<connection> c;
        {
            std::lock_guard lock(mutex_);
            auto found = shelves_.find(key);
            if (found == shelves_.end() || found->second.empty()) return nullptr;
            c = std::move(found->second.back());
            found->second.pop_back();
            --total_;
        }
        if (c->idle_since >= oldest && c->is_reusable()) return c;
    }
}

void connection_pool::give_back(std::unique_ptr<connection> c) {
    c->rest();
    c->idle_since = std::chrono::steady_clock::now();
    const bool has_place = !descriptors_.is_kept_back(c->descriptor()) && descriptors_.has_place(false);
    // What is not kept is closed after the lock is gone, by the end of `c`.
    std::lock_guard lock(mutex_);
    if (closed_ || total_ >= max_total || !has_place) return;
    auto& peers = shelves_[c->pool_key()];
    if (peers.size() >= max_per_key_) return;
    peers.push_back(std::move(c));
    ++total_;
    if (!armed_) arm();
}

void connection_pool::close() {
    std::unordered_map<std::string, shelf> gone;
    std::lock_guard lock(mutex_);
    closed_ = true;
    gone.swap(shelves_);
    total_ = 0;
    timer_.cancel();
}

std::size_t connection_pool::size() const {
    std::lock_guard lock(mutex_);
    return total_;
}

void connection_pool::arm() {
    armed_ = true;
    timer_.expires_after(max_age_);
    timer_.async_wait([weak = weak_from_this()](const error_code& failure) {
        auto self = weak.lock();
        if (self && !failure) self->sweep();
    });
}

void connection_pool::sweep() {
    auto oldest = std::chrono::steady_clock::now() - max_age_;
    shelf gone;
    std::lock_guard lock(mutex_);
    armed_ = false;
    for (auto it = shelves_.begin(); it != shelves_.end();) {
        // The oldest stand in front.
        auto& peers = it->second;
        auto young = std::find_if(peers.begin(), peers.end(), [&](const auto& c) {
            return c->idle_since > oldest;
        });
        std::move(peers.begin(), young, std::back_inserter(gone));
        peers.erase(peers.begin(), young);
        it = peers.empty() ? shelves_.erase(it) : std::next(it);
    }
    total_ -= gone.size();
    if (total_ > 0 && !closed_) arm();
}

}  // namespace openclaw::net
