#pragma once

#include "routing/lane.hpp"
#include "routing/ready_queue.hpp"

#include <list>
#include <optional>
#include <unordered_map>

namespace openclaw::routing {

// Bounds of the memory that accepted messages may take before their turn.
inline constexpr std::size_t max_waiting_per_session = 100;
inline constexpr std::size_t max_waiting = 10'000;
inline constexpr std::size_t max_waiting_bytes = 256 << 20;

// Which sessions are in memory, which of them have work, and who may work now. No I/O and no
// coroutines; its owner holds a lock around every call.
class lane_table {
public:
    explicit lane_table(asio::io_context& io) : io_(io) {}

    void set_max_running(std::size_t n) { max_running_ = n; }

    // queue_full when the session or the gateway holds too much; otherwise one place is kept until
    // enqueue() or release_place().
    result<void> reserve_place(const std::string& session, std::size_t bytes = 0);
    void release_place(const std::string& session, std::size_t bytes = 0);

    // Puts a message into its session, in the order of acceptance, and makes the session ready.
    void enqueue(const session_key& key, const std::string& canonical, queued_ptr item,
                 steady_time now);

    // A session that may work now, with its next message; nothing when all places are taken or
    // nobody has work. The caller runs it and then calls finished().
    struct job { std::shared_ptr<openclaw::routing::lane> lane; queued_ptr item; };
    std::optional<job> next();
    // `forget`: nothing of the session is worth keeping in memory.
    void finished(const std::shared_ptr<lane>& l, steady_time now, bool forget);

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
    void make_room();

    asio::io_context& io_;
    std::size_t max_running_ = 100;
    std::size_t running_ = 0;
    std::size_t waiting_ = 0;                                  // places kept and messages queued
    std::size_t waiting_bytes_ = 0;
    std::unordered_map<std::string, std::size_t> reserved_;    // per session, places kept
    std::unordered_map<std::string, std::shared_ptr<lane>> lanes_;
    ready_queue<std::shared_ptr<lane>> ready_;
    std::list<std::shared_ptr<lane>> idle_;                    // longest idle first
};

}  // namespace openclaw::routing
