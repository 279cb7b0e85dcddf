#pragma once

#include "openclaw/core/descriptor_room.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/net/cidr.hpp"
#include "ingress/gateway_context.hpp"
#include "ingress/transport.hpp"
#include "ingress/waiting_room.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <mutex>
#include <set>
#include <unordered_map>

namespace openclaw::ingress {

// Accepts connections on a TCP port and a Unix socket, owns them, and closes those that are late.
// start() and stop functions on any thread.
class listener {
public:
    listener(gateway_context& gateway, http_service& service);

    // Takes the sockets that listen already; bind_tcp and bind_unix leave those alone. One that listens
    // elsewhere than it should is closed, unless it is `fixed`.
    result<void> use(const listening_sockets& given, const std::string& host, std::uint16_t port);
    result<void> bind_tcp(const std::string& host, std::uint16_t port);
    result<void> bind_unix(const std::filesystem::path& socket);
    std::uint16_t port() const { return port_; }
    void start();

    void stop_accepting(server::sockets then);
    listening_sockets kept() const { return kept_; }
    // Ends idle connections now and lets busy ones finish their answer.
    void drain();
    // Closes what is left and joins.
    task<> stop();
    std::size_t open_connections() const;

private:
    task<> wait_for_descriptor(bool mine);
    void warn_of_accepting(std::string_view reason);
    template <class Protocol>
    task<> accept_loop(asio::basic_socket_acceptor<Protocol>& acceptor);
    void take(stream_socket socket, peer_info peer);
    task<> serve(std::shared_ptr<connection> c);
    task<> turn_away(std::shared_ptr<connection> c);
    task<> sweep();
    void wait_in_room(std::uint64_t number, const waiting_room::network& from);
    bool give_place(std::uint64_t number, bool known, bool mine);
    void crowd_out(std::uint64_t number);
    waiting_room::network network_of(const peer_info& peer) const;
    std::vector<std::shared_ptr<connection>> all() const;

    gateway_context& gateway_;
    http_service& service_;
    const strand accepting_;   // accepts and closes the acceptors
    asio::ip::tcp::acceptor tcp_;
    asio::local::stream_protocol::acceptor unix_;
    std::optional<descriptor_room> descriptors_;   // from start() on
    std::int64_t warned_ms_ = 0;                   // of trouble with accepting; on `accepting_`
    std::filesystem::path socket_path_;
    listening_sockets kept_;   // on `accepting_`
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> asking_ = 0;   // connections with an HTTP request
    metrics::counter accepted_, refused_, crowded_out_, paused_;
    std::atomic<std::uint64_t> next_number_ = 0;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<connection>> connections_;   // by number
    waiting_room room_;
    std::set<std::uint64_t> guests_;   // those with a place whose client is not known
    bool draining_ = false;
    gate busy_;         // a first connection: the sweeper wakes up
    task_group tasks_;
};

}  // namespace openclaw::ingress
