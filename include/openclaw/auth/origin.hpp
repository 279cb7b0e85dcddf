#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::auth {

// Which names a request may use for this gateway. A page in a browser can point a name of its own
// at 127.0.0.1 (DNS rebinding); it cannot choose the Host that the browser then sends.
struct host_policy {
    std::string bound;                    // the address listened on
    std::vector<std::string> allowed;     // gateway.network.allowedHosts
};

// `host` is the Host field, with or without a port. An address literal is allowed when the gateway
// listens beyond loopback; on loopback only loopback addresses and "localhost" are.
bool is_allowed_host(const host_policy& policy, std::string_view host);

// Whether a page from `origin` may use the gateway: the same host and port as `host`, or a loopback
// gateway's own address. "null" and anything malformed is foreign.
bool is_own_origin(std::string_view origin, std::string_view host);

// "host[:port]" without the port, brackets removed; empty when malformed.
std::string_view host_name(std::string_view host);

}  // namespace openclaw::auth
