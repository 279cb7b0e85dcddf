#include "routing/lane_table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <set>
#include <sstream>
#include <unordered_set>

// Walks through every state that the table of lanes can come into with a few messages, and from each of
// them to the end: whatever has happened, all that was accepted ends once, in order.
namespace openclaw::routing {
namespace {

constexpr milliseconds debounce{500};
constexpr std::size_t usual_depth = 5;     // steps from the empty table; OPENCLAW_LANE_DEPTH changes it
constexpr std::size_t most_messages = 4;
constexpr std::size_t sessions = 2;

struct kind_of_message {
    queue_mode mode;
    bool alone;
};
constexpr kind_of_message kinds[] = {{queue_mode::followup, false}, {queue_mode::followup, true},
                                     {queue_mode::collect, false}, {queue_mode::steer, false},
                                     {queue_mode::interrupt, false}};

// What may happen next. The first ones put a message: kind * sessions + session.
enum event : std::size_t {
    first_put = 0,
    begin_turn = std::size(kinds) * sessions,
    time_passes,
    of_sessions,   // from here on: event + session * number of them
    end_turn = of_sessions,
    words_go_in,
    words_are_settled,
    call_back,
    release_turn,
    after_last,
};
constexpr std::size_t events = of_sessions + (after_last - of_sessions) * sessions;

std::string name_of_session(std::size_t n) {
    return "agent:main:" + std::string(1, static_cast<char>('a' + n));
}

// A table with what the gateway knows beside it: who works, and what became of each message.
class world {
public:
    world(asio::io_context& io, const lane_limits& limits) : table_(io), most_at_once_(limits.running) {
        table_.set_limits(limits);
    }

    // False: this cannot happen now.
    bool happen(std::size_t e) {
        if (e < begin_turn) return put(kinds[e / sessions], e % sessions);
        if (e == begin_turn) return begin();
        if (e == time_passes) return pass();
        const auto session = (e - of_sessions) % sessions;
        switch (of_sessions + (e - of_sessions) / sessions) {
        case end_turn: return end(session);
        case words_go_in: return take_words(session);
        case words_are_settled: return settle_words(session);
        case call_back: return stop_waiting(session);
        default: return release(session);
        }
    }

    // Everything ends, with nobody doing anything but working.
    bool drains() {
        for (std::size_t step = 0; step < 8 * most_messages; ++step) {
            bool moved = begin();
            for (std::size_t s = 0; s < sessions; ++s) moved = end(s) || moved;
            if (moved) continue;
            now_ += debounce * longest_rest;
            if (!begin()) break;
        }
        return ended_.size() == accepted_ && table_.stats().running == 0 && table_.stats().waiting == 0;
    }

    const std::string& violation() const { return violation_; }

    // What the future depends on.
    std::string fingerprint() const {
        std::ostringstream out;
        for (std::size_t s = 0; s < sessions; ++s) {
            const auto l = table_.find(name_of_session(s));
            out << '|';
            if (!l) continue;
            for (const auto& item : l->queue) show(out, *item, 'q');
            if (hosts_[s]) show(out, *hosts_[s], 'h');
            for (const auto& item : taken_[s]) show(out, *item, 't');
            // A rest is over after one step of time; ten of them are over in any case.
            out << l->working << l->scheduled << (now_ - l->last_arrival >= debounce)
                << (!l->queue.empty() && now_ - l->queue.front()->since >= debounce * longest_rest)
                << ' ' << begun_[s];
        }
        out << '|' << accepted_ << ' ' << ended_.size() << ' ' << table_.wakes_at().has_value();
        return out.str();
    }

private:
    static void show(std::ostream& out, const queued& item, char where) {
        out << where << item.inbox_id << static_cast<int>(item.mode) << item.alone << item.given_up
            << !item.abort_reason.empty();
        for (const auto& guest : item.joined) show(out, *guest, 'j');
    }

    bool put(const kind_of_message& kind, std::size_t session) {
        if (accepted_ == most_messages) return false;
        if (accepted_ == 0 && session != 0) return false;   // the same with other names
        const auto name = name_of_session(session);
        if (!table_.reserve_place(name)) return false;
        auto item = std::make_unique<queued>();
        item->inbox_id = static_cast<std::int64_t>(++accepted_);
        item->run = std::make_shared<const run_identity>(
            run_identity{std::to_string(item->inbox_id), name, "main"});
        item->mode = kind.mode;
        item->alone = kind.alone;
        const auto key = session_key::parse(name, "main").value();
        const auto stopped = table_.enqueue(key, name, std::move(item), now_);
        // To be stopped is to end a little earlier, which it may do anyway.
        if (stopped && (stopped != lanes_[session] || kind.mode != queue_mode::interrupt)) {
            violation_ = "the wrong turn is interrupted";
        }
        return true;
    }

    bool begin() {
        auto job = table_.next(now_);
        if (!job) return false;
        const auto session = job->lane->canonical == name_of_session(0) ? 0u : 1u;
        if (hosts_[session]) violation_ = "two turns of one session at once";
        if (table_.stats().running > most_at_once_) violation_ = "more turns than places";
        const auto& other = hosts_[1 - session];
        const bool alone = job->item->alone && job->item->abort_reason.empty();
        if (alone && other && other->alone && other->abort_reason.empty()) {
            violation_ = "two that go alone at once";
        }
        note_order(*job->item, session);
        lanes_[session] = job->lane;
        hosts_[session] = std::move(job->item);
        return true;
    }

