#pragma once

#include "support/run.hpp"
#include "support/script_server.hpp"

#include "openclaw/net/http_client.hpp"

#include <memory>
#include <string>

namespace openclaw::net {

inline http_request get(std::string target = "/") {
    return {.method = "GET", .target = std::move(target), .headers = {}, .body = {}};
}

// A client on an io_context that the test runs.
struct client_fixture {
    asio::io_context io;
    client_options options;
    request_limits limits;
    std::unique_ptr<http_client> client;

    client_fixture() {
        options.use_proxy_environment = false;
        limits.connect = milliseconds(5000);
        limits.first_byte = milliseconds(20'000);
        limits.idle = milliseconds(20'000);
    }
    http_client& http() {
        if (!client) client = make_http_client(io, options);
        return *client;
    }
    task<result<std::string>> fetch(url to, http_request request) {
        auto answer = co_await http().send(to, std::move(request), limits);
        if (!answer) co_return answer.error();
        co_return co_await answer->read_all(1 << 20);
    }
    result<std::string> fetch_from(const test::script_server& server, http_request request = get()) {
        return test::run(io, fetch(parse_url(server.url()).value(), std::move(request)));
    }
};

// Answers every request with its own target.
inline task<> echo(test::script_peer& peer, unsigned) {
    while (true) {
        auto request = co_await peer.request();
        if (request.empty()) co_return;
        auto from = request.find(' ') + 1;
        auto target = request.substr(from, request.find(' ', from) - from);
        auto answer = test::http_answer(target);
        if (!co_await peer.send(answer)) co_return;
    }
}

}  // namespace openclaw::net
