#include "ingress/errors.hpp"
#include "ingress/event_hub.hpp"
#include "ingress/http_writer.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

constexpr const char* inner = "SELECT secret FROM /var/lib/openclaw";

struct error_case {
    errc code;
    int status;
    const char* type;
    const char* ws;
    bool shows_detail;
};
void PrintTo(const error_case& c, std::ostream* out) { *out << name_of(c.code); }

class error_table : public testing::TestWithParam<error_case> {};

TEST_P(error_table, has_one_face_on_each_wire) {
    const auto& c = GetParam();
    const error e(c.code, inner, "do this");
    EXPECT_EQ(http_status(c.code), c.status);
    const auto r = error_response(e, "request-1");
    EXPECT_EQ(r.status, c.status);
    const auto body = json::parse(r.body)["error"];
    EXPECT_EQ(body["type"], c.type);
    EXPECT_EQ(body["code"], name_of(c.code));
    EXPECT_EQ(body["requestId"], "request-1");
    EXPECT_TRUE(body["param"].is_null());
    const std::string message = body["message"].get<std::string>();
    EXPECT_FALSE(message.empty());
    EXPECT_EQ(message.find(inner) != std::string::npos, c.shows_detail);
    EXPECT_EQ(r.headers.has("WWW-Authenticate"), c.status == 401);
    const bool later = c.status == 429 || c.status == 503 || c.status == 507;
    EXPECT_EQ(r.headers.has("Retry-After"), later);

    const auto ws = ws_error(e);
    EXPECT_EQ(ws["code"], c.ws);
    EXPECT_EQ(ws["message"], message);
    EXPECT_EQ(ws.contains("retryable"), std::string(c.ws) == "UNAVAILABLE");
}

TEST(ws_error, says_whether_sending_it_again_may_help) {
    for (const auto code : {errc::queue_full, errc::rate_limited, errc::unavailable, errc::overloaded,
                            errc::network, errc::timed_out, errc::disk_full}) {
        EXPECT_EQ(ws_error(error(code, inner))["retryable"], true) << name_of(code);
    }
    for (const auto code : {errc::context_overflow, errc::refused, errc::rejected, errc::billing,
                            errc::cancelled, errc::auth_provider, errc::config, errc::internal}) {
        EXPECT_EQ(ws_error(error(code, inner))["retryable"], false) << name_of(code);
    }
}

const std::vector<error_case> error_cases{
    {errc::invalid_input, 400, "invalid_request_error", "INVALID_REQUEST", true},
    {errc::context_overflow, 400, "invalid_request_error", "UNAVAILABLE", true},
    {errc::unauthenticated, 401, "unauthorized", "FORBIDDEN", true},
    {errc::forbidden, 403, "permission_error", "FORBIDDEN", true},
    {errc::not_found, 404, "invalid_request_error", "INVALID_REQUEST", true},
    {errc::conflict, 409, "invalid_request_error", "INVALID_REQUEST", true},
    {errc::too_large, 413, "invalid_request_error", "INVALID_REQUEST", true},
    {errc::refused, 422, "invalid_request_error", "UNAVAILABLE", true},
    {errc::queue_full, 429, "rate_limit_error", "UNAVAILABLE", true},
    {errc::rate_limited, 429, "rate_limit_error", "UNAVAILABLE", true},
    {errc::network, 502, "api_error", "UNAVAILABLE", false},
    {errc::tls, 502, "api_error", "UNAVAILABLE", false},
    {errc::protocol, 502, "api_error", "UNAVAILABLE", false},
    {errc::auth_provider, 502, "api_error", "UNAVAILABLE", false},
    {errc::billing, 502, "api_error", "UNAVAILABLE", false},
    {errc::rejected, 400, "invalid_request_error", "UNAVAILABLE", false},
    {errc::unavailable, 503, "api_error", "UNAVAILABLE", true},
    {errc::cancelled, 409, "invalid_request_error", "UNAVAILABLE", false},
    {errc::overloaded, 503, "api_error", "UNAVAILABLE", false},
    {errc::timed_out, 504, "api_error", "UNAVAILABLE", false},
    {errc::disk_full, 507, "api_error", "UNAVAILABLE", false},
    {errc::storage, 500, "api_error", "UNAVAILABLE", false},
    {errc::io, 500, "api_error", "UNAVAILABLE", false},
    {errc::config, 500, "api_error", "UNAVAILABLE", false},
    {errc::in_use, 500, "api_error", "UNAVAILABLE", false},
    {errc::internal, 500, "api_error", "UNAVAILABLE", false},
};
INSTANTIATE_TEST_SUITE_P(, error_table, testing::ValuesIn(error_cases),
                         [](const auto& i) { return std::string(name_of(i.param.code)); });

