#include "net/egress.hpp"

#include "net/address_policy.hpp"
#include "net/tunnel.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdlib>

namespace openclaw::net {

namespace {

using endpoint = asio::generic::stream_protocol::endpoint;

constexpr milliseconds descriptor_pause{50};

bool is_out_of_descriptors(const error_code& failure) {
    return failure == asio::error::no_descriptors ||
           failure == boost::system::errc::too_many_files_open_in_system;
}

// Waits for a descriptor where there is none, until others are done; the caller's deadline ends that too.
task<result<stream_socket>> connect_to(executor ex, endpoint where, std::string name, milliseconds limit) {
    stream_socket socket(ex);
    error_code failure;
    const auto until = std::chrono::steady_clock::now() + limit - 2 * descriptor_pause;
    while (true) {
        co_await socket.async_connect(where, asio::redirect_error(asio::use_awaitable, failure));
        if (!is_out_of_descriptors(failure) || std::chrono::steady_clock::now() >= until) break;
        asio::steady_timer pause(ex, descriptor_pause);
        error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (is_out_of_descriptors(failure)) {
        co_return error(errc::network, "connecting to " + name + " failed: no descriptor is left",
                        "Raise the limit of open files of the gateway.");
    }
    if (failure) {
        co_return error(errc::network, "connecting to " + name + " failed: " + failure.message(),
                        "Check that it runs and that a firewall lets it through.");
    }
    co_return socket;
}

// One address after the other. Each gets an equal share of the time that is left, so that a silent
// first one does not eat all of it.
task<result<stream_socket>> connect_any(executor ex, std::vector<asio::ip::address> addresses,
                                        std::uint16_t port, std::string name, milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    error last(errc::network, "connecting to " + name + " failed: no address");
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        auto left = std::chrono::duration_cast<milliseconds>(until -
                                                             std::chrono::steady_clock::now());
        auto share = left / static_cast<int>(addresses.size() - i);
        asio::ip::tcp::endpoint where(addresses[i], port);
        auto attempt = connect_to(ex, where, name, share);
        auto outcome = co_await with_deadline(std::max(share, milliseconds(1)),
                                              "connecting to " + name, std::move(attempt));
        if (outcome) {
            error_code ignored;  // without it, small writes may wait for an acknowledgement
            outcome->set_option(asio::ip::tcp::no_delay(true), ignored);
            co_return outcome;
        }
        last = outcome.error();
    }
    co_return last;
}

error not_allowed(const std::string& host) {
    return error(errc::forbidden,
                 "'" + printable(host, 80) + "' is not in the public internet, so a request that "
                 "others asked for may not go there",
                 "Only endpoints of the configuration reach local and private addresses.");
}

}  // namespace

egress_broker::egress_broker(proxy_rules rules, std::string ca_file,
                             std::unique_ptr<name_resolver> names)
    : rules_(std::move(rules)), tls_(std::move(ca_file)), names_(std::move(names)) {}

result<route> egress_broker::plan(const url& to, egress_class who) const {
    auto via = rules_.find(to);
    if (!via) return via.error();
    route out;
    out.via = *via;
    // For a request of others the proxy is told an address that was checked, never the name.
    out.tunnel = out.via != nullptr && (to.scheme != "http" || who == egress_class::requested);
    return out;
}

task<result<egress_broker::addresses>> egress_broker::resolve(std::string host) {
    error_code not_numeric;
    auto numeric = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) co_return addresses{numeric};
    // RFC 6761 §6.3: always this machine, whatever a name server says.
    if (is_loopback_host(host)) {
        co_return addresses{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
    }
    co_return co_await names_->lookup(std::move(host));
}

task<result<egress_broker::addresses>> egress_broker::resolve_checked(const url& to,
                                                                      egress_class who) {
    auto found = co_await resolve(to.host);
    if (!found || who == egress_class::configured) co_return found;
    // One private address among public ones is a trap or a mistake; neither is worth a connection.
    if (!std::all_of(found->begin(), found->end(), is_public_address)) co_return not_allowed(to.host);
    co_return found;
}

task<result<stream_socket>> egress_broker::open_tunnel(executor ex, const url& to, egress_class who,
                                                       const proxy& via, milliseconds limit) {
    url goal = to;
    if (who == egress_class::requested) {
        auto checked = co_await resolve_checked(to, who);
        if (!checked) co_return checked.error();
        goal.host = checked->front().to_string();
    }
    auto found = co_await resolve(via.host);
    if (!found) co_return found.error();
    auto socket = co_await connect_any(ex, std::move(*found), via.port,
                                       "the proxy " + via.host, limit);
    if (!socket) co_return socket;
    co_return co_await connect_through(std::move(*socket), goal, via);
}

task<result<stream_socket>> egress_broker::open(executor ex, const url& to, egress_class who,
                                                route by, milliseconds limit) {
    if (to.is_unix()) {
        if (who == egress_class::requested) co_return not_allowed("unix:");
        asio::local::stream_protocol::endpoint where(to.host);
        co_return co_await connect_to(ex, where, to.host, limit);
    }
    if (by.tunnel) co_return co_await open_tunnel(ex, to, who, *by.via, limit);
    url hop = to;
    if (by.via != nullptr) {
        hop.host = by.via->host;
        hop.port = by.via->port;
    }
    auto found = co_await resolve_checked(hop, who);
    if (!found) co_return found.error();
    co_return co_await connect_any(ex, std::move(*found), hop.port, hop.authority(), limit);
}

std::unique_ptr<egress_broker> make_broker(const client_options& options) {
    proxy_rules rules;
    if (options.use_proxy_environment) {
        rules = proxy_rules::read([](const char* name) { return std::getenv(name); });
    }
    return std::make_unique<egress_broker>(std::move(rules), options.ca_file,
                                           std::make_unique<system_resolver>());
}

}  // namespace openclaw::net