    void note_order(const queued& item, std::size_t session) {
        if (item.inbox_id <= begun_[session]) violation_ = "out of order";
        begun_[session] = item.inbox_id;
        for (const auto& guest : item.joined) note_order(*guest, session);
    }

    bool end(std::size_t session) {
        if (!hosts_[session]) return false;
        if (!taken_[session].empty()) settle_words(session);
        note_end(*hosts_[session]);
        hosts_[session].reset();
        table_.finished(lanes_[session], now_, false);
        return true;
    }

    void note_end(const queued& item) {
        if (!ended_.insert(item.inbox_id).second) violation_ = "ended twice";
        for (const auto& guest : item.joined) note_end(*guest);
    }

    bool take_words(std::size_t session) {
        if (!hosts_[session] || !taken_[session].empty()) return false;
        taken_[session] = table_.take_steering(*lanes_[session], *hosts_[session]);
        return !taken_[session].empty();
    }

    // What the store said: no, in one session and for one message alone, else yes.
    bool settle_words(std::size_t session) {
        if (taken_[session].empty()) return false;
        if (session == 0 || taken_[session].size() == 1) {
            table_.give_back(*lanes_[session], std::exchange(taken_[session], {}), now_);
            return true;
        }
        for (auto& guest : std::exchange(taken_[session], {})) {
            note_order(*guest, session);
            hosts_[session]->joined.push_back(std::move(guest));
        }
        return true;
    }

    bool pass() {
        if (!table_.wakes_at()) return false;
        now_ += debounce;
        return true;
    }

    bool stop_waiting(std::size_t session) {
        const auto l = table_.find(name_of_session(session));
        if (!l || l->queue.empty() || !l->queue.front()->abort_reason.empty()) return false;
        l->queue.front()->abort_reason = "rpc";
        table_.hurry(l);
        return true;
    }

    // As the router does it: the message comes back, before all others, to be failed.
    bool release(std::size_t session) {
        if (!hosts_[session] || hosts_[session]->given_up || !taken_[session].empty()) return false;
        table_.release(lanes_[session], now_);
        auto item = std::move(hosts_[session]);
        item->given_up = true;
        item->alone = false;
        begun_[session] = item->inbox_id - 1;
        table_.put_back(lanes_[session]->key, lanes_[session]->canonical, std::move(item), now_);
        table_.finished(lanes_[session], now_, false);   // its turn ends at last, for nobody
        return true;
    }

    lane_table table_;
    const std::size_t most_at_once_;
    steady_time now_{std::chrono::hours(1)};
    std::size_t accepted_ = 0;
    std::shared_ptr<lane> lanes_[sessions];
    queued_ptr hosts_[sessions];
    std::vector<queued_ptr> taken_[sessions];
    std::int64_t begun_[sessions] = {0, 0};
    std::set<std::int64_t> ended_;
    std::string violation_;
};

using path = std::vector<std::uint8_t>;

// The world after `steps`; false: the last one of them cannot happen there.
bool replay(const path& steps, world& w) {
    bool last = true;
    for (const auto e : steps) last = w.happen(e);
    return last;
}

std::string in_words(const path& steps) {
    std::string text;
    for (const auto e : steps) text += std::to_string(e) + " ";
    return text;
}

lane_limits one_place() {
    lane_limits limits;
    limits.running = 1;
    limits.debounce = debounce;
    return limits;
}

lane_limits two_places(std::size_t of_the_agent) {
    auto limits = one_place();
    limits.running = 2;
    if (of_the_agent > 0) limits.agents["main"] = of_the_agent;
    return limits;
}

struct explored {
    const char* name;
    lane_limits limits;
};

class lane_explorer : public testing::TestWithParam<explored> {};

TEST_P(lane_explorer, from_every_state_all_that_was_accepted_ends_once_and_in_order) {
    asio::io_context io;
    std::unordered_set<std::string> seen;
    std::deque<path> open{path{}};
    std::size_t states = 0;
    const auto* wished = std::getenv("OPENCLAW_LANE_DEPTH");
    const auto depth = wished == nullptr ? usual_depth : std::stoul(wished);
    while (!open.empty()) {
        const auto here = std::move(open.front());
        open.pop_front();
        for (std::size_t e = 0; e < events; ++e) {
            auto next = here;
            next.push_back(static_cast<std::uint8_t>(e));
            world w(io, GetParam().limits);
            if (!replay(next, w)) continue;
            ASSERT_EQ(w.violation(), "") << in_words(next);
            if (!seen.insert(w.fingerprint()).second) continue;
            ++states;
            ASSERT_TRUE(w.drains()) << "stuck or lost after " << in_words(next);
            ASSERT_EQ(w.violation(), "") << in_words(next) << "and the way to the end";
            if (next.size() < depth) open.push_back(next);
        }
    }
    RecordProperty("states", std::to_string(states));
    EXPECT_GT(states, 1'000 * depth);
}

INSTANTIATE_TEST_SUITE_P(lanes, lane_explorer,
                         testing::Values(explored{"one_place", one_place()},
                                         explored{"two_places", two_places(0)},
                                         explored{"one_of_the_agent", two_places(1)}),
                         [](const auto& p) { return std::string(p.param.name); });

}  // namespace
}  // namespace openclaw::routing
