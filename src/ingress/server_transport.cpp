// The server's side of HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455). The only file of the gateway's
// ingress that knows Beast: its parser and its WebSocket stream, driven by plain reads and writes.

#include "ingress/transport.hpp"

#include "ingress/connection_io.hpp"
#include "ingress/http_writer.hpp"
#include "ingress/request_head.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

namespace openclaw::ingress {

namespace {

using boost::system::error_code;

constexpr std::size_t read_size = 4096;        // bytes; a connection's buffer starts with it
constexpr std::size_t keep_capacity = 64 * 1024;
constexpr std::size_t short_message = 256;     // bytes; a WebSocket that waits keeps room for no more
constexpr std::size_t ws_linger_limit = 32 << 20;  // bytes: the rest of the largest message
constexpr std::size_t max_chunk_line = 8192;   // bytes of a chunk's size line, and of the trailer

// Puts what comes by where it belongs, without the containers of Beast.
class request_parser final : public http::basic_parser<true> {
public:
    request_parser(net::http_request& into, const transport_limits& limits) : into_(into) {
        into_.target.clear();
        into_.headers.clear();
        into_.body.clear();
        header_limit(static_cast<std::uint32_t>(limits.max_header));
        body_limit(boost::none);
        eager(false);
    }
    bool is_http_1_1() const { return version_ >= 11; }

private:
    void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                         int version, error_code&) override {
        into_.method = method;
        into_.target = target;
        version_ = version;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                       error_code&) override {
        if (!is_header_done()) into_.headers.add(std::string(name), std::string(value));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
        into_.body += bytes;
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                   error_code& failure) override {
        return on_body_impl(bytes, failure);
    }
    void on_finish_impl(error_code&) override {}

    net::http_request& into_;
    int version_ = 0;
};

void tell_known(connection& c) {
    if (auto f = std::exchange(c.on_known, nullptr)) f();
}

// In the form that Beast's WebSocket answers.
http::request<http::empty_body> upgrade_request(const net::http_request& from) {
    http::request<http::empty_body> out(http::verb::get, from.target, 11);
    for (const auto& [name, value] : from.headers) out.insert(name, value);
    return out;
}

// The socket as Beast's WebSocket sees it, so that the end of one is ours: Beast would close while the
// client still sends, and a reset would take the close frame from it (RFC 6455 §7.1.1).
class ws_stream {
public:
    using executor_type = stream_socket::executor_type;
    using next_layer_type = stream_socket;

    explicit ws_stream(connection& c) : c_(c) {}
    executor_type get_executor() noexcept { return c_.socket.get_executor(); }
    next_layer_type& next_layer() noexcept { return c_.socket; }
    connection& on() noexcept { return c_; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return c_.socket.async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return c_.socket.async_write_some(buffers, std::forward<Token>(token));
    }

private:
    connection& c_;
};

// Found by Beast through its argument.
template <class Handler>
void async_teardown(beast::role_type, ws_stream& s, Handler&& handler) {
    asio::co_spawn(s.get_executor(), linger(s.on(), ws_linger_limit),
                   [h = std::forward<Handler>(handler)](std::exception_ptr) mutable {
                       std::move(h)(error_code());
                   });
}

class beast_ws final : public ws_socket {
public:
    beast_ws(std::shared_ptr<connection> c, const transport_limits& limits)
        : c_(std::move(c)), limits_(limits), ws_(*c_) {
        ws_.control_callback([this](websocket::frame_type, beast::string_view) { touch(); });
        ws_.auto_fragment(false);
        ws_.text(true);
    }

