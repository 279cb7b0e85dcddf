#pragma once

#include "net/connection.hpp"
#include "net/pool.hpp"
#include "openclaw/net/http_client.hpp"

#include <memory>
#include <string_view>

namespace openclaw::net {

struct exchange_terms {
    request_limits limits;
    bool head_only = false;  // the answer to HEAD has no body
};

// Sends `wire` over `on` and reads the header of the answer; the body follows through the
// response's reader, which gives the connection back to `pool` at its end. `untouched` tells, on
// an error, whether the connection broke before a byte of an answer came.
task<result<streaming_response>> exchange(std::unique_ptr<connection> on, std::string_view wire,
                                          exchange_terms terms,
                                          std::shared_ptr<connection_pool> pool, bool& untouched);

}  // namespace openclaw::net
