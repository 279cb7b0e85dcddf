// The HTTP surface as bytes on a socket: framing, bounds, and who is refused before anything runs.

#include "support/gateway_fixture.hpp"
#include "support/wire_websocket.hpp"

#include "openclaw/core/json.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;
using test::wire_response;

void expect_error(const wire_response& r, int status) {
    EXPECT_EQ(r.status, status) << r.body;
    EXPECT_FALSE(r.field("x-request-id").empty());
    EXPECT_EQ(r.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(r.field("content-type"), "application/json; charset=utf-8");
    const auto e = json::parse(r.body)["error"];
    EXPECT_FALSE(e["message"].get<std::string>().empty());
    EXPECT_FALSE(e["code"].get<std::string>().empty());
    EXPECT_FALSE(e["type"].get<std::string>().empty());
    EXPECT_EQ(e["requestId"], r.field("x-request-id"));
}

class http_wire : public testing::Test {
protected:
    std::string get(const std::string& target, const std::string& fields = {}) const {
        return "GET " + target + " HTTP/1.1\r\nHost: " + gateway.host() + "\r\n" + fields + "\r\n";
    }
    static config::settings with_hook() {
        auto s = test::gateway_settings();
        s.hooks["x"].key = secret("hook-token");
        return s;
    }
    gateway_fixture gateway{with_hook()};
};

TEST_F(http_wire, one_connection_serves_many_requests) {
    wire_client client(gateway.port());
    std::string last_id;
    for (int i = 0; i < 5; ++i) {
        const auto r = client.ask(get("/healthz"));
        EXPECT_EQ(r.status, 200);
        EXPECT_EQ(r.body, R"({"ok":true,"status":"live"})");
        EXPECT_EQ(r.field("cache-control"), "no-store");
        EXPECT_EQ(r.field("connection"), "");
        EXPECT_NE(r.field("x-request-id"), last_id);
        last_id = r.field("x-request-id");
    }
    EXPECT_EQ(client.ask(get("/healthz", "Connection: close\r\n")).field("connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(http_wire, pipelined_requests_are_answered_in_order) {
    wire_client client(gateway.port());
    client.send(get("/healthz") + get("/nothing") + gateway.request("GET", "/v1/models") +
                get("/readyz"));
    EXPECT_EQ(client.response().status, 200);
    EXPECT_EQ(client.response().status, 404);
    EXPECT_EQ(json::parse(client.response().body)["object"], "list");
    EXPECT_EQ(json::parse(client.response().body)["ready"], true);
}

TEST_F(http_wire, a_request_may_come_byte_by_byte) {
    wire_client client(gateway.port());
    for (const char c : get("/healthz")) client.send(std::string_view(&c, 1));
    EXPECT_EQ(client.response().status, 200);
}

TEST_F(http_wire, head_has_the_fields_of_get_and_no_body) {
    wire_client client(gateway.port());
    const auto head = client.ask("HEAD /healthz HTTP/1.1\r\nHost: " + gateway.host() + "\r\n\r\n", true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "27");
    EXPECT_EQ(client.ask(get("/healthz")).status, 200) << "no body was in between";
}

TEST_F(http_wire, version_1_0_closes) {
    wire_client client(gateway.port());
    const auto r = client.ask("GET /healthz HTTP/1.0\r\nHost: " + gateway.host() + "\r\n\r\n");
    EXPECT_EQ(r.status, 200);
    EXPECT_TRUE(client.ends());
}

// RFC 9112 §3.2: the field is HTTP/1.1's. Probes of load balancers speak 1.0 without it.
TEST_F(http_wire, version_1_0_needs_no_host) {
    EXPECT_EQ(wire_client(gateway.port()).ask("GET /health HTTP/1.0\r\n\r\n").status, 200);
    EXPECT_EQ(wire_client(gateway.port()).ask("OPTIONS /healthz HTTP/1.0\r\n\r\n").status, 405);
    expect_error(wire_client(gateway.port()).ask("GET /v1/models HTTP/1.0\r\n\r\n"), 401);
    expect_error(wire_client(gateway.port()).ask("GET /health HTTP/1.0\r\nHost:\r\n\r\n"), 400);
    expect_error(wire_client(gateway.port()).ask("GET /health HTTP/1.0\r\nHost: evil.test\r\n\r\n"), 421);
    const std::string of_a_page = "POST /v1/chat/completions HTTP/1.0\r\nOrigin: http://evil.test\r\n";
    expect_error(wire_client(gateway.port()).ask(of_a_page + "Content-Length: 0\r\n\r\n"), 403);
}

TEST_F(http_wire, unknown_paths_and_wrong_methods) {
    expect_error(gateway.ask("GET", "/nothing"), 404);
    expect_error(gateway.ask("GET", "/hooks/"), 404);
    const auto r = gateway.ask("GET", "/v1/chat/completions");
    expect_error(r, 405);
    EXPECT_EQ(r.field("allow"), "POST");
    const auto p = gateway.ask("POST", "/health", "{}");
    expect_error(p, 405);
    EXPECT_EQ(p.field("allow"), "GET, HEAD");
}

// What does not even parse, or says two things at once, is refused and the connection ends.
struct raw_case {
    const char* name;
    std::string request;   // @ stands for the gateway's host
    int status;
};
void PrintTo(const raw_case& c, std::ostream* out) { *out << c.name; }

class http_refuses : public testing::TestWithParam<raw_case> {};

TEST_P(http_refuses, and_says_why) {
    gateway_fixture gateway;
    auto request = GetParam().request;
    if (const auto at = request.find('@'); at != std::string::npos) {
        request.replace(at, 1, gateway.host());
    }
    wire_client client(gateway.port());
    client.send(request);
    client.finish_sending();
    expect_error(client.response(), GetParam().status);
    EXPECT_TRUE(client.ends()) << "nothing behind the answer";
}

const std::string chat_head = "POST /v1/chat/completions HTTP/1.1\r\nHost: @\r\n"
                              "Authorization: Bearer " + std::string(test::gateway_token) + "\r\n";
const std::vector<raw_case> raw_cases{
    {"garbage", "hello\r\n\r\n", 400},
    {"tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), 400},
    {"no_version", "GET /\r\nHost: @\r\n\r\n", 400},
    {"version_2", "GET / HTTP/2.0\r\nHost: @\r\n\r\n", 400},
    {"two_spaces", "GET  / HTTP/1.1\r\nHost: @\r\n\r\n", 400},
    {"control_in_target", "GET /\x01 HTTP/1.1\r\nHost: @\r\n\r\n", 400},
    {"space_before_colon", "GET /healthz HTTP/1.1\r\nHost : @\r\n\r\n", 400},
    {"no_colon", "GET /healthz HTTP/1.1\r\nHost: @\r\nnonsense\r\n\r\n", 400},
    {"nul_in_value", std::string("GET /healthz HTTP/1.1\r\nHost: @\r\nA: b\0c\r\n\r\n", 42), 400},
    {"both_lengths", chat_head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"both_lengths_other_order",
     chat_head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
    {"two_lengths", chat_head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}x", 400},
    {"length_no_number", chat_head + "Content-Length: 4x\r\n\r\n{}{}", 400},
    {"length_negative", chat_head + "Content-Length: -1\r\n\r\n", 400},
    {"chunk_size_no_number", chat_head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
    {"target_over_8k",
     "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: @\r\n\r\n", 414},
    {"target_endless", "GET /" + std::string(12'000, 'a'), 414},
    {"header_over_16k", "GET /healthz HTTP/1.1\r\nHost: @\r\nA: " + std::string(17'000, 'a') +
                            "\r\n\r\n", 431},
    {"header_endless_lines", [] {
         std::string r = "GET /healthz HTTP/1.1\r\nHost: @\r\n";
         for (int i = 0; i < 90; ++i) r += "A" + std::to_string(i) + ": " + std::string(300, 'a') + "\r\n";
         return r;
     }(), 431},
    {"over_100_fields", [] {
         std::string r = "GET /healthz HTTP/1.1\r\nHost: @\r\n";
         for (int i = 0; i < 100; ++i) r += "A" + std::to_string(i) + ": b\r\n";
         return r + "\r\n";
     }(), 431},
};
INSTANTIATE_TEST_SUITE_P(, http_refuses, testing::ValuesIn(raw_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST_F(http_wire, the_bounds_themselves_are_allowed) {
    EXPECT_EQ(wire_client(gateway.port()).ask(get("/healthz?" + std::string(8'000, 'a'))).status, 200);
    std::string fields;
    for (int i = 0; i < 99; ++i) fields += "A" + std::to_string(i) + ": b\r\n";
    EXPECT_EQ(wire_client(gateway.port()).ask(get("/healthz", fields)).status, 200);
    const std::string big = "A: " + std::string(15'000, 'a') + "\r\n";
    EXPECT_EQ(wire_client(gateway.port()).ask(get("/healthz", big)).status, 200);
}

// A first field that is long and comes in pieces is a header, not a target.
TEST_F(http_wire, a_long_field_in_pieces_is_no_long_target) {
    wire_client client(gateway.port());
    client.send("GET /healthz HTTP/1.1\r\nA: " + std::string(4'000, 'a'));
    for (int i = 0; i < 10; ++i) client.send(std::string(1'000, 'a'));
    client.send("\r\nHost: " + gateway.host() + "\r\n\r\n");
    EXPECT_EQ(client.response().status, 200);
}

struct host_case {
    const char* name;
    const char* fields;   // # stands for the port
    int status;
};
void PrintTo(const host_case& c, std::ostream* out) { *out << c.name; }

class http_host : public testing::TestWithParam<host_case> {};

TEST_P(http_host, is_checked_also_from_loopback) {
    gateway_fixture gateway;
    std::string fields = GetParam().fields;
    for (auto at = fields.find('#'); at != std::string::npos; at = fields.find('#')) {
        fields.replace(at, 1, std::to_string(gateway.port()));
    }
    wire_client client(gateway.port());
    const auto r = client.ask("GET /healthz HTTP/1.1\r\n" + fields + "\r\n");
    EXPECT_EQ(r.status, GetParam().status);
    if (r.status != 200) expect_error(r, GetParam().status);
}

const std::vector<host_case> host_cases{
    {"address", "Host: 127.0.0.1:#\r\n", 200},
    {"name", "Host: localhost:#\r\n", 200},
    {"ipv6", "Host: [::1]:#\r\n", 200},
    {"no_port", "Host: 127.0.0.1\r\n", 200},
    {"none", "", 400},
    {"empty", "Host: \r\n", 400},
    {"two", "Host: 127.0.0.1:#\r\nHost: evil.test\r\n", 400},
    {"two_the_same", "Host: 127.0.0.1:#\r\nHost: 127.0.0.1:#\r\n", 400},
    {"foreign", "Host: evil.test:#\r\n", 421},
    {"foreign_no_port", "Host: evil.test\r\n", 421},
    {"looks_alike", "Host: localhost.evil.test\r\n", 421},
    {"prefix", "Host: 127.0.0.1.evil.test\r\n", 421},
    {"user_info", "Host: 127.0.0.1@evil.test\r\n", 421},
    {"other_address", "Host: 10.0.0.7:#\r\n", 421},
};
INSTANTIATE_TEST_SUITE_P(, http_host, testing::ValuesIn(host_cases),
                         [](const auto& i) { return std::string(i.param.name); });

// RFC 9112 §3.2.2: the target's authority counts, not the Host beside it.
TEST_F(http_wire, an_absolute_target_names_the_host) {
    const auto ask = [&](const std::string& target) {
        return wire_client(gateway.port()).ask("GET " + target + " HTTP/1.1\r\nHost: " +
                                               gateway.host() + "\r\n\r\n");
    };
    EXPECT_EQ(ask("http://" + gateway.host() + "/healthz").status, 200);
    expect_error(ask("http://evil.test/healthz"), 421);
    expect_error(ask("https://127.0.0.1/healthz"), 400);
    expect_error(ask("ftp://127.0.0.1/healthz"), 400);
    const auto own = "GET http://" + gateway.host() + "/healthz HTTP/1.1\r\n";
    const auto host = "Host: " + gateway.host() + "\r\n";
    expect_error(wire_client(gateway.port()).ask(own + host + host + "\r\n"), 400);
    expect_error(wire_client(gateway.port()).ask(own + "\r\n"), 400);
}

// What is not understood would let the body pass for the next request.
TEST_F(http_wire, an_unknown_transfer_coding_is_refused_and_ends_the_connection) {
    for (const std::string coding : {"xchunked", "identity", "gzip", "chunked, identity",
                                     "chunked, chunked", "\"chunked\""}) {
        wire_client client(gateway.port());
        client.send(get("/healthz", "Transfer-Encoding: " + coding + "\r\n") + get("/healthz"));
        expect_error(client.response(), 501);
        EXPECT_TRUE(client.ends()) << coding;
    }
    expect_error(wire_client(gateway.port()).ask(
                     get("/healthz", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
                 400);
    expect_error(wire_client(gateway.port()).ask(get("/healthz", "Expect: 200-maybe\r\n")), 417);
}

TEST_F(http_wire, chunk_lines_and_trailers_are_bounded) {
    const auto head = "POST /hooks/x HTTP/1.1\r\nHost: " + gateway.host() +
                      "\r\nX-OpenClaw-Token: hook-token\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string begin : {"1;", "1\r\na\r\n0\r\nX: ", "0"}) {
        wire_client client(gateway.port());
        client.send(head + begin + std::string(20'000, begin == "0" ? '0' : 'a'));
        const auto status = client.response().status;
        EXPECT_TRUE(status == 431 || status == 400) << begin << status;
        EXPECT_TRUE(client.ends());
    }
}

TEST_F(http_wire, a_page_of_another_origin_may_not_post) {
    const std::string body = R"({"model":"openclaw","messages":[{"role":"user","content":"x"}]})";
    for (const std::string origin : {"http://evil.test", "null", "https://127.0.0.1",
                                     "http://127.0.0.1:1", "file://", "http://localhost.evil.test"}) {
        expect_error(gateway.ask("POST", "/v1/chat/completions", body, "Origin: " + origin + "\r\n"),
                     403);
    }
    const auto own = "Origin: http://" + gateway.host() + "\r\n";
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", body, own).status, 200);
}

TEST_F(http_wire, a_body_over_the_limit_is_refused_before_it_is_read) {
    const std::pair<std::string, std::string> ways[] = {{"/v1/chat/completions", test::gateway_token},
                                                        {"/hooks/x", "hook-token"}};
    for (const auto& [target, token] : ways) {
        wire_client client(gateway.port());
        const auto r = client.ask("POST " + target + " HTTP/1.1\r\nHost: " + gateway.host() +
                                  "\r\nAuthorization: Bearer " + token +
                                  "\r\nContent-Length: 99999999999\r\n\r\n");
        expect_error(r, 413);
        EXPECT_EQ(r.field("connection"), "close");
    }
}

TEST_F(http_wire, a_refused_caller_s_body_is_not_read_either) {
    wire_client client(gateway.port());
    const auto r = client.ask("POST /v1/chat/completions HTTP/1.1\r\nHost: " + gateway.host() +
                              "\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n");
    expect_error(r, 401);
    client.finish_sending();
    EXPECT_TRUE(client.ends());
}

TEST_F(http_wire, a_chunked_body_over_the_limit_is_refused_on_the_way) {
    wire_client client(gateway.port());
    client.send("POST /hooks/x HTTP/1.1\r\nHost: " + gateway.host() +
                "\r\nX-OpenClaw-Token: hook-token\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65'536, 'a') + "\r\n";
    for (int i = 0; i < 5; ++i) client.send(chunk);
    expect_error(client.response(), 413);
}

TEST_F(http_wire, bodies_are_json_of_a_bounded_depth) {
    const auto ask = [&](const std::string& body) {
        return gateway.ask("POST", "/v1/chat/completions", body);
    };
    expect_error(ask("{\"model\":"), 400);
    expect_error(ask("not json"), 400);
    expect_error(ask("{}{}"), 400);
    expect_error(ask("{\"a\":\"\xff\"}"), 400);
    const auto deep = [](int levels) {
        return R"({"model":"openclaw","messages":[{"role":"user","content":"x"}],"x":)" +
               std::string(static_cast<std::size_t>(levels - 1), '[') +
               std::string(static_cast<std::size_t>(levels - 1), ']') + "}";
    };
    EXPECT_EQ(ask(deep(32)).status, 200);
    expect_error(ask(deep(33)), 400);
    expect_error(ask(std::string(1'000'000, '[')), 400);
}

TEST_F(http_wire, goes_on_when_the_client_asks_before_it_sends) {
    const std::string body = R"({"model":"openclaw","messages":[{"role":"user","content":"x"}]})";
    wire_client client(gateway.port());
    auto request = gateway.request("POST", "/v1/chat/completions", body, "Expect: 100-continue\r\n");
    client.send(request.substr(0, request.size() - body.size()));
    EXPECT_EQ(client.response().status, 100);
    client.send(body);
    EXPECT_EQ(client.response().status, 200);
}

TEST_F(http_wire, takes_a_chunked_body_and_the_request_behind_it) {
    wire_client client(gateway.port());
    client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: " + gateway.host() +
                "\r\nAuthorization: Bearer " + test::gateway_token +
                "\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("15;name=value\r\n{\"model\":\"openclaw\",\"\r\n");
    client.send("2f\r\nmessages\":[{\"role\":\"user\",\"content\":\"chunks\"}]}\r\n0\r\n\r\n" +
                get("/healthz"));
    const auto r = client.response();
    EXPECT_EQ(r.status, 200) << r.body;
    EXPECT_NE(r.body.find("You said: chunks"), std::string::npos) << r.body;
    EXPECT_EQ(client.response().status, 200);
}

TEST(http_limits, too_many_connections_are_turned_away) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.max_http_connections = 2;
    gateway_fixture gateway(settings);
    wire_client first(gateway.port());
    wire_client second(gateway.port());
    const auto request = gateway.request("GET", "/v1/models");
    EXPECT_EQ(first.ask(request).status, 200);
    EXPECT_EQ(second.ask(request).status, 200);
    wire_client third(gateway.port());
    const auto r = third.ask(request);
    EXPECT_EQ(r.status, 503);
    EXPECT_FALSE(r.field("retry-after").empty());
    EXPECT_TRUE(third.ends());
    for (const char* path : {"/healthz", "/readyz", "/health", "/metrics"}) {
        wire_client probe(gateway.port());
        EXPECT_EQ(probe.ask(gateway.request("GET", path, "", "", "")).status, 200) << path;
        EXPECT_TRUE(probe.ends()) << "it holds no place";
    }
    test::wire_websocket socket(gateway.port());
    socket.connect(test::gateway_token);
    EXPECT_EQ(socket.call("health")["ok"], true) << "a WebSocket is not one of them";
    EXPECT_EQ(first.ask(request).status, 200) << "who is in stays in";
}

}  // namespace
}  // namespace openclaw
