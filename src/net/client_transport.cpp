// The one place of the client that sees Boost.Beast: its headers cost half a minute of compile
// time, so the decoder of responses and the WebSocket live behind plain faces here.
#include "net/egress.hpp"
#include "net/request_head.hpp"
#include "net/response_parser.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/net/ws_client.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <optional>

namespace openclaw::net {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

// Takes fields and body where they come by, without the containers of Beast.
class decoder final : public http::basic_parser<false> {
public:
    decoder(const parser_limits& limits, header_list& headers) : limits_(limits), headers_(headers) {
        eager(true);
        // Beast counts a header field by field; response_parser counts all of it.
        header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(limits.max_header, 1 << 24)));
        body_limit(boost::none);
        skip(!limits.expect_body);
    }

    void set_sink(std::string& body) { body_ = &body; }
    int code() const { return code_; }

private:
    void on_request_impl(http::verb, beast::string_view, beast::string_view, int,
                         beast::error_code&) override {}

    void on_response_impl(int code, beast::string_view, int, beast::error_code& failure) override {
        code_ = code;
        // Nobody asked for an upgrade here.
        if (code == 101 || code < 100) failure = http::error::bad_status;
    }

    void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                       beast::error_code& failure) override {
        if (++fields_ > limits_.max_fields) {
            failure = http::error::header_limit;
        } else if (!is_header_done()) {
            headers_.add(std::string(name), std::string(value));
        }
    }

    void on_header_impl(beast::error_code&) override {}

    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           beast::error_code& failure) override {
        if (length && *length > limits_.max_body) failure = http::error::body_limit;
    }

    std::size_t on_body_impl(beast::string_view bytes, beast::error_code& failure) override {
        taken_ += bytes.size();
        if (taken_ > limits_.max_body) {
            failure = http::error::body_limit;
            return 0;
        }
        body_->append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                   beast::error_code& failure) override {
        return on_body_impl(bytes, failure);
    }

    void on_finish_impl(beast::error_code&) override {}

    const parser_limits& limits_;
    header_list& headers_;
    std::string* body_ = nullptr;
    std::uint64_t taken_ = 0;
    std::size_t fields_ = 0;
    int code_ = 0;
};

error decode_error(const beast::error_code& failure) {
    if (failure == http::error::header_limit) {
        return error(errc::too_large, "its header is longer than allowed");
    }
    if (failure == http::error::body_limit) {
        return error(errc::too_large, "its body is longer than allowed",
                     "Ask for less, or raise the limit of this request.");
    }
    return error(errc::protocol, "it does not speak HTTP/1.1 (" + failure.message() + ")",
                 "Check the host and the port of the URL.");
}

}  // namespace

struct response_parser::impl {
    explicit impl(const parser_limits& l) : limits(l) { parser.emplace(limits, headers); }

    // An interim response is followed by another one on the same connection.
    void skip_interim() {
        if (!parser->is_done() || parser->code() >= 200) return;
        headers.clear();
        parser.emplace(limits, headers);
    }

    const parser_limits limits;
    header_list headers;
    std::optional<decoder> parser;
    std::size_t header_bytes = 0;
};

response_parser::response_parser(const parser_limits& limits)
    : impl_(std::make_unique<impl>(limits)) {}
response_parser::~response_parser() = default;

result<std::size_t> response_parser::feed(std::string_view bytes, std::string& body) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !done()) {
        auto& parser = *impl_->parser;
        parser.set_sink(body);
        // The body may come in the same call; it is decoded in the next round, so that the bytes
        // of the header can be counted.
        bool in_header = !parser.is_header_done();
        parser.eager(!in_header);
        beast::error_code failure;
        auto n = parser.put(asio::buffer(bytes.data() + taken, bytes.size() - taken), failure);
        taken += n;
        if (in_header) impl_->header_bytes += n;
        if (impl_->header_bytes > impl_->limits.max_header) failure = http::error::header_limit;
        if (failure == http::error::need_more) return taken;
        if (failure) return decode_error(failure);
        impl_->skip_interim();
    }
    return taken;
}

result<void> response_parser::finish() {
    if (done()) return {};
    if (!impl_->parser->got_some()) return error(errc::network, "the connection was closed");
    beast::error_code failure;
    impl_->parser->put_eof(failure);
    if (failure) return error(errc::network, "the connection was closed too early");
    return {};
}

