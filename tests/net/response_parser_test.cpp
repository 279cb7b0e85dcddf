#include "net/response_parser.hpp"

#include <gtest/gtest.h>

namespace openclaw::net {
namespace {

struct outcome {
    int status = 0;
    std::string body;
    bool keep = false;
    std::size_t left = 0;  // bytes beyond the response
    std::optional<errc> failure;
};

// Feeds `wire` in pieces of `step` bytes as a connection would, then the end of the stream.
outcome decode(const std::string& wire, std::size_t step, const parser_limits& limits) {
    response_parser parser(limits);
    outcome out;
    std::string held;
    for (std::size_t at = 0; at < wire.size(); at += step) {
        held += wire.substr(at, step);
        auto n = parser.feed(held, out.body);
        if (!n) {
            out.failure = n.error().code;
            return out;
        }
        held.erase(0, *n);
    }
    bool complete = parser.done();
    auto end = parser.finish();
    if (!end) out.failure = end.error().code;
    if (!end || !parser.header_done()) return out;
    out.status = parser.status();
    out.keep = complete && parser.keep_alive();
    out.left = held.size();
    return out;
}

struct good_answer {
    const char* name;
    std::string wire;
    int status;
    std::string body;
    bool keep;
    std::size_t left = 0;
    bool head = false;
};

class good_answers : public testing::TestWithParam<good_answer> {};

TEST_P(good_answers, decode_in_any_cut) {
    const auto& c = GetParam();
    for (std::size_t step = 1; step <= c.wire.size(); ++step) {
        parser_limits limits;
        limits.expect_body = !c.head;
        auto out = decode(c.wire, step, limits);
        ASSERT_FALSE(out.failure) << "step " << step << ": " << name_of(*out.failure);
        EXPECT_EQ(out.status, c.status) << step;
        EXPECT_EQ(out.body, c.body) << step;
        EXPECT_EQ(out.keep, c.keep) << step;
        EXPECT_EQ(out.left, c.left) << step;
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, good_answers,
    testing::Values(
        good_answer{"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", true},
        good_answer{"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
        good_answer{"no_reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", true},
        good_answer{"chunked",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\na\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
                    200, "a0123456789", true},
        good_answer{"trailers",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\na\r\n0\r\nX-Trailer: t\r\n\r\n",
                    200, "a", true},
        good_answer{"until_close", "HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc", false},
        good_answer{"old_version", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, "a",
                    false},
        good_answer{"asks_to_close",
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", 200, "a",
                    false},
        good_answer{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
        good_answer{"not_modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304,
                    "", true},
        good_answer{"head", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, "", true, 0, true},
        good_answer{"interim",
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
                    201, "ok", true},
        good_answer{"answer_and_more", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200",
                    200, "a", true, 12}),
    [](const auto& p) { return std::string(p.param.name); });

struct bad_answer {
    const char* name;
    std::string wire;
    errc code;
};

class bad_answers : public testing::TestWithParam<bad_answer> {};

TEST_P(bad_answers, fail_in_any_cut) {
    const auto& c = GetParam();
    const parser_limits limits{
        .max_header = 2000, .max_fields = 20, .max_body = 100, .expect_body = true};
    for (std::size_t step : {c.wire.size(), std::size_t(1), std::size_t(7)}) {
        auto out = decode(c.wire, step, limits);
        ASSERT_TRUE(out.failure) << "step " << step;
        EXPECT_EQ(name_of(*out.failure), name_of(c.code)) << "step " << step;
    }
}

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_answers,
    testing::Values(
        bad_answer{"other_protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", errc::protocol},
        bad_answer{"version_2", "HTTP/2.0 200 OK\r\n\r\n", errc::protocol},
        bad_answer{"bad_status", "HTTP/1.1 2x0 OK\r\n\r\n", errc::protocol},
        bad_answer{"upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", errc::protocol},
        bad_answer{"bad_length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", errc::protocol},
        bad_answer{"two_lengths",
                   "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                   errc::protocol},
        bad_answer{"length_and_chunked",
                   "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
                   errc::protocol},
        bad_answer{"bad_chunk",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
                   errc::protocol},
        bad_answer{"chunk_without_end",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
                   errc::protocol},
        bad_answer{"truncated_head", "HTTP/1.1 200 OK\r\nContent-", errc::network},
        bad_answer{"truncated_length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                   errc::network},
        bad_answer{"truncated_chunks",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
                   errc::network},
        bad_answer{"long_field", "HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\n\r\n",
                   errc::too_large},
        bad_answer{"long_header",
                   "HTTP/1.1 200 OK\r\n" + repeat("X: " + std::string(200, 'x') + "\r\n", 15) +
                       "\r\n",
                   errc::too_large},
        bad_answer{"many_fields", "HTTP/1.1 200 OK\r\n" + repeat("X: y\r\n", 21) + "\r\n",
                   errc::too_large},
        bad_answer{"many_interim", repeat("HTTP/1.1 100 Continue\r\n\r\n", 90), errc::too_large},
        bad_answer{"declared_body", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\na",
                   errc::too_large},
        bad_answer{"endless_body", "HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'),
                   errc::too_large},
        bad_answer{"endless_chunks",
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                       repeat("a\r\n0123456789\r\n", 11),
                   errc::too_large}),
    [](const auto& p) { return std::string(p.param.name); });

TEST(response_parser, keeps_fields_in_order_and_drops_trailers) {
    response_parser parser({});
    std::string body;
    ASSERT_TRUE(parser.feed("HTTP/1.1 100 Continue\r\nOld: 1\r\n\r\nHTTP/1.1 200 OK\r\n"
                            "B: 1\r\nSet-Cookie: x\r\nset-cookie: y\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n0\r\nT: 1\r\n\r\n",
                            body));
    ASSERT_TRUE(parser.done());
    EXPECT_EQ(parser.headers().count("set-cookie"), 2u);
    EXPECT_EQ(parser.headers().begin()->first, "B");
    EXPECT_FALSE(parser.headers().has("T"));
    EXPECT_FALSE(parser.headers().has("Old"));
}

}  // namespace
}  // namespace openclaw::net
