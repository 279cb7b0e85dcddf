#include "ingress/ws_session.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "ingress/audit.hpp"
#include "ingress/device_json.hpp"
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

json events_of(std::string_view role) {
    if (role == "node") {
        return {"connect.challenge", "tick", "shutdown", "node.invoke.request", "node.invoke.cancel"};
    }
    return {"connect.challenge", "chat", "agent", "session.message", "sessions.changed", "tick", "shutdown",
            "config.changed", "presence",
            "device.pair.requested", "device.pair.resolved", "node.pair.requested", "node.pair.resolved"};
}

}  // namespace

ws_session::ws_session(gateway_context& gateway, ws_socket& socket, connect_context context)
    : gateway_(gateway)
    , socket_(socket)
    , on_(socket.strand())
    , context_(std::move(context))
    , conn_id_(make_uuid(gateway.d.random))
    , outbox_(max_buffered)
    , slow_calls_(max_slow_calls) {}

task<> ws_session::run() {
    if (co_await shake_hands()) {
        gateway_.d.hub->add(shared_from_this());
        const bool node = grant_->surface.has_value();
        if (node) gateway_.nodes.add(node_of(*grant_, greeted_ms_), shared_from_this());
        // A revocation between the decision and the lines above met nobody.
        if (!device_stands()) end(4001, "client invalidated: device token revoked");
        auto entry = presence();
        const auto shown = entry.is_null() ? 0 : gateway_.presence.enter(std::move(entry));
        socket_.set_read_limit(max_frame);
        while (true) {
            auto text = co_await socket_.read();
            if (!text || !co_await handle(*text)) break;
            co_await catch_up();
        }
        if (node) gateway_.nodes.remove(grant_->device_id, this);
        gateway_.d.hub->remove(shared_from_this());
        gateway_.presence.leave(shown);
    }
    // What is on its way, a close frame above all, gets out before the socket goes.
    while (flushing_ && ending_) {
        auto text = co_await socket_.read();
        if (!text) break;
    }
    tasks_.stop();
    co_await tasks_.join();
}

bool ws_session::device_stands() const {
    if (grant_->device_id.empty()) return true;
    const auto d = gateway_.devices.find(grant_->device_id, grant_->role);
    return d && d->revoked_ms == 0;
}

// What was answered gets out before the next message is looked at: one that breaks the protocol ends
// the connection at once. A client that does not read is not read from.
task<> ws_session::catch_up() {
    const auto due = outbox_.kept();
    while (written_ < due && flushing_ && !ending_) co_await progress_.wait();
}

task<bool> ws_session::shake_hands() {
    socket_.set_read_limit(max_frame_before_hello);
    const auto nonce = make_uuid(gateway_.d.random);
    push(plain_event("connect.challenge",
                     {{"nonce", nonce}, {"ts", gateway_.d.time.unix_ms()}}));
    const deadline_guard limit(on_, handshake_limit,
                               [self = weak_from_this()] {
                                   if (auto s = self.lock()) s->end(1000, "");
                               });
    auto text = co_await socket_.read();
    if (!text) co_return false;
    auto frame = parse_frame(*text);
    if (frame.what == parsed_frame::kind::not_json) {
        end(1000, "");
        co_return false;
    }
    if (frame.what == parsed_frame::kind::invalid) {
        end(1008, "invalid request frame");
        co_return false;
    }
    if (frame.request.method != "connect") {
        const std::string why = "invalid handshake: first request must be connect";
        push(error_frame(frame.request.id, {{"code", "INVALID_REQUEST"}, {"message", why}}));
        end(1008, why);
        co_return false;
    }
    if (gateway_.draining || !gateway_.ready) {
        const char* why = gateway_.draining ? "gateway stopping" : "gateway starting";
        json details{{"reason", "startup-sidecars"}};
        if (gateway_.draining) {
            details = {{"method", "connect"}, {"reason", "gateway stopping"}, {"phase", "draining"}};
        }
        push(error_frame(frame.request.id, {{"code", "UNAVAILABLE"},
                                            {"message", why},
                                            {"retryable", true},
                                            {"retryAfterMs", 500},
                                            {"details", std::move(details)}}));
        end(1013, why);
        co_return false;
    }
    auto verdict = co_await decide(frame.request.params, nonce);
    const auto places = gateway_.settings.gateway.network.connections.max_websocket_connections;
    if (verdict.grant && !place_.take(gateway_.websockets, places)) {
        verdict.grant.reset();
        verdict.refusal = refuse_for_now(error(errc::unavailable, "too many WebSockets are open"));
    }
    if (!verdict.grant) {
        if (verdict.failed.empty() && gateway_.logins.worth_telling(context_.caller)) {
            log::info("ingress", "a client was refused",
                      {{"reason", verdict.refusal.close_reason}, {"address", context_.remote_ip},
                       {"connection", conn_id_}});
        }
        push(error_frame(frame.request.id, verdict.refusal.error));
        end(verdict.refusal.close_code, verdict.refusal.close_reason);
        co_return false;
    }
    socket_.client_is_known();
    grant_ = std::move(verdict.grant);
    const auto has_cap = [&](std::string_view cap) {
        return std::find(grant_->caps.begin(), grant_->caps.end(), cap) != grant_->caps.end();
    };
    scoped_ = has_cap("session-scoped-events");
    tool_events_ = has_cap("tool-events");
    greeted_ms_ = gateway_.d.time.unix_ms();
    greeted_ = true;
    push(response_frame(frame.request.id, hello()));
    co_return true;
}

