#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/net/http.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace openclaw::net {

struct parser_limits {
    std::size_t max_header = 64 << 10;  // bytes, interim responses included
    std::size_t max_fields = 256;
    std::uint64_t max_body = 64 << 20;  // bytes
    bool expect_body = true;            // false after HEAD and CONNECT
};

// Sans-io decoder of one HTTP/1.1 response (RFC 9112): content-length, chunked, until-close, none.
// Interim (1xx) responses are skipped, trailers are dropped. Fed by one connection at a time.
class response_parser {
public:
    explicit response_parser(const parser_limits& limits);
    ~response_parser();
    response_parser(const response_parser&) = delete;
    response_parser& operator=(const response_parser&) = delete;

    // Takes the next bytes and appends what they hold of the body to `body`. Returns how many it
    // took: what is left is to be fed again together with more, or lies beyond the response.
    result<std::size_t> feed(std::string_view bytes, std::string& body);
    // The connection ended: fine when the response is complete with that, else an error.
    result<void> finish();

    bool header_done() const;
    bool done() const;
    // Whether another exchange may follow on this connection.
    bool keep_alive() const;
    int status() const;
    header_list& headers();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace openclaw::net