    task<bool> accept(const net::http_request& asked) {
        error_code failure;
        due_in(*c_, limits_.header_time);
        const auto request = upgrade_request(asked);
        // A browser closes a connection on which none of those that it offered was taken.
        if (const auto protocol = first_subprotocol(asked.headers); !protocol.empty()) {
            ws_.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& answer) {
                answer.set(http::field::sec_websocket_protocol, protocol);
            }));
        }
        co_await ws_.async_accept(request, asio::redirect_error(asio::use_awaitable, failure));
        touch();
        co_return !failure;
    }

    task<result<std::string_view>> read() override {
        // Beast must not be asked again: it may have stopped in the middle of a message.
        if (read_failed_) co_return error(errc::cancelled, "the WebSocket has ended");
        give_back(long_);
        error_code failure;
        const auto filled = co_await ws_.async_read_some(
            asio::buffer(short_), asio::redirect_error(asio::use_awaitable, failure));
        std::string_view text(short_.data(), filled);
        if (!failure && !ws_.is_message_done()) {
            long_ = text;
            failure = co_await read_rest();
            text = long_;
        }
        touch();
        // Beast looks at the bytes as they come, but not at their end when the last fragment is empty.
        if (!failure && !(ws_.got_text() && ends_inside_character(text))) co_return text;
        read_failed_ = true;
        if (!failure) {
            co_await close(static_cast<std::uint16_t>(websocket::close_code::bad_payload), "");
            co_return error(errc::protocol, "a text that is not UTF-8");
        }
        if (failure == websocket::error::message_too_big) {
            co_return error(errc::too_large, "a message over the limit");
        }
        co_return error(errc::cancelled, "the WebSocket ended: " + failure.message());
    }

    task<result<void>> write(std::string_view head, std::string_view tail) override {
        error_code failure;
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(tail)};
        co_await ws_.async_write(pieces, asio::redirect_error(asio::use_awaitable, failure));
        // The stream is ending already, and the one who reads sees to it.
        if (failure == websocket::error::closed || failure == asio::error::operation_aborted) {
            co_return error(errc::cancelled, "the WebSocket is closing");
        }
        if (failure) co_return error(errc::network, "the client is gone: " + failure.message());
        co_return result<void>();
    }

    task<> ping() override {
        error_code failure;
        co_await ws_.async_ping({}, asio::redirect_error(asio::use_awaitable, failure));
    }

    task<> close(std::uint16_t code, std::string_view reason) override {
        // Two seconds for the other side to answer; then the sweeper ends it.
        due_in(*c_, linger_time);
        closing_ = true;
        websocket::close_reason why(static_cast<websocket::close_code>(code));
        why.reason = beast::string_view(reason.substr(0, 123));
        error_code failure;
        co_await ws_.async_close(why, asio::redirect_error(asio::use_awaitable, failure));
    }

    executor strand() override { return c_->socket.get_executor(); }

    void set_read_limit(std::size_t bytes) override { ws_.read_message_max(bytes); }

    void client_is_known() override { tell_known(*c_); }

    void abort() override {
        error_code ignored;
        c_->socket.close(ignored);
    }

private:
    // The rest of a message that is longer than `short_`, behind what long_ has of it.
    task<error_code> read_rest() {
        error_code failure;
        while (!failure && !ws_.is_message_done()) {
            const auto filled = long_.size();
            long_.resize(filled + std::max(ws_.read_size_hint(read_size), filled));
            const auto read = co_await ws_.async_read_some(
                asio::buffer(long_.data() + filled, long_.size() - filled),
                asio::redirect_error(asio::use_awaitable, failure));
            long_.resize(filled + read);
        }
        co_return failure;
    }

    void touch() {
        if (!closing_) due_in(*c_, limits_.websocket_idle);
    }

    std::shared_ptr<connection> c_;
    const transport_limits& limits_;
    // No deflate support compiled in: it costs memory per connection and is off by design.
    websocket::stream<ws_stream, false> ws_;
    std::array<char, short_message> short_;
    std::string long_;
    bool closing_ = false;
    bool read_failed_ = false;
};

// A request that asks for a WebSocket, and whom that counts for.
struct upgrade {
    net::http_request request;
    std::optional<asio::ip::address> network;
};

// The requests of one connection.
class http_connection final : public response_stream {
public:
    http_connection(std::shared_ptr<connection> c, http_service& service,
                    const transport_limits& limits)
        : c_(std::move(c)), service_(service), limits_(limits) {}

    // The upgrade that the connection goes on with; null when it has ended.
    task<std::unique_ptr<upgrade>> run();

    void on_gone(std::function<void()> f) override { c_->on_gone = std::move(f); }
    void start(int status, net::header_list headers) override;
    task<result<void>> write(std::string_view chunk, bool last) override;

private:
    enum class step { next, close, upgrade };

    task<bool> read_more();
    task<int> read_head(request_parser& parser);
    task<int> read_body(request_parser& parser, std::size_t limit);
    task<step> serve_one(request_parser& parser);
    task<step> answer(net::http_response response, bool close);
    task<step> refuse(int status, std::string_view message);
    int take_head(const request_parser& parser);

    std::shared_ptr<connection> c_;
    http_service& service_;
    const transport_limits& limits_;
    std::string buffer_;          // bytes read; [used_, filled_) is not parsed yet
    std::size_t used_ = 0, filled_ = 0;
    net::http_request request_;
    std::string request_id_;
    std::string out_;
    std::optional<asio::ip::address> upgrade_network_;  // whom the WebSocket counts for
    bool first_ = true;           // no head has been read yet
    bool is_head_ = false;        // the request's method is HEAD
    bool keep_alive_ = true;
    bool sent_ = false;           // a part of the stream is out; until then its head is in out_
    bool ended_ = false;          // the stream's end is out, or cannot be sent any more
    bool chunked_ = false;        // the stream is framed by chunks
};

