#pragma once

#include "net/proxy.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"
#include "openclaw/net/http_client.hpp"
#include "openclaw/net/url.hpp"

#include <memory>
#include <string>
#include <vector>

namespace openclaw::net {

// How to reach a URL.
struct route {
    const proxy* via = nullptr;  // null: straight; owned by the broker
    bool tunnel = false;         // with CONNECT; otherwise the proxy reads the request
};

// Opens every outbound connection of the process: it resolves a name once, checks what came out,
// and connects to exactly that. Used from any strand; outlives what it opens a socket for.
class egress_broker {
public:
    egress_broker(proxy_rules rules, std::string ca_file, std::unique_ptr<name_resolver> names);

    result<route> plan(const url& to, egress_class who) const;
    // A socket made on `ex`, connected to `to` or through the proxy's tunnel to it.
    // forbidden when `who` may not go there.
    task<result<stream_socket>> open(executor ex, const url& to, egress_class who, route by,
                                     milliseconds limit);
    tls_settings& tls() { return tls_; }

private:
    using addresses = std::vector<asio::ip::address>;

    task<result<addresses>> resolve(std::string host);
    task<result<addresses>> resolve_checked(const url& to, egress_class who);
    task<result<stream_socket>> open_tunnel(executor ex, const url& to, egress_class who,
                                            const proxy& via, milliseconds limit);

    const proxy_rules rules_;
    tls_settings tls_;
    const std::unique_ptr<name_resolver> names_;
};

// The broker that `options` ask for, with the system's resolver.
std::unique_ptr<egress_broker> make_broker(const client_options& options);

}  // namespace openclaw::net