TEST(errors, retry_after_is_in_whole_seconds_rounded_up) {
    error e(errc::rate_limited, "slowly");
    e.retry_after = milliseconds(1'001);
    EXPECT_EQ(error_response(e, "").headers.get("retry-after"), "2");
    EXPECT_EQ(ws_error(e)["retryAfterMs"], 1'001);
    e.retry_after = milliseconds(0);
    EXPECT_EQ(error_response(e, "").headers.get("retry-after"), "1");
}

TEST(errors, a_turn_that_cannot_end_otherwise_is_not_to_be_repeated) {
    const auto says = [](errc code, bool acted) {
        const auto r = turn_failure_response(error_shape::common, error(code, "x"), acted, "");
        return std::string(r.headers.get("x-should-retry"));
    };
    for (const auto code : {errc::cancelled, errc::rejected, errc::auth_provider, errc::billing,
                            errc::refused, errc::conflict, errc::timed_out, errc::internal}) {
        EXPECT_EQ(says(code, false), "false") << name_of(code);
    }
    for (const auto code : {errc::overloaded, errc::rate_limited, errc::network, errc::protocol,
                            errc::unavailable, errc::disk_full}) {
        EXPECT_EQ(says(code, false), "") << name_of(code);
        EXPECT_EQ(says(code, true), "false") << name_of(code) << ": a tool would run twice";
    }
}

turn_event event_of(turn_event::kind what) {
    turn_event e;
    e.what = what;
    e.run = std::make_shared<run_identity>(run_identity{"run-1", "agent:main:main", "main"});
    e.seq = 4;
    e.at_ms = 99;
    return e;
}

json chat_payload(const turn_event& e) {
    return parse_json(chat_event(e)->body + "}").value()["payload"];
}

TEST(chat_event, has_the_states_of_the_protocol) {
    auto delta = event_of(turn_event::kind::delta);
    delta.text = "new";
    EXPECT_EQ(chat_payload(delta), json({{"runId", "run-1"},
                                         {"sessionKey", "agent:main:main"},
                                         {"agentId", "main"},
                                         {"seq", 4},
                                         {"state", "delta"},
                                         {"deltaText", "new"}}));
    auto final = event_of(turn_event::kind::final);
    final.message = assistant_message("all of it");
    final.stop_reason = "stop";
    const json message{{"role", "assistant"},
                       {"content", json::array({{{"type", "text"}, {"text", "all of it"}}})},
                       {"timestamp", 99}};
    const auto done = chat_payload(final);
    EXPECT_EQ(done["state"], "final");
    EXPECT_EQ(done["stopReason"], "stop");
    EXPECT_EQ(done["message"], message);

    auto aborted = event_of(turn_event::kind::aborted);
    aborted.message = assistant_message("all of it");
    aborted.stop_reason = "rpc";
    const auto cut = chat_payload(aborted);
    EXPECT_EQ(cut["state"], "aborted");
    EXPECT_EQ(cut["stopReason"], "rpc");
    EXPECT_EQ(cut["message"], message);
    for (const auto silent : {turn_event::kind::started, turn_event::kind::tool_started,
                              turn_event::kind::tool_ended}) {
        EXPECT_EQ(chat_event(event_of(silent)), nullptr);
    }
}

TEST(chat_event, an_error_has_a_kind_and_no_inner_detail) {
    const std::vector<std::pair<errc, std::string>> kinds{
        {errc::timed_out, "timeout"},      {errc::rate_limited, "rate_limit"},
        {errc::overloaded, "rate_limit"},  {errc::context_overflow, "context_length"},
        {errc::refused, "refusal"},        {errc::internal, "unknown"},
    };
    for (const auto& [code, kind] : kinds) {
        auto e = event_of(turn_event::kind::failed);
        e.failure = error(code, inner);
        const auto p = chat_payload(e);
        EXPECT_EQ(p["state"], "error");
        EXPECT_EQ(p["errorKind"], kind);
        EXPECT_EQ(p["errorMessage"], public_message(e.failure));
        EXPECT_FALSE(p["errorMessage"].get<std::string>().empty());
    }
}

TEST(http_writer, writes_a_head) {
    net::http_response r;
    r.status = 404;
    r.headers.add("Allow", "GET, HEAD");
    std::string out = "before";
    write_head(out, r, "id-1", true, 12);
    EXPECT_TRUE(out.starts_with("beforeHTTP/1.1 404 Not Found\r\nDate: ")) << out;
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
    for (const char* field : {"\r\nAllow: GET, HEAD\r\n", "\r\nContent-Length: 12\r\n",
                              "\r\nX-Request-Id: id-1\r\n", "\r\nX-Content-Type-Options: nosniff\r\n",
                              " GMT\r\n"}) {
        EXPECT_NE(out.find(field), std::string::npos) << field;
    }
    EXPECT_EQ(out.find("Connection:"), std::string::npos);
    EXPECT_EQ(out.find("Transfer-Encoding"), std::string::npos);
}

TEST(http_writer, frames_in_three_ways) {
    const auto head = [](bool keep, std::optional<std::size_t> length, bool chunked) {
        std::string out;
        write_head(out, {}, "", keep, length, chunked);
        return out;
    };
    EXPECT_NE(head(true, 0, false).find("Content-Length: 0\r\n"), std::string::npos);
    EXPECT_NE(head(true, std::nullopt, true).find("Transfer-Encoding: chunked\r\n"),
              std::string::npos);
    EXPECT_EQ(head(true, std::nullopt, true).find("Content-Length"), std::string::npos);
    EXPECT_NE(head(false, std::nullopt, false).find("Connection: close\r\n"), std::string::npos);
}

TEST(http_writer, frames_chunks) {
    const auto framed = [](const std::string& chunk, bool last) {
        std::string out;
        const auto tail = frame_chunk(out, chunk.size(), last);
        return out + chunk + std::string(tail);
    };
    EXPECT_EQ(framed("", false), "") << "a chunk of no bytes would be the end";
    EXPECT_EQ(framed("", true), "0\r\n\r\n");
    EXPECT_EQ(framed(std::string(255, 'x'), false), "ff\r\n" + std::string(255, 'x') + "\r\n");
    const std::string large(65'536, 'x');
    EXPECT_EQ(framed(large, true), "10000\r\n" + large + "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace openclaw::ingress
