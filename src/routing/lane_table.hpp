#pragma once

#include "routing/lane.hpp"
#include "routing/ready_queue.hpp"

#include <list>
#include <map>
#include <optional>
#include <unordered_map>

namespace openclaw::routing {

// Bounds of the memory that accepted messages may take before their turn.
inline constexpr std::size_t max_waiting = 10'000;
inline constexpr std::size_t max_waiting_bytes = 256 << 20;
inline constexpr std::size_t max_joined_bytes = 1 << 20;     // of one turn
inline constexpr int longest_rest = 10;                      // times the debounce

struct lane_limits {
    std::size_t running = 100;        // sessions that work at once
    std::size_t per_session = 100;    // messages that wait
    std::size_t per_sender = 0;       // the same of one sender; 0: no bound
    milliseconds debounce{0};         // quiet that `collect` waits for
    std::unordered_map<std::string, std::size_t> agents;   // turns at once, of those that have a bound
};

// Which sessions are in memory, which of them have work, and who may work now. No I/O and no
// coroutines, time is passed in; its owner holds a lock around every call.
//
// A session without work is idle. With work it is ready; or it rests, because more may come of what
// is to be collected; or it is held back until another one gives its place back; or it works.
class lane_table {
public:
    explicit lane_table(asio::io_context& io) : io_(io) {}

    void set_limits(lane_limits limits);

    // queue_full when the session, the sender or the gateway holds too much; otherwise one place is
    // kept until enqueue() or release_place().
    result<void> reserve_place(const std::string& session, std::size_t bytes = 0,
                               const std::string& quota = {});
    void release_place(const std::string& session, std::size_t bytes = 0, const std::string& quota = {});

    // Puts a message into its session, in the order of acceptance, and makes the session ready. The
    // session, if the turn in progress there is to be stopped for it; else null.
    std::shared_ptr<lane> enqueue(const session_key& key, const std::string& canonical, queued_ptr item,
                                  steady_time now);
    // The same without a place kept: what was taken once is not refused.
    void put_back(const session_key& key, const std::string& canonical, queued_ptr item, steady_time now);

    // A session that may work now, with its next message and those that join its turn; nothing when
    // all places are taken or nobody has work. The caller runs it and then calls finished().
    struct job { std::shared_ptr<openclaw::routing::lane> lane; queued_ptr item; };
    std::optional<job> next(steady_time now);
    // A message that waits there was called back, and that needs nobody's place: the session rests no
    // more, nor is it held back.
    void hurry(const std::shared_ptr<lane>& l);
    // When next() has more to give without anything else happening; nothing: never.
    std::optional<steady_time> wakes_at() const;
    // `forget`: nothing of the session is worth keeping in memory.
    void finished(const std::shared_ptr<lane>& l, steady_time now, bool forget);

    // What waits at the front of a working session and may still go into its turn, that of `host`.
    std::vector<queued_ptr> take_steering(lane& l, const queued& host);
    // Not taken after all.
    void give_back(lane& l, std::vector<queued_ptr> items, steady_time now);

    // Sessions whose turn can be stopped and has held them for too long.
    std::vector<std::shared_ptr<lane>> overdue(steady_time now) const;
    // Takes a working session from its turn: what waits goes on in another lane, and what the turn
    // still does is nobody's.
    void release(const std::shared_ptr<lane>& l, steady_time now);

    // Every message whose turn has not begun; the sessions are left without work.
    std::vector<queued_ptr> take_waiting();

    std::shared_ptr<lane> find(const std::string& session) const;
    // The session in which the run is in progress or waits; null when there is none.
    std::shared_ptr<lane> find_run(const std::string& run_id) const;
    // Drops sessions that have been idle since before `limit`.
    void drop_idle(steady_time limit);
    queue_stats stats() const;
    // Every session that works now.
    std::vector<std::shared_ptr<lane>> working() const;

private:
    using lane_ptr = std::shared_ptr<lane>;

    void make_room();
    void count(const std::string& quota);
    void uncount(const queued& item);
    queued_ptr take_front(lane& l);
    void make_ready(const lane_ptr& l, steady_time now);
    steady_time rests_until(const lane& l) const;
    std::string held_back_by(const lane& l) const;
    job begin(lane_ptr l);
    void give_place_back(const lane& l);
    void hold_back(const lane_ptr& l, const std::string& why);
    bool has_place(const std::string& agent) const;
    void readmit(const std::string& why);
    void readmit_beside(const lane& l);
    void wake(std::multimap<steady_time, lane_ptr>::iterator resting);

    asio::io_context& io_;
    lane_limits limits_;
    std::size_t running_ = 0;
    std::size_t waiting_ = 0;                                  // places kept and messages queued
    std::size_t waiting_bytes_ = 0;
    std::unordered_map<std::string, std::size_t> reserved_;    // per session, places kept
    std::unordered_map<std::string, std::size_t> senders_;     // waiting_, of those that are counted
    std::unordered_map<std::string, std::size_t> agents_;      // that work, of those with a bound
    std::size_t alone_ = 0;                                    // that work on what goes alone
    std::unordered_map<std::string, lane_ptr> lanes_;
    ready_queue<lane_ptr> ready_;
    std::multimap<steady_time, lane_ptr> resting_;
    // By what they wait for. While that is free nobody waits for it, or one of them is ready.
    std::map<std::string, ready_queue<lane_ptr>> held_back_;
    std::size_t held_ = 0;
    std::list<lane_ptr> idle_;                                 // longest idle first
};

}  // namespace openclaw::routing