// The decision, with what has to be done about a device before it holds.
task<connect_verdict> ws_session::decide(const json& params, const std::string& nonce) {
    auto& devices = gateway_.devices;
    connect_verdict v;
    // A client without a device gets in even when the devices cannot be read.
    if (find(params, "device") != nullptr) {
        if (auto loaded = co_await devices.load(); !loaded) {
            log::error("ingress", "the devices cannot be read", {{"error", loaded.error().to_string()}});
            v.refusal = refuse_for_now(loaded.error());
            co_return v;
        }
    }
    v = decide_connect(params, context_, gateway_.authenticator, devices, nonce, gateway_.d.time.unix_ms());
    for (const auto kind : v.failed) gateway_.logins.failed(context_.caller, kind, conn_id_);
    if (v.pairing && v.pairing->reason.empty()) {
        auto paired = co_await devices.pair(v.pairing->claim);
        if (paired) {
            log::info("ingress", "a device on this machine was paired",
                      {{"device", paired->as.id}, {"connection", conn_id_}});
            record_pairing(gateway_, *paired);
        }
        if (!paired) v.grant.reset();
        if (!paired) v.refusal = refuse_for_now(paired.error());
    } else if (v.pairing) {
        auto asked = co_await devices.ask(v.pairing->claim, v.pairing->reason);
        v.refusal = asked ? refuse_unpaired(*asked, devices) : refuse_for_now(asked.error());
        if (asked && !asked->repeated) {
            gateway_.d.hub->devices_changed("device.pair.requested", request_json(*asked));
        }
    }
    if (!v.grant || v.grant->device_id.empty()) co_return v;
    devices.note_seen(v.grant->device_id, v.grant->role);
    if (v.grant->surface) {
        auto declared = co_await declare_surface(gateway_, *v.grant);
        if (!declared) {
            v.grant.reset();
            v.refusal = refuse_for_now(declared.error());
            co_return v;
        }
    }
    if (const auto d = devices.find(v.grant->device_id, v.grant->role)) {
        v.grant->device_token = devices.token_of(*d);
    }
    co_return v;
}

json ws_session::hello() const {
    json methods = json::array();
    for (const auto& m : all_methods()) {
        if (m.serves(grant_->role)) methods.push_back(m.name);
    }
    const auto agents = gateway_.d.router.agents();
    const auto& agent = agents->default_agent().id;
    const auto uptime = std::chrono::duration_cast<milliseconds>(gateway_.d.time.steady() -
                                                                 gateway_.started);
    json snapshot{{"presence", json::array()},
                  {"health", {{"ok", true}, {"ts", gateway_.d.time.unix_ms()}}},
                  {"stateVersion", {{"presence", 1}, {"health", 1}}},
                  {"uptimeMs", uptime.count()},
                  {"sessionDefaults",
                   {{"defaultAgentId", agent},
                    {"mainKey", "main"},
                    {"mainSessionKey", "agent:" + agent + ":main"},
                    {"scope", "per-sender"},
                    {"modelConfigured", agents->configured()},
                    {"ownership", "sole"},
                    {"selectionRequired", false}}}};
    auto present = presence_of(gateway_);
    snapshot["stateVersion"]["presence"] = present.version;
    if (grant_->who.allows(scope::read)) snapshot["presence"] = std::move(present.entries);
    if (grant_->who.allows(scope::admin)) {
        snapshot["authMode"] = gateway_.authenticator.disabled() ? "none" : "token";
        snapshot["configPath"] = gateway_.d.identity.config_path;
        snapshot["stateDir"] = gateway_.d.identity.state_dir;
    }
    json auth{{"role", grant_->role},
              {"scopes", grant_->who.scopes().names()},
              {"method", grant_->auth_method}};
    if (!grant_->device_token.empty()) {
        auth["deviceToken"] = grant_->device_token;
        auth["issuedAtMs"] = gateway_.d.time.unix_ms();
    }
    return {{"type", "hello-ok"},
            {"protocol", 4},
            {"server",
             {{"version", gateway_.d.identity.version},
              {"connId", conn_id_},
              {"bootId", gateway_.boot_id}}},
            {"features",
             {{"methods", std::move(methods)},
              {"events", events_of(grant_->role)},
              {"capabilities", json::array()}}},
            {"snapshot", std::move(snapshot)},
            {"auth", std::move(auth)},
            {"policy",
             {{"maxPayload", max_frame},
              {"maxBufferedBytes", max_buffered},
              {"tickIntervalMs", tick_interval.count()}}}};
}

