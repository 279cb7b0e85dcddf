#pragma once

#include "cli/endpoint.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/net/http.hpp"
#include "openclaw/net/ws_client.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace openclaw::cli {

// One greeted WebSocket to the gateway. One call at a time, on the io_context of the command.
class gateway_client {
public:
    static constexpr std::chrono::seconds connect_limit{5};
    static constexpr std::chrono::seconds call_limit{30};
    using event_handler = std::function<void(const std::string& event, const json& payload)>;

    // Errors: network or tls (nobody answers), unauthenticated, forbidden, unavailable (starting).
    static task<result<std::unique_ptr<gateway_client>>> connect(const endpoint& to);
    // The same on a connection that is open.
    static task<result<std::unique_ptr<gateway_client>>> greet(std::unique_ptr<net::ws_client> ws,
                                                               const endpoint& to);

    // The payload of the final answer; events that arrive meanwhile go to `on_event`.
    task<result<json>> call(std::string method, json params,
                            std::chrono::milliseconds limit = call_limit,
                            event_handler on_event = {});
    task<> close();
    const json& hello() const { return hello_; }

private:
    gateway_client(std::unique_ptr<net::ws_client> ws, std::string where)
        : ws_(std::move(ws)), where_(std::move(where)) {}
    task<result<void>> await_challenge();
    task<result<json>> exchange(const std::string& method, const json& params,
                                const event_handler& on_event);

    std::unique_ptr<net::ws_client> ws_;
    std::string where_;
    std::uint64_t last_id_ = 0;
    json hello_;
};

// GET `target` with the endpoint's credential.
task<result<net::http_response>> http_get(asio::io_context& io, const endpoint& to,
                                          std::string target);

// Runs a coroutine on a context of its own until it ends.
using command_task = std::function<task<result<json>>(asio::io_context&)>;
result<json> run_on_context(const command_task& work);

// Connects, makes one call, closes.
result<json> call_gateway(const context& x, const std::string& method, const json& params,
                          std::chrono::milliseconds limit = gateway_client::call_limit);

}  // namespace openclaw::cli
