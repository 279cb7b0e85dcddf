#include "openclaw/net/http_client.hpp"

#include "net/egress.hpp"
#include "net/exchange.hpp"
#include "net/http_client_impl.hpp"
#include "net/request_head.hpp"
#include "openclaw/core/deadline.hpp"

namespace openclaw::net {

namespace {

class client final : public http_client {
public:
    client(asio::io_context& io, client_options options, std::unique_ptr<egress_broker> broker)
        : io_(io), options_(std::move(options)), broker_(std::move(broker)),
          pool_(std::make_shared<connection_pool>(io.get_executor(), options_.max_idle_per_host,
                                                  options_.idle_timeout)) {}
    ~client() override { pool_->close(); }

    task<result<streaming_response>> send(const url& to, http_request request,
                                          const request_limits& limits, egress_class who) override;
    void close() override { pool_->close(); }

private:
    task<result<std::unique_ptr<connection>>> connect(const url& to, egress_class who, route by,
                                                      std::string key, milliseconds limit);
    task<result<std::unique_ptr<byte_stream>>> open(const url& to, egress_class who, route by,
                                                    milliseconds limit);

    asio::io_context& io_;
    const client_options options_;
    const std::unique_ptr<egress_broker> broker_;
    const std::shared_ptr<connection_pool> pool_;
};

// What must be equal for a connection to serve another request.
std::string pool_key(const url& to, egress_class who, const route& by) {
    std::string key = to.scheme;
    key.append("://").append(to.host).append(":").append(std::to_string(to.port));
    key += who == egress_class::configured ? " c" : " r";
    if (by.via != nullptr) {
        key.append(" via ").append(by.via->host).append(":").append(std::to_string(by.via->port));
    }
    return key;
}

task<result<std::unique_ptr<byte_stream>>> client::open(const url& to, egress_class who, route by,
                                                        milliseconds limit) {
    auto socket = co_await broker_->open(io_.get_executor(), to, who, by, limit);
    if (!socket) co_return socket.error();
    if (!to.is_tls()) co_return make_plain_stream(std::move(*socket));
    auto secure = co_await start_tls(std::move(*socket), broker_->tls(), to.host);
    if (!secure) co_return secure.error();
    auto context = broker_->tls().context();
    if (!context) co_return context.error();
    co_return make_tls_stream(std::move(*secure), std::move(*context));
}

task<result<std::unique_ptr<connection>>> client::connect(const url& to, egress_class who, route by,
                                                          std::string key, milliseconds limit) {
    auto name = to.is_unix() ? to.host : to.authority();
    auto opening = open(to, who, by, limit);
    auto stream = co_await with_deadline(limit, "connecting to " + name, std::move(opening));
    if (!stream) co_return stream.error();
    co_return std::make_unique<connection>(io_.get_executor(), std::move(*stream), std::move(key),
                                           std::move(name));
}

task<result<streaming_response>> client::send(const url& to, http_request request,
                                              const request_limits& limits, egress_class who) {
    if (to.scheme != "http" && to.scheme != "https" && !to.is_unix()) {
        co_return error(errc::invalid_input, "an HTTP request cannot go to a " + to.scheme + " URL",
                        "Use an http, https or unix URL.");
    }
    auto fine = check_request(request);
    if (!fine) co_return fine.error();
    auto by = broker_->plan(to, who);
    if (!by) co_return by.error();
    request_frame frame{.user_agent = options_.user_agent, .proxy_authorization = {}};
    if (by->via != nullptr && !by->tunnel) {
        frame.proxy_authorization = by->via->authorization;
        frame.absolute_form = true;
    }
    const auto wire = to_wire(request, to, frame);
    std::string().swap(request.body);  // large ones are not held twice while the server thinks
    const exchange_terms terms{.limits = limits, .head_only = request.method == "HEAD"};
    auto key = pool_key(to, who, *by);
    bool untouched = false;
    if (auto pooled = pool_->take(key)) {
        auto answer = co_await exchange(std::move(pooled), wire, terms, pool_, untouched);
        // The server closed it while the request was under way: it did not read the request.
        if (answer || !untouched) co_return answer;
    }
    auto fresh = co_await connect(to, who, *by, std::move(key), limits.connect);
    if (!fresh) co_return fresh.error();
    co_return co_await exchange(std::move(*fresh), wire, terms, pool_, untouched);
}

}  // namespace

task<result<std::string>> streaming_response::read_all(std::size_t limit) {
    std::string out;
    while (true) {
        auto piece = co_await body->read();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return out;
        if (piece->size() > limit - out.size()) {
            co_return error(errc::too_large, "the answer is longer than " + std::to_string(limit) +
                                                 " bytes");
        }
        out.append(*piece);
    }
}

std::unique_ptr<http_client> make_http_client(asio::io_context& io, client_options options,
                                              std::unique_ptr<egress_broker> broker) {
    return std::make_unique<client>(io, std::move(options), std::move(broker));
}

std::unique_ptr<http_client> make_http_client(asio::io_context& io, client_options options) {
    auto broker = make_broker(options);
    return make_http_client(io, std::move(options), std::move(broker));
}

}  // namespace openclaw::net
