#pragma once

#include "net/stream.hpp"
#include "openclaw/core/error.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace openclaw::net {

using tls_socket = asio::ssl::stream<stream_socket>;

// The client's TLS settings: chain and name verified always, TLS 1.2 and newer. The authorities
// are read on the first use, because they cost milliseconds and megabytes that most starts do not
// need. Any thread.
class tls_settings {
public:
    explicit tls_settings(std::string ca_file) : ca_file_(std::move(ca_file)) {}
    result<std::shared_ptr<asio::ssl::context>> context();

private:
    const std::string ca_file_;
    std::mutex mutex_;
    std::shared_ptr<asio::ssl::context> context_;
};

// Shakes hands over `socket` with who must prove to be `host`. No deadline of its own.
task<result<std::unique_ptr<tls_socket>>> start_tls(stream_socket socket, tls_settings& settings,
                                                    std::string host);

std::unique_ptr<byte_stream> make_tls_stream(std::unique_ptr<tls_socket> socket,
                                             std::shared_ptr<asio::ssl::context> context);

}  // namespace openclaw::net
