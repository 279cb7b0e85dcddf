#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/net/http.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// The face of the server's transport: Beast stays behind it, in server_transport.cpp.
namespace openclaw::ingress {

// Who is at the other end of a connection.
struct peer_info {
    asio::ip::address address;         // of a TCP peer
    std::optional<unsigned> local_uid; // of a Unix socket's peer
};

// What was decided on a request's head, before its body is read.
struct admission_result {
    std::optional<net::http_response> answer;  // the final answer; the body is not wanted
    std::size_t max_body = 0;                  // bytes that the route takes
    bool known = false;                        // the client has proved who it is
    bool upgrade = false;                      // to a WebSocket
    // Of an upgrade: the network that it counts for until its client is known; none: nobody's.
    std::optional<asio::ip::address> network;
    std::shared_ptr<void> context;             // for serve(): what admit() found out
};

// A response of unknown length, sent while it is made.
class response_stream {
public:
    virtual ~response_stream() = default;
    // `f` is called once, on the connection's strand, when the client hangs up or the connection is
    // closed before the route has returned.
    virtual void on_gone(std::function<void()> f) = 0;
    // The head; it goes out with the first write.
    virtual void start(int status, net::header_list headers) = 0;
    // Sends `chunk`, which may be empty, and with the last one the end.
    virtual task<result<void>> write(std::string_view chunk, bool last = false) = 0;
};

// The server's side of one WebSocket. One reader; writes are serialized by the caller.
class ws_socket {
public:
    virtual ~ws_socket() = default;
    // The next message, text or binary; the view holds until the next read. Errors: `cancelled`
    // when the connection has ended in any way, too_large, protocol.
    virtual task<result<std::string_view>> read() = 0;
    // One text message made of two pieces, so that a shared event needs no copy per reader.
    virtual task<result<void>> write(std::string_view head, std::string_view tail) = 0;
    virtual task<> ping() = 0;
    virtual task<> close(std::uint16_t code, std::string_view reason) = 0;
    virtual executor strand() = 0;  // of its connection
    virtual void set_read_limit(std::size_t bytes) = 0;
    // The client has proved who it is: from now on its connection is not one of those that wait.
    virtual void client_is_known() = 0;
    // Hard end, without a close frame; any pending operation fails.
    virtual void abort() = 0;
};

// What the transport serves. Called on the strand of the connection.
class http_service {
public:
    virtual ~http_service() = default;
    virtual admission_result admit(const net::http_request& head, const peer_info& peer,
                                   const std::string& request_id) = 0;
    // The whole request is here. The route either returns its answer, or uses `stream` and
    // returns nothing.
    virtual task<std::optional<net::http_response>> serve(const admission_result& admitted,
                                                          net::http_request& request,
                                                          const peer_info& peer,
                                                          const std::string& request_id,
                                                          response_stream& stream) = 0;
    // `head` is read before the task starts.
    virtual task<> websocket(ws_socket& socket, const net::http_request& head,
                             const peer_info& peer) = 0;
    // An answer for what is wrong below the routes: malformed, too large, too slow. `head` is as much
    // of the request as could be read.
    virtual net::http_response refuse(const net::http_request& head, int status,
                                      std::string_view message, const std::string& request_id) = 0;
    virtual std::string next_request_id() = 0;
};

// When a connection must have made progress; read by the sweeper of the listener, which closes
// what is late. One number per connection instead of a timer per operation.
struct connection_deadline {
    std::atomic<std::int64_t> at_ms = 0;      // steady milliseconds; 0: none
    std::atomic<bool> expired = false;
};

struct transport_limits {
    std::size_t max_header = 16 * 1024;       // 431 beyond
    std::size_t max_headers = 100;            // 431 beyond
    std::size_t max_target = 8 * 1024;        // 414 beyond
    milliseconds first_head{5'000};   // from the connection to the end of its first request's head
    milliseconds last_head{500};      // the same when the gateway ends
    milliseconds header_time{10'000};
    milliseconds body_time{30'000};   // connections.requestTimeout
    milliseconds keep_alive{75'000};
    milliseconds write_time{30'000};  // for a reader that takes nothing
    milliseconds websocket_idle{300'000};  // connections.webSocketTimeout
};

using stream_socket = asio::generic::stream_protocol::socket;

struct connection {
    connection(stream_socket s, peer_info p, std::uint64_t n)
        : socket(std::move(s)), peer(std::move(p)), number(n) {}

    stream_socket socket;
    peer_info peer;
    const std::uint64_t number;               // grows with each connection
    connection_deadline deadline;
    std::atomic<bool> websocket = false;      // upgraded
    std::atomic<bool> draining = false;       // no further request
    // fresh: nothing has come yet; idle: between two requests.
    enum class phase : std::uint8_t { fresh, busy, idle };
    std::atomic<phase> now = phase::fresh;
    // Told once when it becomes a WebSocket, and once when its client is known.
    std::function<void(const std::optional<asio::ip::address>& network)> on_upgrade = {};
    std::function<void()> on_known = {};
    // Asked once, with the first request that is no upgrade: whether there is a place for it.
    std::function<bool(bool known)> on_http = {};
    // On the strand of the connection, while a route is at work:
    bool serving = false;
    std::function<void()> on_gone = {};
};
// Serves one accepted connection until it ends: requests one after the other (pipelined ones wait
// in the buffer), at most one upgrade. Once `draining` is set the answer in progress is the last
// one. Returns when the socket is closed.
task<> serve_connection(std::shared_ptr<connection> c, http_service& service,
                        const transport_limits& limits);
// Answers whatever comes over the connection with `response`, and closes it.
task<> refuse_connection(std::shared_ptr<connection> c, net::http_response response,
                         std::string request_id, const transport_limits& limits);

}  // namespace openclaw::ingress
