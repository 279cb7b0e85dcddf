#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/net/cidr.hpp"
#include "openclaw/net/url.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::net {

// An HTTP proxy that the environment names.
struct proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // value of Proxy-Authorization, or empty; never logged
};

// "http://user:password@host:port", scheme and user info optional; config for anything else.
result<proxy> parse_proxy(std::string_view text);

// Which requests go through a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, the lower-case spelling
// first as curl has it. Immutable, any thread.
class proxy_rules {
public:
    using environment = std::function<const char*(const char* name)>;

    proxy_rules() = default;  // no proxy at all
    static proxy_rules read(const environment& variable);

    // The proxy for `to`, null for none; the error of a variable that is malformed.
    result<const proxy*> find(const url& to) const;

private:
    struct exemption {
        std::string suffix;       // a domain: itself and what is below
        std::uint16_t port = 0;   // 0: any
    };

    void exempt(std::string_view entry);
    bool is_exempt(const url& to) const;

    std::optional<result<proxy>> plain_;
    std::optional<result<proxy>> secure_;
    std::vector<exemption> names_;
    std::vector<cidr_set> ranges_;
    bool nobody_ = false;  // NO_PROXY=*
};

}  // namespace openclaw::net
