#pragma once

#include "openclaw/core/secret.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/net/http.hpp"
#include "openclaw/net/url.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace openclaw::net {

using std::chrono::milliseconds;

struct request_limits {
    milliseconds connect{10'000};        // name, TCP and TLS
    milliseconds first_byte{120'000};    // from the request written to the response's header
    milliseconds idle{120'000};          // between two reads of the body
    std::uint64_t max_body = 64 << 20;   // bytes; too_large beyond
    std::size_t max_header = 64 << 10;
};

// The body of a response while it arrives. Destroying it before the end closes the connection;
// read to the end gives it back to the pool.
class body_reader {
public:
    virtual ~body_reader() = default;
    // The next bytes; empty at the end. The view holds until the next call.
    virtual task<result<std::string_view>> read() = 0;
    // Whether everything has arrived already: the next read() does not wait.
    virtual bool complete() const { return false; }
};

struct streaming_response {
    int status = 0;
    header_list headers;
    std::unique_ptr<body_reader> body;

    // Reads what is left, at most `limit` bytes; what is beyond is dropped.
    task<result<std::string>> read_all(std::size_t limit);
};

// Who may be connected to: endpoints that the operator wrote down, or that others chose.
enum class egress_class { configured, requested };

struct client_options {
    std::string ca_file;                 // empty: the system's; added to it otherwise
    std::size_t max_idle_per_host = 64;
    milliseconds idle_timeout{60'000};   // a pooled connection older than this is not used again
    std::string user_agent = "openclaw";
    bool use_proxy_environment = true;   // HTTPS_PROXY, HTTP_PROXY, NO_PROXY
};

// The process's outbound HTTP/1.1: the egress broker opens, checks and pools its connections.
// Any strand; one shared instance. TLS verifies the chain and the name, always.
// Cancelling the awaiting coroutine closes the connection in use.
class http_client {
public:
    virtual ~http_client() = default;
    // Sends `request` (Host, Content-Length and User-Agent are added; an empty target means that
    // of `to`) and returns once the header is here. Redirects are answers like any other: whoever
    // follows one sends again, and is checked again. Errors: invalid_input, network, tls,
    // timed_out, protocol, too_large, forbidden (egress), config (a malformed proxy variable).
    // A stale pooled connection is retried once with a new one.
    virtual task<result<streaming_response>> send(const url& to, http_request request,
                                                  const request_limits& limits,
                                                  egress_class who = egress_class::configured) = 0;
    // Closes idle connections; later ones are not pooled. Idle ones keep timers on the io_context,
    // so run() returns only after this.
    virtual void close() = 0;
};

std::unique_ptr<http_client> make_http_client(asio::io_context& io, client_options options);

}  // namespace openclaw::net
