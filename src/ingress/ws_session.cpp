#include "ingress/ws_session.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "ingress/audit.hpp"
#include "ingress/errors.hpp"
#include "ingress/node_entry.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_slow_calls = 32;  // agent and agent.wait in progress per connection
constexpr std::size_t max_followed = 1000;  // sessions that one connection follows
constexpr int max_wrong_role = 32;          // calls of the other role's methods
constexpr milliseconds end_limit{5'000};    // for a goodbye to a client that may not read
constexpr milliseconds answer_limit{120'000};  // for one frame to get out while answers wait

}  // namespace

ws_session::ws_session(gateway_context& gateway, ws_socket& socket, connect_context context)
    : gateway_(gateway)
    , socket_(socket)
    , on_(socket.strand())
    , context_(std::move(context))
    , conn_id_(make_uuid(gateway.d.random))
    , outbox_(max_buffered)
    , slow_calls_(max_slow_calls)
    , answering_(1) {}

task<> ws_session::run() {
    if (co_await shake_hands()) {
        gateway_.d.hub->add(shared_from_this());
        const bool node = grant_->surface.has_value();
        if (node) gateway_.nodes.add(node_of(*grant_, greeted_ms_), shared_from_this());
        // A revocation or rotation between the decision and the lines above met nobody.
        if (!device_stands()) end(4001, "client invalidated: device token revoked");
        auto entry = presence_entry(*grant_, conn_id_, context_.remote_ip, greeted_ms_);
        const auto shown = entry.is_null() ? 0 : gateway_.presence.enter(std::move(entry));
        socket_.set_read_limit(max_frame);
        while (auto text = co_await next_early()) {
            if (!co_await handle(*text)) break;
            co_await catch_up();
        }
        while (!ending_) {
            auto text = co_await socket_.read();
            if (!text || !co_await handle(*text)) break;
            co_await catch_up();
        }
        if (node) gateway_.nodes.remove(grant_->device_id, this);
        gateway_.d.hub->remove(shared_from_this());
        gateway_.presence.leave(shown, gateway_.d.time.unix_ms());
    }
    // What is on its way, a close frame above all, gets out before the socket goes.
    while (co_await next_early()) {}
    while (flushing_ && ending_) {
        auto text = co_await socket_.read();
        if (!text) break;
    }
    tasks_.stop();
    co_await tasks_.join();
}

// What was answered gets out before the next message is looked at: one that breaks the protocol ends
// the connection at once. A client that does not read is not read from.
task<> ws_session::catch_up() {
    const auto due = outbox_.kept();
    while (written_ < due && flushing_ && !ending_) co_await progress_.wait();
    // Behind all answers that wait for room, if there are any.
    if (!answering_.try_acquire()) (void)co_await answering_.acquire();
}

// False when the connection has to end.
task<bool> ws_session::handle(std::string_view text) {
    auto frame = parse_frame(text);
    if (frame.what == parsed_frame::kind::not_json) co_return true;
    if (frame.what == parsed_frame::kind::invalid) {
        refuse(frame.id, "invalid request frame: " + frame.problem);
        co_return true;
    }
    auto& request = frame.request;
    if (request.method == "connect") {
        refuse(request.id, "connect is only valid as the first request");
        co_return true;
    }
    const auto* m = find_method(request.method);
    if (m == nullptr) {
        refuse(request.id, "unknown method: " + request.method);
        co_return true;
    }
    if (!m->serves(grant_->role)) {
        refuse_role(request);
        co_return !ending_;
    }
    if (const auto missing = m->missing_for(grant_->who, request.params)) {
        push(error_frame(request.id, missing_scope(*missing)));
        co_return true;
    }
    if (!request.params.is_object()) {
        refuse(request.id, "invalid " + request.method + " params: must be object");
        co_return true;
    }
    if (m->slow) {
        tasks_.spawn(on_, "slow call", call(*m, std::move(request)));
    } else {
        co_await call(*m, std::move(request));
    }
    co_return !ending_;
}

void ws_session::refuse(const json& id, const std::string& why) {
    push(error_frame(id, {{"code", "INVALID_REQUEST"}, {"message", why}}));
}

void ws_session::refuse_role(const request_frame& request) {
    refuse(request.id, "unauthorized role: " + grant_->role);
    if (++wrong_role_ > max_wrong_role) end(1008, "repeated unauthorized calls");
}

task<> ws_session::call(const method& m, request_frame request) {
    auto self = shared_from_this();
    semaphore::ticket place;
    if (m.slow) {
        place = slow_calls_.try_acquire();
        if (!place) {
            const error full(errc::queue_full, "too many calls wait on this connection");
            push(error_frame(request.id, ws_error(full)));
            co_return;
        }
    }
    auto accepted = [self, id = request.id](const json& payload) {
        self->push(response_frame(id, payload));
    };
    json refusal = json::object();
    method_call c{gateway_, grant_->who, request.params,
                  request.method, *this,      grant_->device_id,
                  conn_id_,       std::move(accepted), refusal};
    std::string frame;
    try {
        auto outcome = co_await run_method(m, std::move(c));
        if (outcome) {
            frame = response_frame(request.id, *outcome);
        } else {
            auto failure = ws_error(outcome.error());
            failure.merge_patch(refusal);
            frame = error_frame(request.id, failure);
        }
    } catch (const std::exception& e) {
        // A call of its own task is cancelled when the client has gone; all else is a bug.
        const auto* failure = dynamic_cast<const boost::system::system_error*>(&e);
        if (failure != nullptr && failure->code() == asio::error::operation_aborted) throw;
        log::error("ingress", "a method broke", {{"method", m.name}, {"error", e.what()}});
        frame = error_frame(request.id, ws_error(error(errc::internal)));
    }
    auto answer = std::make_shared<const std::string>(std::move(frame));
    if (!try_answer(answer)) co_await answer_later(std::move(answer));
}

// False when there is no room for it now.
bool ws_session::try_answer(const frame_ptr& frame) {
    const auto verdict = outbox_.offer(frame);
    if (verdict == outbox::verdict::overflow) end(1008, "slow consumer");
    else if (verdict == outbox::verdict::kept) wake();
    return verdict != outbox::verdict::full;
}

// Waits for room, so that a client that reads gets every answer, however many large ones come at once.
// Meanwhile no further calls are read: no more answers can wait than there are slow calls.
task<> ws_session::answer_later(frame_ptr frame) {
    const auto turn = co_await answering_.acquire();
    deadline_guard limit(on_, answer_limit, [self = weak_from_this()] {
        if (auto s = self.lock()) s->end(1008, "slow consumer");
    });
    while (!ending_ && !try_answer(frame)) {
        co_await room_.wait();
        limit.restart(answer_limit);
    }
}

bool ws_session::hears(topic t, const std::string& session) const {
    if (!greeted_) return false;
    if (t == topic::devices) return grant_->who.allows(scope::pairing);
    const bool reads = grant_->who.allows(scope::read);
    if (t == topic::health_outside) return !reads;
    if (!reads) return false;
    if (t == topic::config || t == topic::cron || t == topic::presence || t == topic::health) return true;
    if (t == topic::sessions_changed) return follows_all_;
    if (t == topic::session_message) return follows_all_ || follows(session);
    if (t == topic::tool && !tool_events_) return false;
    return !scoped_ || follows(session);
}

bool ws_session::hears_of(const std::string& session) const {
    if (!greeted_ || !grant_->who.allows(scope::read)) return false;
    return !scoped_ || follows_all_ || follows(session);
}

bool ws_session::follows(const std::string& session) const {
    std::lock_guard lock(followed_mutex_);
    return followed_.contains(session);
}

void ws_session::follow_all() {
    follows_all_ = true;
}

void ws_session::unfollow_all() {
    follows_all_ = false;
}

bool ws_session::follow(const std::string& session) {
    std::lock_guard lock(followed_mutex_);
    if (followed_.size() >= max_followed) return followed_.contains(session);
    followed_.insert(session);
    return true;
}

void ws_session::unfollow(const std::string& session) {
    std::lock_guard lock(followed_mutex_);
    followed_.erase(session);
}

void ws_session::hear(const event_frame_ptr& event) {
    const auto verdict = outbox_.push_event(event);
    if (verdict == outbox::verdict::overflow) {
        asio::post(on_, [self = shared_from_this()] { self->end(1008, "slow consumer"); });
        return;
    }
    if (verdict == outbox::verdict::kept) wake();
}

void ws_session::deliver(std::string frame) {
    const auto verdict = outbox_.push(std::make_shared<const std::string>(std::move(frame)));
    if (verdict == outbox::verdict::overflow) {
        asio::post(on_, [self = shared_from_this()] { self->end(1008, "slow consumer"); });
        return;
    }
    wake();
}

void ws_session::leave(const std::string& reason) {
    asio::post(on_, [self = shared_from_this(), reason] { self->end(4001, reason); });
}

void ws_session::expel(const expelled& who, const std::string& reason, const std::string& but) {
    if (!greeted_ || who.device.empty() || grant_->device_id != who.device || conn_id_ == but) return;
    if (!who.role.empty() && grant_->role != who.role) return;
    asio::post(on_, [self = shared_from_this(), reason] { self->end(4001, reason); });
}

void ws_session::push(std::string frame) {
    const auto verdict = outbox_.push(std::make_shared<const std::string>(std::move(frame)));
    if (verdict == outbox::verdict::overflow) {
        end(1008, "slow consumer");
        return;
    }
    wake();
}

// One flush at a time; it is started where there is something to write, so that an idle client
// costs no coroutine.
void ws_session::wake() {
    if (flushing_.exchange(true)) return;
    tasks_.spawn(on_, "flush", flush());
}

task<> ws_session::flush() {
    auto self = shared_from_this();
    while (true) {
        while (auto frame = outbox_.pop()) {
            const auto sent = co_await socket_.write(*frame->body, frame->tail);
            if (!sent) {
                if (sent.error().code != errc::cancelled) socket_.abort();
                ending_ = true;
                tell_progress();
                co_return;  // flushing_ stays set: nothing is written any more
            }
            ++written_;
            tell_progress();
        }
        if (ending_) {
            co_await socket_.close(end_code_, end_reason_);
            co_return;
        }
        flushing_ = false;
        if (outbox_.empty() && !ending_) co_return;
        if (flushing_.exchange(true)) co_return;
    }
}

void ws_session::tell_progress() {
    progress_.open();
    room_.open();
}

void ws_session::end(std::uint16_t code, std::string reason) {
    if (ending_) return;
    ending_ = true;
    end_code_ = code;
    end_reason_ = std::move(reason);
    tell_progress();
    tasks_.spawn(on_, "hard end", end_hard());
    wake();
}

// A client that neither reads nor answers does not get to stay.
task<> ws_session::end_hard() {
    auto self = shared_from_this();
    asio::steady_timer timer(on_, end_limit);
    boost::system::error_code failure;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    if (!failure) socket_.abort();
}

task<> ws_session::send_ping() {
    auto self = shared_from_this();
    co_await socket_.ping();
    pinging_ = false;
}

void ws_session::shut_down() {
    asio::post(on_, [self = shared_from_this()] { self->end(1012, "service restart"); });
}

// Of what is let in by something else, a device's token or the Unix socket, too.
bool ws_session::secret_stands() const {
    const bool by_secret = grant_ && (grant_->auth_method == "token" || grant_->auth_method == "password");
    return !by_secret || secret_epoch_ == gateway_.in_effect.get()->secret_epoch;
}

void ws_session::leave_with_secret() {
    asio::post(on_, [self = shared_from_this()] {
        if (!self->secret_stands()) self->end(1008, "the gateway's token was changed");
    });
}

void ws_session::ping() {
    asio::post(on_, [self = shared_from_this()] {
        if (!self->ending_ && !std::exchange(self->pinging_, true)) {
            self->tasks_.spawn(self->on_, "ping", self->send_ping());
        }
    });
}

}  // namespace openclaw::ingress
