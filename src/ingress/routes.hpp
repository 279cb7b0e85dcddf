#pragma once

#include "openclaw/model/principal.hpp"
#include "openclaw/net/http.hpp"
#include "ingress/errors.hpp"
#include "ingress/gateway_context.hpp"
#include "ingress/health_report.hpp"
#include "ingress/transport.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// One HTTP request at its route.
struct http_call {
    gateway_context& gateway;
    health_report& health;
    net::http_request& request;
    const peer_info& peer;
    const std::string& request_id;
    auth::login_caller caller;      // for credentials that the route checks for itself
    principal who;
    std::string_view rest;          // what the '*' of the route matched
    response_stream& stream;
};

// Who may use a route.
enum class access {
    open,      // everybody
    scrape,    // a credential, or a peer on this machine with no proxy in front
    read,      // a credential with operator.read
    write,     // a credential with operator.write
    known,     // a credential; the route checks its scopes for itself
    own,       // the route checks for itself: `proof` on the head, the handler on the body
};

// A request whose body has not been read yet.
struct head_check {
    gateway_context& gateway;
    const net::http_request& head;
    std::string_view rest;
    const auth::login_caller& caller;
    const std::string& request_id;
};

// A route: what it answers to, who may use it, how much body it takes, and what it does. A quick
// route has no body, nothing to wait for, and answers from the head alone.
struct route {
    std::string_view method;        // "GET" also serves HEAD
    std::string_view path;          // exact, or with one '*'
    access who = access::read;
    std::size_t max_body = 0;
    net::http_response (*quick)(gateway_context& gateway, health_report& health,
                                const std::string& request_id) = nullptr;
    task<std::optional<net::http_response>> (*handler)(http_call call) = nullptr;
    // With access::own: the refusal of a request whose head alone shows that nothing proves it.
    std::optional<net::http_response> (*proof)(const head_check& check) = nullptr;
};

// Every route of this version but those of rest.hpp. `/metrics` stands for
// gateway.monitoring.metrics.endpoint.
std::span<const route> all_routes();

// In whose words a request is refused, whether or not there is a route for it. Pure.
error_shape shape_of(const net::http_request& head);

struct route_match {
    const route* found = nullptr;
    std::string_view rest;
    std::string allow;              // without `found`: the methods that the path has, for 405
};
// Pure. `path` is the request's path, not decoded.
route_match match_route(std::string_view method, std::string_view path,
                        std::string_view metrics_path);

using http_answer = std::optional<net::http_response>;
task<http_answer> route_health_detail(http_call call);
task<http_answer> route_models(http_call call);
task<http_answer> route_chat_completions(http_call call);
task<http_answer> route_embeddings(http_call call);
task<http_answer> route_messages(http_call call);
task<http_answer> route_count_tokens(http_call call);
task<http_answer> route_responses(http_call call);
task<http_answer> route_session_events(http_call call);
task<http_answer> route_hook(http_call call);
std::optional<net::http_response> check_hook_head(const head_check& check);
task<http_answer> route_tools_invoke(http_call call);

}  // namespace openclaw::ingress
