#include "net/exchange.hpp"

#include "net/response_parser.hpp"

namespace openclaw::net {

namespace {

// One answer on one connection: first its header, then it is the reader of its body.
class incoming final : public body_reader {
public:
    incoming(std::unique_ptr<connection> on, std::shared_ptr<connection_pool> pool,
             const exchange_terms& terms)
        : limits_(terms.limits), connection_(std::move(on)), pool_(std::move(pool)),
          parser_({.max_header = terms.limits.max_header,
                   .max_body = terms.limits.max_body,
                   .expect_body = !terms.head_only}) {}

    task<result<std::string_view>> read() override;
    bool complete() const override { return parser_.done() || failed_; }
    task<result<void>> read_header(bool& untouched);
    response_parser& parser() { return parser_; }
    connection& channel() { return *connection_; }

    // What of the body came along with the header; after that the reader is in its first read().
    void end_header() {
        if (parser_.done()) release();
        first_ = !chunk_.empty();
    }

private:
    result<void> take();
    result<void> end_of_stream();
    result<std::string_view> fail(error e);
    void release();

    const request_limits limits_;
    std::unique_ptr<connection> connection_;
    std::shared_ptr<connection_pool> pool_;
    response_parser parser_;
    std::string chunk_;
    error failure_;
    bool first_ = false;
    bool failed_ = false;
};

// Decodes what is buffered into chunk_.
result<void> incoming::take() {
    auto held = connection_->buffered();
    if (held.empty() || parser_.done()) return {};
    auto taken = parser_.feed(held, chunk_);
    if (!taken) {
        auto e = taken.error();
        e.message = connection_->peer() + " answered badly: " + e.message;
        return e;
    }
    connection_->consume(*taken);
    return {};
}

result<void> incoming::end_of_stream() {
    auto end = parser_.finish();
    if (end) return end;
    return error(errc::network, connection_->peer() + " closed the connection in the middle of " +
                                    (parser_.header_done() ? "its answer" : "the exchange"),
                 "Try again; if it stays, look at what stands between here and there.");
}

task<result<void>> incoming::read_header(bool& untouched) {
    while (!parser_.header_done()) {
        auto n = co_await connection_->fill(limits_.max_header, limits_.first_byte,
                                            "waiting for an answer of");
        // A deadline that passed is no sign of a stale connection.
        if (!n) {
            untouched = untouched && n.error().code == errc::network;
            co_return n.error();
        }
        if (*n == 0) co_return end_of_stream();
        untouched = false;
        auto taken = take();
        if (!taken) co_return taken;
    }
    untouched = false;
    co_return result<void>();
}

result<std::string_view> incoming::fail(error e) {
    connection_.reset();
    failed_ = true;
    failure_ = e;
    return e;
}

void incoming::release() {
    bool again = parser_.keep_alive() && connection_->buffered().empty();
    if (again) pool_->give_back(std::move(connection_));
    connection_.reset();
}

task<result<std::string_view>> incoming::read() {
    if (failed_) co_return failure_;
    if (first_) {
        first_ = false;
        co_return std::string_view(chunk_);
    }
    chunk_.clear();
    while (!parser_.done()) {
        auto n = co_await connection_->fill(std::max<std::size_t>(limits_.max_header, 16 << 10),
                                            limits_.idle, "reading the answer of");
        if (!n) co_return fail(n.error());
        auto step = *n == 0 ? end_of_stream() : take();
        if (!step) co_return fail(step.error());
        if (!chunk_.empty()) break;
    }
    if (parser_.done() && connection_) release();
    co_return std::string_view(chunk_);
}

}  // namespace

task<result<streaming_response>> exchange(std::unique_ptr<connection> on, std::string_view wire,
                                          exchange_terms terms,
                                          std::shared_ptr<connection_pool> pool, bool& untouched) {
    untouched = true;
    on->attach(co_await asio::this_coro::executor);
    auto answer = std::make_unique<incoming>(std::move(on), std::move(pool), terms);
    auto sent = co_await answer->channel().write(wire, terms.limits.first_byte);
    if (!sent && sent.error().code != errc::network) {
        untouched = false;
        co_return sent.error();
    }
    // A server may refuse early and stop reading: its answer tells more than the failed write.
    auto header = co_await answer->read_header(untouched);
    if (!header) co_return sent ? header.error() : sent.error();
    answer->end_header();
    streaming_response out;
    out.status = answer->parser().status();
    out.headers = std::move(answer->parser().headers());
    out.body = std::move(answer);
    co_return out;
}

}  // namespace openclaw::net