// False when the connection has to end.
task<bool> ws_session::handle(std::string_view text) {
    auto frame = parse_frame(text);
    if (frame.what == parsed_frame::kind::not_json) co_return true;
    if (frame.what == parsed_frame::kind::invalid) {
        reply(error_frame(frame.id, {{"code", "INVALID_REQUEST"},
                                     {"message", "invalid request frame: " + frame.problem}}));
        co_return true;
    }
    auto& request = frame.request;
    if (request.method == "connect") {
        reply(error_frame(request.id, {{"code", "INVALID_REQUEST"},
                                       {"message", "connect is only valid as the first request"}}));
        co_return true;
    }
    const auto* m = find_method(request.method);
    if (m == nullptr) {
        reply(error_frame(request.id, {{"code", "INVALID_REQUEST"},
                                       {"message", "unknown method: " + request.method}}));
        co_return true;
    }
    if (!m->serves(grant_->role)) {
        refuse_role(request);
        co_return !ending_;
    }
    if (const auto missing = m->missing_for(grant_->who, request.params)) {
        reply(error_frame(request.id, missing_scope(*missing)));
        co_return true;
    }
    if (!request.params.is_object()) {
        reply(error_frame(request.id,
                          {{"code", "INVALID_REQUEST"},
                           {"message", "invalid " + request.method + " params: must be object"}}));
        co_return true;
    }
    if (m->slow) {
        tasks_.spawn(on_, "slow call", call(*m, std::move(request)));
    } else {
        co_await call(*m, std::move(request));
    }
    co_return !ending_;
}

void ws_session::refuse_role(const request_frame& request) {
    reply(error_frame(request.id, {{"code", "INVALID_REQUEST"},
                                   {"message", "unauthorized role: " + grant_->role}}));
    if (++wrong_role_ > max_wrong_role) end(1008, "repeated unauthorized calls");
}

task<> ws_session::call(const method& m, request_frame request) {
    auto self = shared_from_this();
    semaphore::ticket place;
    if (m.slow) {
        place = slow_calls_.try_acquire();
        if (!place) {
            reply(error_frame(request.id, ws_error(error(errc::queue_full,
                                                         "too many calls wait on this connection"))));
            co_return;
        }
    }
    auto accepted = [self, id = request.id](const json& payload) {
        self->reply(response_frame(id, payload));
    };
    json refusal = json::object();
    method_call c{gateway_, grant_->who, request.params,
                  request.method, *this,      grant_->device_id,
                  conn_id_,       std::move(accepted), refusal};
    try {
        auto outcome = co_await run_method(m, std::move(c));
        if (outcome) {
            reply(response_frame(request.id, *outcome));
            co_return;
        }
        auto failure = ws_error(outcome.error());
        failure.merge_patch(refusal);
        reply(error_frame(request.id, failure));
    } catch (const std::exception& e) {
        // A call of its own task is cancelled when the client has gone; all else is a bug.
        const auto* failure = dynamic_cast<const boost::system::system_error*>(&e);
        if (failure != nullptr && failure->code() == asio::error::operation_aborted) throw;
        log::error("ingress", "a method broke", {{"method", m.name}, {"error", e.what()}});
        reply(error_frame(request.id, ws_error(error(errc::internal))));
    }
}

bool ws_session::hears(topic t, const std::string& session) const {
    if (!greeted_) return false;
    if (t == topic::devices) return grant_->who.allows(scope::pairing);
    if (!grant_->who.allows(scope::read)) return false;
    if (t == topic::config || t == topic::presence) return true;
    if (t == topic::sessions_changed) return follows_all_;
    if (t == topic::session_message) return follows_all_ || follows(session);
    if (t == topic::tool && !tool_events_) return false;
    return !scoped_ || follows(session);
}

bool ws_session::follows(const std::string& session) const {
    std::lock_guard lock(followed_mutex_);
    return followed_.contains(session);
}

// A PresenceEntry; null for those that come for one question and go again, who are not shown.
json ws_session::presence() const {
    const bool people = grant_->client_mode == "ui" || grant_->client_mode == "webchat";
    const bool reads = grant_->who.allows(scope::read);
    if (grant_->role != "node" && !(people && reads)) return nullptr;
    return {{"ts", greeted_ms_},
            {"onlineSince", greeted_ms_},
            {"host", grant_->client_id},
            {"version", grant_->client_version},
            {"platform", grant_->platform},
            {"mode", grant_->client_mode},
            {"reason", "connect"},
            {"instanceId", conn_id_},
            {"roles", {grant_->role}},
            {"scopes", grant_->who.scopes().names()}};
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

void ws_session::reply(std::string frame) {
    push(std::move(frame));
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
                progress_.open();
                co_return;  // flushing_ stays set: nothing is written any more
            }
            ++written_;
            progress_.open();
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

void ws_session::end(std::uint16_t code, std::string reason) {
    if (ending_) return;
    ending_ = true;
    end_code_ = code;
    end_reason_ = std::move(reason);
    progress_.open();
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

void ws_session::ping() {
    asio::post(on_, [self = shared_from_this()] {
        if (!self->ending_ && !std::exchange(self->pinging_, true)) {
            self->tasks_.spawn(self->on_, "ping", self->send_ping());
        }
    });
}

}  // namespace openclaw::ingress