bool response_parser::header_done() const { return impl_->parser->is_header_done(); }
bool response_parser::done() const { return impl_->parser->is_done(); }
bool response_parser::keep_alive() const { return impl_->parser->keep_alive(); }
int response_parser::status() const { return impl_->parser->code(); }
header_list& response_parser::headers() { return impl_->headers; }

namespace {

// A stream that is closed at once after the closing handshake of the WebSocket. Beast's own way
// waits until the other side closes, which one that hangs never does.
template <class Stream>
class prompt_stream : public Stream {
public:
    explicit prompt_stream(Stream&& s) : Stream(std::move(s)) {}
};

template <class Stream, class Handler>
void async_teardown(beast::role_type, prompt_stream<Stream>& stream, Handler&& handler) {
    beast::error_code ignored;
    stream.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    stream.lowest_layer().close(ignored);
    asio::post(stream.get_executor(),
               beast::bind_front_handler(std::forward<Handler>(handler), beast::error_code()));
}

constexpr std::size_t max_message = 32 << 20;

errc code_of_refusal(int status) {
    switch (status) {
    case 401: return errc::unauthenticated;
    case 403: return errc::forbidden;
    case 404: return errc::not_found;
    case 429: return errc::rate_limited;
    case 502:
    case 503:
    case 504: return errc::unavailable;
    default: return errc::protocol;
    }
}

// Over TCP, TLS, or a Unix socket. On the strand of the coroutine that connected it.
template <class Stream>
class ws_connection final : public ws_client {
public:
    ws_connection(std::string peer, std::shared_ptr<asio::ssl::context> context, Stream next)
        : peer_(std::move(peer)), context_(std::move(context)), socket_(std::move(next)) {}

    task<result<void>> handshake(const url& to, const header_list& headers,
                                 const client_options& options, const request_limits& limits);
    task<result<std::string>> read() override;
    task<result<void>> write(std::string_view text) override;
    task<void> close(std::uint16_t code, std::string_view reason) override;
    std::uint16_t close_code() const override { return close_code_; }
    const std::string& close_reason() const override { return close_reason_; }

private:
    error explain(const beast::error_code& failure, const char* step);

    const std::string peer_;
    const std::shared_ptr<asio::ssl::context> context_;
    websocket::stream<prompt_stream<Stream>, false> socket_;
    milliseconds close_limit_{5'000};
    std::uint16_t close_code_ = 0;
    std::string close_reason_;
};

template <class Stream>
task<result<void>> ws_connection<Stream>::handshake(const url& to, const header_list& headers,
                                                    const client_options& options,
                                                    const request_limits& limits) {
    // The peer is pinged in half of the idle time and given up after all of it.
    socket_.set_option(websocket::stream_base::timeout{limits.connect, limits.idle, true});
    socket_.read_message_max(max_message);
    socket_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
        request.set(http::field::user_agent, options.user_agent);
        for (const auto& [name, value] : headers) request.insert(name, value);
    }));
    websocket::response_type answer;
    const auto host = to.authority();
    beast::error_code failure;
    co_await socket_.async_handshake(answer, host, to.target,
                                     asio::redirect_error(asio::use_awaitable, failure));
    if (!failure) co_return result<void>();
    if (failure != websocket::error::upgrade_declined) co_return explain(failure, "upgrading to");
    auto status = static_cast<int>(answer.result_int());
    co_return error(code_of_refusal(status),
                    peer_ + " refused the WebSocket with status " + std::to_string(status),
                    "Check the path and the credential.");
}