// The ways out: the client closes; a malformed, late or refused request; an answer that says
// "close"; the end of the gateway; an upgrade.
task<std::unique_ptr<upgrade>> http_connection::run() {
    while (true) {
        request_parser parser(request_, limits_);
        const int problem = co_await read_head(parser);
        if (problem < 0) co_return nullptr;
        request_id_ = service_.next_request_id();
        if (problem > 0) {
            co_await refuse(problem, head_problem(problem));
            co_return nullptr;
        }
        const auto next = co_await serve_one(parser);
        if (next == step::upgrade) {
            co_return std::make_unique<upgrade>(std::move(request_), upgrade_network_);
        }
        if (next == step::close || c_->draining) co_return nullptr;
        c_->now = connection::phase::idle;
    }
}

task<bool> http_connection::read_more() {
    if (used_ == filled_) {
        used_ = filled_ = 0;
        if (buffer_.size() > keep_capacity) give_back(buffer_);
    } else if (used_ > 0 && filled_ == buffer_.size()) {
        buffer_.erase(0, used_);
        filled_ -= used_;
        used_ = 0;
    }
    if (buffer_.size() - filled_ < read_size / 2) buffer_.resize(filled_ + read_size);
    error_code failure;
    filled_ += co_await c_->socket.async_read_some(
        asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
        asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

// 0: the head is complete. -1: the client is gone. Otherwise the status to refuse it with.
task<int> http_connection::read_head(request_parser& parser) {
    const bool first = std::exchange(first_, false);
    due_in(*c_, !first ? limits_.keep_alive : c_->draining ? limits_.last_head : limits_.first_head);
    bool begun = false;
    bool in_first_line = true;
    while (true) {
        if (filled_ > used_) {
            if (!begun) {
                begun = true;
                c_->now = connection::phase::busy;
                if (!first) due_in(*c_, limits_.header_time);
            }
            const std::string_view bytes(buffer_.data() + used_, filled_ - used_);
            if (in_first_line && bytes.find('\n') == std::string_view::npos &&
                bytes.size() > limits_.max_target + 64) {
                co_return 414;
            }
            error_code failure;
            const auto taken = parser.put(asio::buffer(bytes), failure);
            in_first_line = in_first_line && taken == 0;
            used_ += taken;
            if (failure == http::error::header_limit) co_return 431;
            if (failure && failure != http::error::need_more) co_return 400;
            if (parser.is_header_done()) break;
            if (bytes.size() > limits_.max_header) co_return 431;
        }
        if (!co_await read_more()) co_return c_->deadline.expired && begun ? 408 : -1;
    }
    if (const int problem = take_head(parser); problem != 0) co_return problem;
    if (request_.target.size() > limits_.max_target) co_return 414;
    if (request_.headers.size() > limits_.max_headers) co_return 431;
    co_return 0;
}

// 0, or the status to refuse the request with.
int http_connection::take_head(const request_parser& parser) {
    is_head_ = request_.method == "HEAD";
    keep_alive_ = parser.keep_alive();
    chunked_ = parser.is_http_1_1();
    take_absolute_form(request_);
    return refusal_of(request_, parser.is_http_1_1(), c_->peer.local_uid.has_value());
}

task<int> http_connection::read_body(request_parser& parser, std::size_t limit) {
    if (parser.content_length() && *parser.content_length() > limit) co_return 413;
    parser.body_limit(limit);
    if (net::equals_ignoring_case(request_.headers.get("expect"), "100-continue")) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (!co_await send_all(*c_, go_on, limits_.write_time)) co_return -1;
    }
    due_in(*c_, limits_.body_time);
    parser.eager(true);
    while (!parser.is_done()) {
        if (filled_ > used_) {
            error_code failure;
            used_ += parser.put(asio::buffer(buffer_.data() + used_, filled_ - used_), failure);
            if (failure == http::error::body_limit) co_return 413;
            if (failure && failure != http::error::need_more) co_return 400;
            if (parser.is_done()) break;
            // What waits for its end is a chunk's size line or the trailer.
            if (filled_ - used_ > max_chunk_line) co_return 431;
        }
        if (!co_await read_more()) co_return c_->deadline.expired ? 408 : -1;
    }
    co_return 0;
}

task<http_connection::step> http_connection::serve_one(request_parser& parser) {
    auto admitted = service_.admit(request_, c_->peer, request_id_);
    const auto room = admitted.upgrade ? nullptr : std::exchange(c_->on_http, nullptr);
    const bool full = room && !room(admitted.known);
    if (admitted.known && !full) tell_known(*c_);
    // What is answered from the head costs no more than the refusal: probes and scrapers get through.
    if (full && !admitted.answer) {
        admitted.answer = service_.refuse(request_, 503, "too many connections are open", request_id_);
        admitted.answer->headers.add("Retry-After", "1");
    }
    const bool has_body = !parser.is_done() &&
                          (parser.chunked() || parser.content_length().value_or(0) > 0);
    if (admitted.answer) {
        const auto next = co_await answer(std::move(*admitted.answer), has_body || full);
        if (has_body) co_await linger(*c_);
        co_return next;
    }
    if (admitted.upgrade) {
        upgrade_network_ = std::move(admitted.network);
        co_return step::upgrade;
    }
    if (has_body) {
        const int problem = co_await read_body(parser, admitted.max_body);
        if (problem < 0) co_return step::close;
        if (problem > 0) co_return co_await refuse(problem, body_problem(problem));
    }
    never_due(*c_);
    sent_ = ended_ = false;
    out_.clear();
    c_->serving = true;
    auto response = co_await service_.serve(admitted, request_, c_->peer, request_id_, *this);
    c_->serving = false;
    c_->on_gone = nullptr;
    if (response && sent_) co_return step::close;  // it broke in the middle of its stream
    if (response) co_return co_await answer(std::move(*response), false);
    if (!ended_ && !co_await write({}, true)) co_return step::close;
    co_return chunked_ && keep_alive_ ? step::next : step::close;
}

task<http_connection::step> http_connection::answer(net::http_response response, bool close) {
    const bool stay = keep_alive_ && !close && !c_->draining;
    out_.clear();
    write_head(out_, response, request_id_, stay, response.body.size());
    if (!is_head_) out_ += response.body;
    auto sent = co_await send_all(*c_, out_, limits_.write_time);
    if (out_.capacity() > keep_capacity) give_back(out_);
    co_return sent && stay ? step::next : step::close;
}

task<http_connection::step> http_connection::refuse(int status, std::string_view message) {
    // A late client's socket may be closed already; the answer is then lost, which is its end.
    co_await answer(service_.refuse(request_, status, message, request_id_), true);
    co_await linger(*c_);
    co_return step::close;
}

void http_connection::start(int status, net::header_list headers) {
    net::http_response head;
    head.status = status;
    head.headers = std::move(headers);
    out_.clear();
    write_head(out_, head, request_id_, keep_alive_ && chunked_, std::nullopt, chunked_);
}

task<result<void>> http_connection::write(std::string_view chunk, bool last) {
    sent_ = true;
    if (is_head_) chunk = {};
    const auto tail = chunked_ && !is_head_ ? frame_chunk(out_, chunk.size(), last) : std::string_view();
    const std::array<asio::const_buffer, 3> pieces{asio::buffer(out_), asio::buffer(chunk),
                                                   asio::buffer(tail)};
    auto sent = co_await send_all(*c_, pieces, limits_.write_time);
    out_.clear();
    if (!sent) keep_alive_ = false;  // half a chunk may be out: nothing can follow
    ended_ = last || !sent;
    co_return sent;
}

// What HTTP needs of memory goes with this coroutine, before a WebSocket begins.
task<std::unique_ptr<upgrade>> serve_http(std::shared_ptr<connection> c, http_service& service,
                                          const transport_limits& limits) {
    http_connection http(std::move(c), service, limits);
    co_return co_await http.run();
}

task<> serve_websocket(std::shared_ptr<connection> c, http_service& service,
                       const transport_limits& limits, std::unique_ptr<upgrade> asked) {
    c->websocket = true;
    c->now = connection::phase::busy;
    if (c->on_upgrade) c->on_upgrade(asked->network);
    beast_ws socket(c, limits);
    if (!co_await socket.accept(asked->request)) co_return;
    auto conversation = service.websocket(socket, asked->request, c->peer);
    asked.reset();
    co_await std::move(conversation);
}

}  // namespace

task<> serve_connection(std::shared_ptr<connection> c, http_service& service,
                        const transport_limits& limits) {
    error_code ignored;
    c->socket.non_blocking(true, ignored);
    auto asked = co_await serve_http(c, service, limits);
    if (asked) co_await serve_websocket(c, service, limits, std::move(asked));
    c->socket.shutdown(stream_socket::shutdown_both, ignored);
    c->socket.close(ignored);
}

}  // namespace openclaw::ingress
