#include "cli/gateway_client.hpp"

#include "cli/frames.hpp"
#include "openclaw/core/deadline.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>

namespace openclaw::cli {

namespace {

constexpr std::size_t max_answer = 64 << 20;   // bytes of an HTTP answer

net::request_limits limits() {
    net::request_limits l;
    l.connect = gateway_client::connect_limit;
    l.first_byte = gateway_client::call_limit;
    l.idle = gateway_client::call_limit;
    return l;
}

net::client_options options_for(const endpoint& to) {
    net::client_options o;
    o.user_agent = "openclaw-cli";
    o.use_proxy_environment = !to.local;
    return o;
}

// Why nobody answers, and how to have somebody answer.
error unreachable_error(const endpoint& to, const error& e) {
    const auto code = e.code == errc::tls ? errc::tls : errc::network;
    auto hint = std::string("Start it with `openclaw gateway run`");
    hint += to.local ? "." : ", or check --url.";
    if (to.http.is_unix() && e.code == errc::forbidden) {
        return error(errc::forbidden, "the gateway at " + to.shown + " belongs to another user",
                     "Run this command as that user, or give --url and --token.");
    }
    return error(code, "no gateway answers at " + to.shown + ": " + e.message, hint);
}

error lost(const std::string& where, const error& e) {
    if (e.code == errc::timed_out || e.code == errc::protocol || e.code == errc::too_large) return e;
    return error(errc::network, "the connection to the gateway at " + where + " ended: " + e.message,
                 "See `openclaw gateway status`.");
}

}  // namespace

task<result<std::unique_ptr<gateway_client>>> gateway_client::connect(const endpoint& to) {
    auto ws = co_await net::ws_connect(to.ws, {}, options_for(to), limits());
    if (!ws) co_return unreachable_error(to, ws.error());
    co_return co_await greet(std::move(*ws), to);
}

task<result<std::unique_ptr<gateway_client>>> gateway_client::greet(
    std::unique_ptr<net::ws_client> ws, const endpoint& to) {
    std::unique_ptr<gateway_client> client(new gateway_client(std::move(ws), to.shown));
    auto waiting = client->await_challenge();
    const auto challenged = co_await with_deadline(connect_limit, "the greeting of the gateway",
                                                   std::move(waiting));
    if (!challenged) co_return unreachable_error(to, challenged.error());
    auto hello = co_await client->call("connect", connect_params(to.token), connect_limit);
    if (!hello) co_return hello.error();
    client->hello_ = std::move(*hello);
    co_return std::move(client);
}

task<result<void>> gateway_client::await_challenge() {
    while (true) {
        const auto text = co_await ws_->read();
        if (!text) co_return lost(where_, text.error());
        const auto f = parse_frame(*text);
        if (!f) co_return f.error();
        if (f->what == frame::kind::event && f->event == "connect.challenge") co_return result<void>();
    }
}

task<result<json>> gateway_client::call(std::string method, json params,
                                        std::chrono::milliseconds limit, event_handler on_event) {
    const auto what = "the gateway's answer to " + method;
    auto work = exchange(method, params, on_event);
    co_return co_await with_deadline(limit, what, std::move(work));
}

task<result<json>> gateway_client::exchange(const std::string& method, const json& params,
                                            const event_handler& on_event) {
    const auto id = std::to_string(++last_id_);
    const auto written = co_await ws_->write(request_text(id, method, params));
    if (!written) co_return lost(where_, written.error());
    // Ways out: the final answer; the connection ends; the caller's deadline.
    while (true) {
        const auto text = co_await ws_->read();
        if (!text) co_return lost(where_, text.error());
        auto f = parse_frame(*text);
        if (!f) co_return f.error();
        if (f->what == frame::kind::event && on_event) on_event(f->event, f->payload);
        if (f->what != frame::kind::response || f->id != id || is_interim(*f)) continue;
        if (!f->ok) co_return std::move(f->failure);
        co_return std::move(f->payload);
    }
}

task<> gateway_client::close() {
    const auto closing = [](net::ws_client& ws) -> task<result<void>> {
        co_await ws.close(1000, "");
        co_return result<void>();
    };
    auto work = closing(*ws_);
    // The answer is here: a gateway that is slow to say goodbye keeps nobody waiting.
    co_await with_deadline(std::chrono::milliseconds(200), "closing", std::move(work));
}

task<result<net::http_response>> http_get(asio::io_context& io, const endpoint& to,
                                          std::string target) {
    const auto client = net::make_http_client(io, options_for(to));
    auto place = to.http;
    if (!place.is_unix() && place.target.ends_with('/')) place.target.pop_back();
    net::http_request request;
    request.method = "GET";
    request.target = place.is_unix() ? target : place.target + target;
    place.target = request.target;
    if (!to.token.empty()) request.headers.add("Authorization", "Bearer " + to.token.reveal());
    auto response = co_await client->send(place, std::move(request), limits());
    if (!response) co_return unreachable_error(to, response.error());
    auto body = co_await response->read_all(max_answer);
    if (!body) co_return lost(to.shown, body.error());
    co_return net::http_response{response->status, std::move(response->headers), std::move(*body)};
}

result<json> run_on_context(const command_task& work) {
    asio::io_context io(1);
    std::optional<result<json>> outcome;
    std::exception_ptr bug;
    asio::co_spawn(io, work(io), [&](const std::exception_ptr& e, result<json> value) {
        bug = e;
        outcome.emplace(std::move(value));
        // What is left, such as pooled connections, is of no use any more.
        io.stop();
    });
    io.run();
    if (bug) std::rethrow_exception(bug);
    if (!outcome) return error(errc::internal, "the command ended without an answer");
    return std::move(*outcome);
}

result<json> call_gateway(const context& x, const std::string& method, const json& params,
                          std::chrono::milliseconds limit) {
    const auto to = find_endpoint(x);
    if (!to) return to.error();
    return run_on_context([&](asio::io_context&) -> task<result<json>> {
        auto client = co_await gateway_client::connect(*to);
        if (!client) co_return client.error();
        auto answer = co_await (*client)->call(method, params, limit);
        co_await (*client)->close();
        co_return answer;
    });
}

}  // namespace openclaw::cli
