#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/core/task_group.hpp"
#include "ingress/counted_place.hpp"
#include "ingress/event_hub.hpp"
#include "ingress/frames.hpp"
#include "ingress/gateway_context.hpp"
#include "ingress/handshake.hpp"
#include "ingress/methods.hpp"
#include "ingress/outbox.hpp"
#include "ingress/transport.hpp"

#include <list>
#include <set>

namespace openclaw::ingress {

// protocol.md §1.3, and our bound on what waits for one reader.
inline constexpr std::size_t max_frame_before_hello = 65'536;
inline constexpr std::size_t max_early_frames = 15;   // while a connect is looked at
inline constexpr std::size_t max_frame = 26'214'400;
inline constexpr std::size_t max_buffered = 4 << 20;
inline constexpr milliseconds handshake_limit{15'000};
inline constexpr milliseconds tick_interval{30'000};

// One WebSocket client from challenge to close. Everything but hear() and deliver() happens on the
// strand of its connection; run() owns it and joins what it started before it returns.
class ws_session final : public subscriber,
                         public followed_sessions,
                         public node_link,
                         public std::enable_shared_from_this<ws_session> {
public:
    ws_session(gateway_context& gateway, ws_socket& socket, connect_context context);

    // The ways out: the client closes, a refusal, silence before `connect`, a reader that is too
    // slow, the end of the gateway.
    task<> run();

    bool hears(topic t, const std::string& session) const override;
    bool hears_of(const std::string& session) const override;
    void hear(const event_frame_ptr& event) override;
    void expel(const expelled& who, const std::string& reason,
               const std::string& but) override;

    void deliver(std::string frame) override;
    void leave(const std::string& reason) override;

    bool follow(const std::string& session) override;
    void unfollow(const std::string& session) override;
    void follow_all() override;
    void unfollow_all() override;

    // From the server, on any thread.
    void shut_down();
    // The gateway's own secret is another one: whoever was let in by the old one goes.
    void leave_with_secret();
    void ping();

private:
    using frame_ptr = std::shared_ptr<const std::string>;

    task<bool> shake_hands();
    bool device_stands() const;
    bool secret_stands() const;
    bool follows(const std::string& session) const;
    task<connect_verdict> decide(const json& params, const std::string& nonce);
    task<> read_early();
    task<std::optional<std::string>> next_early();
    task<bool> handle(std::string_view text);
    task<> call(const method& m, request_frame request);
    void refuse(const json& id, const std::string& why);
    void refuse_role(const request_frame& request);
    void push(std::string frame);
    bool try_answer(const frame_ptr& frame);
    task<> answer_later(frame_ptr frame);
    void end(std::uint16_t code, std::string reason);
    void wake();
    void tell_progress();
    task<> flush();
    task<> end_hard();
    task<> catch_up();
    task<> send_ping();
    json hello() const;

    gateway_context& gateway_;
    ws_socket& socket_;
    const executor on_;
    const connect_context context_;
    std::string conn_id_;
    counted_place place_;                    // under maxWebSocketConnections, with hello
    std::optional<connect_grant> grant_;
    std::atomic<bool> greeted_ = false;      // hello was sent; grant_ does not change any more
    std::uint64_t secret_epoch_ = 0;         // of the secret that the grant was decided by
    bool scoped_ = false;                    // cap session-scoped-events: only what it follows
    bool tool_events_ = false;               // cap tool-events
    std::int64_t greeted_ms_ = 0;
    std::atomic<bool> follows_all_ = false;
    mutable std::mutex followed_mutex_;      // of followed_, which other strands look into
    std::set<std::string> followed_;
    outbox outbox_;
    semaphore slow_calls_;
    std::atomic<bool> flushing_ = false;
    std::uint64_t written_ = 0;              // frames
    gate progress_;                          // opened with each, and at the end
    semaphore answering_;                    // whose answer is the next to get room
    gate room_;                              // opened as progress_, for that one
    std::list<std::string> early_;           // messages that came while the connect was looked at
    bool deciding_ = false;
    bool reading_early_ = false;             // read_early() is the one who reads
    gate early_read_;                        // opened when it has ended
    bool ending_ = false;
    bool pinging_ = false;
    int wrong_role_ = 0;                     // calls of methods of the other role
    std::uint16_t end_code_ = 1000;
    std::string end_reason_;
    task_group tasks_;
};

}  // namespace openclaw::ingress
