#include "routing/lane_table.hpp"

#include <algorithm>
#include <iterator>

namespace openclaw::routing {

result<void> lane_table::reserve_place(const std::string& session, std::size_t bytes) {
    const auto l = lanes_.find(session);
    std::size_t held = l == lanes_.end() ? 0 : l->second->queue.size();
    if (const auto r = reserved_.find(session); r != reserved_.end()) held += r->second;
    // One message is always taken, however large.
    const bool all_full = waiting_ >= max_waiting ||
                          (waiting_ > 0 && waiting_bytes_ + bytes > max_waiting_bytes);
    if (all_full || held >= max_waiting_per_session) {
        error full(errc::queue_full,
                   all_full ? "the gateway's queue is full" : "the session's queue is full",
                   "Send the message again a little later.");
        full.retry_after = milliseconds(1000);
        return full;
    }
    ++waiting_;
    waiting_bytes_ += bytes;
    ++reserved_[session];
    return {};
}

void lane_table::release_place(const std::string& session, std::size_t bytes) {
    const auto r = reserved_.find(session);
    if (r == reserved_.end()) return;
    --waiting_;
    waiting_bytes_ -= bytes;
    if (--r->second == 0) reserved_.erase(r);
}

void lane_table::enqueue(const session_key& key, const std::string& canonical, queued_ptr item,
                         steady_time now) {
    if (const auto r = reserved_.find(canonical); r != reserved_.end() && --r->second == 0) {
        reserved_.erase(r);
    }
    auto& l = lanes_[canonical];
    if (!l) {
        l = std::make_shared<lane>(io_, key, canonical);
    } else if (!l->scheduled) {
        idle_.erase(l->idle_place);
    }

    const auto p = item->message.priority;
    auto place = item->next ? l->queue.begin() : l->queue.end();
    if (item->inbox_id != 0) {
        while (place != l->queue.begin() && (*std::prev(place))->inbox_id > item->inbox_id) --place;
    }
    l->queue.insert(place, std::move(item));
    if (!l->scheduled) {
        l->scheduled = true;
        ready_.push(p, now, l);
    }
}

std::optional<lane_table::job> lane_table::next() {
    if (running_ >= max_running_ || ready_.empty()) return std::nullopt;
    auto l = ready_.pop();
    auto item = std::move(l->queue.front());
    l->queue.pop_front();
    --waiting_;
    waiting_bytes_ -= item->bytes;
    ++running_;
    l->working = true;
    make_room();
    return job{std::move(l), std::move(item)};
}

void lane_table::finished(const std::shared_ptr<lane>& l, steady_time now, bool forget) {
    --running_;
    l->working = false;
    l->live.reset();
    l->turn = {};
    l->abort_reason.clear();
    l->idle_since = now;
    if (!l->queue.empty()) {
        ready_.push(l->queue.front()->message.priority, now, l);
        return;
    }
    l->scheduled = false;
    if (forget) {
        lanes_.erase(l->canonical);
    } else {
        l->idle_place = idle_.insert(idle_.end(), l);
    }
}

std::vector<queued_ptr> lane_table::take_waiting() {
    std::vector<queued_ptr> all;
    for (const auto& [name, l] : lanes_) {
        for (auto& item : l->queue) {
            --waiting_;
            waiting_bytes_ -= item->bytes;
            all.push_back(std::move(item));
        }
        l->queue.clear();
        if (!l->working && l->scheduled) {
            l->scheduled = false;
            l->idle_place = idle_.insert(idle_.end(), l);
        }
    }
    ready_ = {};
    return all;
}

std::shared_ptr<lane> lane_table::find(const std::string& session) const {
    const auto l = lanes_.find(session);
    return l == lanes_.end() ? nullptr : l->second;
}

std::shared_ptr<lane> lane_table::find_run(const std::string& run_id) const {
    const auto is_it = [&](const queued_ptr& item) { return item->run && item->run->run_id == run_id; };
    for (const auto& [name, l] : lanes_) {
        const bool running = l->live && l->live->run->run_id == run_id;
        if (running || std::ranges::any_of(l->queue, is_it)) return l;
    }
    return nullptr;
}

// sessions.maxConcurrent bounds the sessions that hold memory: those that only remember make room
// for those that work, the longest idle one first.
void lane_table::make_room() {
    while (!idle_.empty() && running_ + ready_.size() + idle_.size() > max_running_) {
        lanes_.erase(idle_.front()->canonical);
        idle_.pop_front();
    }
}

void lane_table::drop_idle(steady_time limit) {
    while (!idle_.empty() && idle_.front()->idle_since < limit) {
        lanes_.erase(idle_.front()->canonical);
        idle_.pop_front();
    }
}

queue_stats lane_table::stats() const {
    return {lanes_.size(), running_, waiting_};
}

std::vector<std::shared_ptr<lane>> lane_table::working() const {
    std::vector<std::shared_ptr<lane>> all;
    for (const auto& [name, l] : lanes_) {
        if (l->working) all.push_back(l);
    }
    return all;
}

}  // namespace openclaw::routing
