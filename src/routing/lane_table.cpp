#include "routing/lane_table.hpp"

#include <algorithm>
#include <iterator>

namespace openclaw::routing {

namespace {

error queue_is_full(const std::string& whose) {
    error full(errc::queue_full, whose + " queue is full", "Send the message again a little later.");
    full.retry_after = milliseconds(1000);
    return full;
}

const std::string goes_alone = "alone";

std::string of_agent(const std::string& agent) {
    return "agent " + agent;
}

}  // namespace

void lane_table::set_limits(lane_limits limits) {
    limits_ = std::move(limits);
    agents_.clear();
    for (const auto& [name, l] : lanes_) {
        const bool counts = l->working && !l->is_chore && limits_.agents.contains(l->key.agent());
        if (counts) ++agents_[l->key.agent()];
    }
    while (!held_back_.empty()) readmit(std::string(held_back_.begin()->first));
    while (!resting_.empty()) wake(resting_.begin());
}

result<void> lane_table::reserve_place(const std::string& session, std::size_t bytes,
                                       const std::string& quota) {
    const auto l = lanes_.find(session);
    std::size_t held = l == lanes_.end() ? 0 : l->second->queue.size();
    if (const auto r = reserved_.find(session); r != reserved_.end()) held += r->second;
    if (held >= limits_.per_session) return queue_is_full("the session's");
    // One message is always taken, however large.
    if (waiting_ >= max_waiting || (waiting_ > 0 && waiting_bytes_ + bytes > max_waiting_bytes)) {
        return queue_is_full("the gateway's");
    }
    if (const auto s = senders_.find(quota); limits_.per_sender != 0 && s != senders_.end() &&
                                             s->second >= limits_.per_sender) {
        return queue_is_full("the sender's");
    }
    ++waiting_;
    waiting_bytes_ += bytes;
    ++reserved_[session];
    count(quota);
    return {};
}

void lane_table::release_place(const std::string& session, std::size_t bytes, const std::string& quota) {
    const auto r = reserved_.find(session);
    if (r == reserved_.end()) return;
    if (--r->second == 0) reserved_.erase(r);
    queued place;
    place.bytes = bytes;
    place.quota = quota;
    uncount(place);
}

void lane_table::count(const std::string& quota) {
    if (!quota.empty()) ++senders_[quota];
}

// It waits no more.
void lane_table::uncount(const queued& item) {
    --waiting_;
    waiting_bytes_ -= item.bytes;
    if (item.quota.empty()) return;
    const auto s = senders_.find(item.quota);
    if (s != senders_.end() && --s->second == 0) senders_.erase(s);
}

namespace {

// In the order of acceptance. What an earlier process has left comes before all that came to this one,
// also before what has no place in the inbox.
auto place_of(const queued& item, std::deque<queued_ptr>& queue) {
    if (item.next) return queue.begin();
    if (item.inbox_id == 0) return queue.end();
    return std::ranges::find_if(queue, [&](const queued_ptr& other) {
        return other->inbox_id > item.inbox_id || (item.recovered && !other->recovered && !other->next);
    });
}

}  // namespace

std::shared_ptr<lane> lane_table::enqueue(const session_key& key, const std::string& canonical,
                                          queued_ptr item, steady_time now) {
    if (const auto r = reserved_.find(canonical); r != reserved_.end() && --r->second == 0) {
        reserved_.erase(r);
    }
    auto& l = lanes_[canonical];
    if (!l) {
        l = std::make_shared<lane>(io_, key, canonical);
    } else if (!l->scheduled) {
        idle_.erase(l->idle_place);
    }
    const bool interrupts = l->working && item->mode == queue_mode::interrupt;
    const bool ends_rest = l->rests && item->mode != queue_mode::collect;
    item->since = l->last_arrival = now;
    l->queue.insert(place_of(*item, l->queue), std::move(item));
    if (!l->scheduled) make_ready(l, now);
    else if (ends_rest) hurry(l);
    return interrupts ? l : nullptr;
}

void lane_table::make_ready(const lane_ptr& l, steady_time now) {
    l->scheduled = true;
    l->ready_since = now;
    ready_.push(l->queue.front()->message.priority, now, l);
}

// A session rests while all that it has is to be collected, until nothing came for a while.
steady_time lane_table::rests_until(const lane& l) const {
    constexpr auto at_once = steady_time::min();
    const auto& first = *l.queue.front();
    if (limits_.debounce.count() == 0) return at_once;
    for (const auto& item : l.queue) {
        const bool collects = item->mode == queue_mode::collect && !item->recovered && can_join(*item, first);
        if (!collects) return at_once;
    }
    return std::min(l.last_arrival + limits_.debounce, first.since + longest_rest * limits_.debounce);
}

// What has to come free before the session may work; empty: nothing.
std::string lane_table::held_back_by(const lane& l) const {
    const auto& first = *l.queue.front();
    if (first.chore || !first.abort_reason.empty()) return {};
    if (first.alone && alone_ > 0) return goes_alone;
    return has_place(l.key.agent()) ? "" : of_agent(l.key.agent());
}

bool lane_table::has_place(const std::string& agent) const {
    const auto bound = limits_.agents.find(agent);
    const auto busy = agents_.find(agent);
    return bound == limits_.agents.end() || busy == agents_.end() || busy->second < bound->second;
}

std::optional<lane_table::job> lane_table::next(steady_time now) {
    while (!resting_.empty() && resting_.begin()->first <= now) wake(resting_.begin());
    while (running_ < limits_.running && !ready_.empty()) {
        auto l = ready_.pop();
        if (const auto until = rests_until(*l); until > now) {
            readmit_beside(*l);
            l->rests = true;
            resting_.emplace(until, std::move(l));
        } else if (const auto why = held_back_by(*l); !why.empty()) {
            hold_back(l, why);
            readmit_beside(*l);
        } else {
            return begin(std::move(l));
        }
    }
    return std::nullopt;
}

void lane_table::wake(std::multimap<steady_time, lane_ptr>::iterator resting) {
    const auto l = std::move(resting->second);
    resting_.erase(resting);
    l->rests = false;
    ready_.push(l->queue.front()->message.priority, l->ready_since, l);
}

void lane_table::hurry(const std::shared_ptr<lane>& l) {
    if (l->rests) {
        wake(std::ranges::find_if(resting_, [&](const auto& entry) { return entry.second == l; }));
    } else if (l->held_back) {
        for (auto& [why, waiting] : held_back_) waiting.remove(l);
        std::erase_if(held_back_, [](const auto& entry) { return entry.second.empty(); });
        l->held_back = false;
        --held_;
        ready_.push(l->queue.front()->message.priority, l->ready_since, l);
    }
}

std::optional<steady_time> lane_table::wakes_at() const {
    if (resting_.empty()) return std::nullopt;
    return resting_.begin()->first;
}

queued_ptr lane_table::take_front(lane& l) {
    auto item = std::move(l.queue.front());
    l.queue.pop_front();
    uncount(*item);
    return item;
}

lane_table::job lane_table::begin(lane_ptr l) {
    auto item = take_front(*l);
    std::size_t bytes = item->bytes;
    const auto collects = [&](const queued& guest) {
        bytes += guest.bytes;
        return guest.mode == queue_mode::collect && bytes <= max_joined_bytes && can_join(guest, *item);
    };
    const bool gathers = item->mode == queue_mode::collect && !item->begun;
    while (gathers && !l->queue.empty() && collects(*l->queue.front())) {
        item->joined.push_back(take_front(*l));
        item->joins_kept = false;
    }
    ++running_;
    l->working = true;
    if (!item->chore && limits_.agents.contains(l->key.agent())) ++agents_[l->key.agent()];
    l->alone = item->alone && item->abort_reason.empty();
    if (l->alone) ++alone_;
    l->is_chore = item->chore != nullptr;
    readmit_beside(*l);
    make_room();
    return job{std::move(l), std::move(item)};
}

// Whoever was held back for it may try again.
void lane_table::give_place_back(const lane& l) {
    --running_;
    if (l.alone) {
        --alone_;
        readmit(goes_alone);
    }
    const auto& agent = l.key.agent();
    const auto busy = agents_.find(agent);
    if (l.is_chore || busy == agents_.end()) return;
    if (--busy->second == 0) agents_.erase(busy);
    readmit(of_agent(agent));
}

void lane_table::hold_back(const lane_ptr& l, const std::string& why) {
    held_back_[why].push(l->queue.front()->message.priority, l->ready_since, l);
    l->held_back = true;
    ++held_;
}

void lane_table::readmit(const std::string& why) {
    const auto held = held_back_.find(why);
    if (held == held_back_.end()) return;
    const auto l = held->second.pop();
    if (held->second.empty()) held_back_.erase(held);
    l->held_back = false;
    --held_;
    ready_.push(l->queue.front()->message.priority, l->ready_since, l);
}

// It may have been readmitted for a place that it has not taken.
void lane_table::readmit_beside(const lane& l) {
    if (held_back_.empty()) return;
    if (alone_ == 0) readmit(goes_alone);
    if (has_place(l.key.agent())) readmit(of_agent(l.key.agent()));
}

void lane_table::finished(const std::shared_ptr<lane>& l, steady_time now, bool forget) {
    if (l->released) return;
    give_place_back(*l);
    l->working = l->alone = false;
    l->live.reset();
    l->sink.reset();
    l->turn = {};
    l->joined.clear();
    l->abort_reason.clear();
    l->overdue_at = steady_time::max();
    l->idle_since = now;
    if (!l->queue.empty()) return make_ready(l, now);
    l->scheduled = false;
    if (forget) {
        lanes_.erase(l->canonical);
    } else {
        l->idle_place = idle_.insert(idle_.end(), l);
    }
}

std::vector<queued_ptr> lane_table::take_steering(lane& l, const queued& host) {
    std::vector<queued_ptr> taken;
    std::size_t bytes = host.bytes;
    for (const auto& guest : host.joined) bytes += guest->bytes;
    while (!l.released && l.abort_reason.empty() && !l.queue.empty()) {
        const auto& first = *l.queue.front();
        bytes += first.bytes;
        const bool fits = first.mode == queue_mode::steer && bytes <= max_joined_bytes &&
                          first.inbox_id > host.inbox_id && can_join(first, host);
        if (!fits) break;
        taken.push_back(take_front(l));
        l.joined.push_back(participant_of(*taken.back()));
    }
    return taken;
}

void lane_table::give_back(lane& l, std::vector<queued_ptr> items, steady_time now) {
    if (l.released) return;   // they end with what became of its turn
    for (auto& item : items) {
        std::erase_if(l.joined, [&](const participant& p) { return p.run == item->run; });
        put_back(l.key, l.canonical, std::move(item), now);
    }
}

void lane_table::put_back(const session_key& key, const std::string& canonical, queued_ptr item,
                          steady_time now) {
    ++waiting_;
    waiting_bytes_ += item->bytes;
    count(item->quota);
    ++reserved_[canonical];
    enqueue(key, canonical, std::move(item), now);
}

std::vector<std::shared_ptr<lane>> lane_table::overdue(steady_time now) const {
    std::vector<lane_ptr> all;
    for (const auto& [name, l] : lanes_) {
        if (l->working && l->turn && l->overdue_at <= now) all.push_back(l);
    }
    return all;
}

void lane_table::release(const std::shared_ptr<lane>& l, steady_time now) {
    give_place_back(*l);
    l->released = true;
    l->working = false;
    lanes_.erase(l->canonical);
    if (l->queue.empty()) return;
    const auto fresh = lanes_[l->canonical] = std::make_shared<lane>(io_, l->key, l->canonical);
    fresh->queue = std::exchange(l->queue, {});
    fresh->last_arrival = l->last_arrival;
    make_ready(fresh, now);
}

std::vector<queued_ptr> lane_table::take_waiting() {
    std::vector<queued_ptr> all;
    for (const auto& [name, l] : lanes_) {
        while (!l->queue.empty()) all.push_back(take_front(*l));
        if (!l->working && l->scheduled) {
            l->scheduled = l->rests = l->held_back = false;
            l->idle_place = idle_.insert(idle_.end(), l);
        }
    }
    ready_ = {};
    resting_.clear();
    held_back_.clear();
    held_ = 0;
    return all;
}

std::shared_ptr<lane> lane_table::find(const std::string& session) const {
    const auto l = lanes_.find(session);
    return l == lanes_.end() ? nullptr : l->second;
}

std::shared_ptr<lane> lane_table::find_run(const std::string& run_id) const {
    const auto named = [&](const queued_ptr& item) { return item->run && item->run->run_id == run_id; };
    const auto is_it = [&](const queued_ptr& item) {
        return named(item) || std::ranges::any_of(item->joined, named);
    };
    for (const auto& [name, l] : lanes_) {
        if (l->works_on(run_id) || std::ranges::any_of(l->queue, is_it)) return l;
    }
    return nullptr;
}

// sessions.maxConcurrent bounds the sessions that hold memory: those that only remember make room
// for those that work, the longest idle one first.
void lane_table::make_room() {
    const auto busy = running_ + ready_.size() + resting_.size() + held_;
    while (!idle_.empty() && busy + idle_.size() > limits_.running) {
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