template <class Stream>
error ws_connection<Stream>::explain(const beast::error_code& failure, const char* step) {
    auto why = socket_.reason();
    if (failure == websocket::error::closed || why.code != websocket::close_code::none) {
        close_code_ = static_cast<std::uint16_t>(why.code);
        close_reason_.assign(why.reason.data(), why.reason.size());
        return error(errc::unavailable, peer_ + " closed the WebSocket with code " +
                                            std::to_string(close_code_) + ' ' +
                                            printable(close_reason_));
    }
    auto story = std::string(step) + ' ' + peer_ + " failed: " + failure.message();
    if (failure == beast::error::timeout) return error(errc::timed_out, std::move(story));
    if (failure == asio::error::operation_aborted) return error(errc::cancelled, std::move(story));
    if (failure == websocket::error::message_too_big ||
        failure == websocket::error::buffer_overflow) {
        return error(errc::too_large, std::move(story));
    }
    if (failure == beast::error_code(failure.value(),
                                     make_error_code(websocket::error::closed).category())) {
        return error(errc::protocol, std::move(story));
    }
    return error(errc::network, std::move(story));
}

template <class Stream>
task<result<std::string>> ws_connection<Stream>::read() {
    std::string message;
    auto buffer = asio::dynamic_buffer(message, max_message);
    beast::error_code failure;
    co_await socket_.async_read(buffer, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return explain(failure, "reading from");
    co_return message;
}

template <class Stream>
task<result<void>> ws_connection<Stream>::write(std::string_view text) {
    socket_.text(true);
    beast::error_code failure;
    co_await socket_.async_write(asio::buffer(text),
                                 asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return explain(failure, "sending to");
    co_return result<void>();
}

template <class Stream>
task<void> ws_connection<Stream>::close(std::uint16_t code, std::string_view reason) {
    if (!socket_.is_open()) co_return;
    websocket::close_reason why(static_cast<websocket::close_code>(code));
    auto text = utf8_prefix(reason, why.reason.max_size());
    why.reason.assign(text.data(), text.size());
    auto closing = [](ws_connection& self, websocket::close_reason w) -> task<result<void>> {
        beast::error_code ignored;
        co_await self.socket_.async_close(w, asio::redirect_error(asio::use_awaitable, ignored));
        co_return result<void>();
    };
    auto work = closing(*this, why);
    auto outcome = co_await with_deadline(close_limit_, "closing " + peer_, std::move(work));
    if (!outcome) beast::get_lowest_layer(socket_).close();
}

template <class Stream>
task<result<std::unique_ptr<ws_client>>> upgrade(Stream next, const url& to,
                                                 std::shared_ptr<asio::ssl::context> context,
                                                 const header_list& headers,
                                                 const client_options& options,
                                                 const request_limits& limits) {
    auto peer = to.is_unix() ? to.host : to.authority();
    auto client = std::make_unique<ws_connection<Stream>>(std::move(peer), std::move(context),
                                                          std::move(next));
    auto done = co_await client->handshake(to, headers, options, limits);
    if (!done) co_return done.error();
    co_return std::unique_ptr<ws_client>(std::move(client));
}

task<result<std::unique_ptr<ws_client>>> open_ws(const url& to, const header_list& headers,
                                                 const client_options& options,
                                                 const request_limits& limits,
                                                 egress_broker& broker) {
    auto by = broker.plan(to, egress_class::configured);
    if (!by) co_return by.error();
    auto ex = co_await asio::this_coro::executor;
    auto socket = co_await broker.open(ex, to, egress_class::configured, *by, limits.connect);
    if (!socket) co_return socket.error();
    if (!to.is_tls()) {
        co_return co_await upgrade(std::move(*socket), to, nullptr, headers, options, limits);
    }
    auto context = broker.tls().context();
    if (!context) co_return context.error();
    auto secure = co_await start_tls(std::move(*socket), broker.tls(), to.host);
    if (!secure) co_return secure.error();
    co_return co_await upgrade(std::move(**secure), to, *context, headers, options, limits);
}

}  // namespace

task<result<std::unique_ptr<ws_client>>> ws_connect(const url& to, header_list headers,
                                                    const client_options& options,
                                                    const request_limits& limits) {
    if (to.scheme != "ws" && to.scheme != "wss" && !to.is_unix()) {
        co_return error(errc::invalid_input, "a WebSocket cannot go to a " + to.scheme + " URL",
                        "Use a ws, wss or unix URL.");
    }
    auto fine = check_fields(headers);
    if (!fine) co_return fine.error();
    auto broker = make_broker(options);
    auto opening = open_ws(to, headers, options, limits, *broker);
    co_return co_await with_deadline(limits.connect, "opening the WebSocket", std::move(opening));
}

}  // namespace openclaw::net
