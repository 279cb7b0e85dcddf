// A WebSocket client from the challenge to hello-ok.

#include "ingress/ws_session.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "ingress/audit.hpp"
#include "ingress/device_json.hpp"
#include "ingress/errors.hpp"
#include "ingress/node_entry.hpp"

namespace openclaw::ingress {

namespace {

json events_of(std::string_view role) {
    if (role == "node") {
        return {"connect.challenge", "tick", "shutdown", "health",
                "node.invoke.request", "node.invoke.cancel"};
    }
    return {"connect.challenge", "chat", "agent", "session.message", "sessions.changed", "tick", "shutdown",
            "config.changed", "cron", "presence", "health",
            "device.pair.requested", "device.pair.resolved", "node.pair.requested", "node.pair.resolved"};
}

std::size_t max_websockets(const gateway_context& gateway) {
    return gateway.in_effect.get()->settings.gateway.network.connections.max_websocket_connections;
}

bool has_cap(const connect_grant& grant, std::string_view cap) {
    return std::find(grant.caps.begin(), grant.caps.end(), cap) != grant.caps.end();
}

}  // namespace

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
    deciding_ = false;
    if (ending_) co_return false;
    if (verdict.grant && !place_.take(gateway_.websockets, max_websockets(gateway_))) {
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
    if (!secret_stands()) {   // it was changed while the decision waited for the store
        end(1008, "the gateway's token was changed");
        co_return false;
    }
    scoped_ = has_cap(*grant_, "session-scoped-events");
    tool_events_ = has_cap(*grant_, "tool-events");
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
        deciding_ = reading_early_ = true;   // a decision on a device may wait for the store
        tasks_.spawn(on_, "early frames", read_early());
        if (auto loaded = co_await devices.load(); !loaded) {
            log::error("ingress", "the devices cannot be read", {{"error", loaded.error().to_string()}});
            v.refusal = refuse_for_now(loaded.error());
            co_return v;
        }
    }
    const auto now = gateway_.in_effect.get();
    secret_epoch_ = now->secret_epoch;
    v = decide_connect(params, context_, now->authenticator, devices, nonce, gateway_.d.time.unix_ms());
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

// Reads beside the decision, so that who floods it is noticed. The message after it is the last one
// that it reads.
task<> ws_session::read_early() {
    auto self = shared_from_this();
    while (true) {
        auto text = co_await socket_.read();
        if (text) early_.emplace_back(*text);
        if (!text || !deciding_) break;
        if (early_.size() > max_early_frames) {
            end(1008, "too many pending handshake frames");
            break;
        }
    }
    reading_early_ = false;
    early_read_.open();
}

// What read_early() has read, in order; nothing when that is all.
task<std::optional<std::string>> ws_session::next_early() {
    if (early_.empty() && reading_early_) co_await early_read_.wait();
    if (early_.empty()) co_return std::nullopt;
    auto text = std::move(early_.front());
    early_.pop_front();
    co_return text;
}

json ws_session::hello() const {
    json methods = json::array();
    for (const auto& m : all_methods()) {
        if (m.in_effect && m.serves(grant_->role)) methods.push_back(m.name);
    }
    const auto agents = gateway_.d.router.agents();
    const auto& agent = agents->default_agent().id;
    const auto uptime = std::chrono::duration_cast<milliseconds>(gateway_.d.time.steady() -
                                                                 gateway_.started);
    json snapshot{{"presence", json::array()},
                  {"health", {{"ok", true}, {"ts", gateway_.d.time.unix_ms()}}},
                  {"stateVersion", state_version(gateway_)},
                  {"uptimeMs", uptime.count()},
                  {"sessionDefaults",
                   {{"defaultAgentId", agent},
                    {"mainKey", "main"},
                    {"mainSessionKey", "agent:" + agent + ":main"},
                    {"scope", "per-sender"},
                    {"modelConfigured", agents->configured()},
                    {"ownership", "sole"},
                    {"selectionRequired", false}}}};
    auto present = presence_of(gateway_, gateway_.presence.list());
    snapshot["stateVersion"]["presence"] = present.version;
    if (grant_->who.allows(scope::read)) snapshot["presence"] = std::move(present.entries);
    if (grant_->who.allows(scope::admin)) {
        snapshot["authMode"] = gateway_.in_effect.get()->authenticator.disabled() ? "none" : "token";
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

bool ws_session::device_stands() const {
    if (grant_->device_id.empty()) return true;
    const auto d = gateway_.devices.find(grant_->device_id, grant_->role);
    const auto held = grant_->who.scopes();
    return d && d->revoked_ms == 0 && d->as.scopes.granted(held) == held;
}

}  // namespace openclaw::ingress
