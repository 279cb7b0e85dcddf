#include "cli/gateway_client.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace openclaw::cli {
namespace {

// A gateway that sends its lines one after the other, and then has gone.
class scripted_socket final : public net::ws_client {
public:
    explicit scripted_socket(std::deque<std::string> lines, std::vector<std::string>& written)
        : lines_(std::move(lines)), written_(written) {}

    task<result<std::string>> read() override {
        if (lines_.empty()) co_return error(errc::unavailable, "closed with 1008 go away");
        auto line = std::move(lines_.front());
        lines_.pop_front();
        co_return line;
    }
    task<result<void>> write(std::string_view text) override {
        written_.emplace_back(text);
        co_return result<void>();
    }
    task<> close(std::uint16_t, std::string_view) override { co_return; }
    std::uint16_t close_code() const override { return 1008; }
    const std::string& close_reason() const override { return reason_; }

private:
    std::deque<std::string> lines_;
    std::vector<std::string>& written_;
    std::string reason_;
};

const std::string challenge =
    R"({"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":1}})";
const std::string hello =
    R"({"type":"res","id":"1","ok":true,"payload":{"type":"hello-ok","server":{"version":"9"}}})";

class client_test : public testing::Test {
protected:
    asio::io_context io;
    std::vector<std::string> written;
    endpoint to = [] {
        endpoint e;
        e.shown = "ws://there";
        return e;
    }();

    result<std::unique_ptr<gateway_client>> greet(std::deque<std::string> lines) {
        return openclaw::test::run(
            io, gateway_client::greet(std::make_unique<scripted_socket>(std::move(lines), written), to));
    }
    result<json> call(gateway_client& c, gateway_client::event_handler on_event = {}) {
        return openclaw::test::run(io, c.call("agent", json::object(), std::chrono::seconds(5),
                                              std::move(on_event)));
    }
};

TEST_F(client_test, greets_and_calls) {
    auto client = greet({challenge, hello,
                         R"({"type":"event","event":"chat","payload":{"n":1}})",
                         R"({"type":"res","id":"9","ok":true,"payload":"of another call"})",
                         R"({"type":"res","id":"2","ok":true,"payload":{"status":"accepted"}})",
                         R"({"type":"event","event":"chat","payload":{"n":2}})",
                         R"({"type":"res","id":"2","ok":true,"payload":{"status":"ok"}})"});
    ASSERT_TRUE(client) << client.error().to_string();
    EXPECT_EQ((*client)->hello()["server"]["version"], "9");
    int sum = 0;
    const auto answer = call(**client, [&](const std::string& event, const json& payload) {
        EXPECT_EQ(event, "chat");
        sum += payload["n"].get<int>();
    });
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ((*answer)["status"], "ok");
    EXPECT_EQ(sum, 3);
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(json::parse(written[0])["method"], "connect");
    EXPECT_EQ(json::parse(written[1])["id"], "2");
}

TEST_F(client_test, a_refused_token_is_not_an_unreachable_gateway) {
    const auto client = greet({challenge, R"({"type":"res","id":"1","ok":false,"error":{
        "code":"INVALID_REQUEST","message":"unauthorized: gateway token mismatch",
        "details":{"code":"AUTH_TOKEN_MISMATCH"}}})"});
    ASSERT_FALSE(client);
    EXPECT_EQ(exit_code_for(client.error().code), unauthorized);
    EXPECT_NE(client.error().hint.find("--token"), std::string::npos);
}

TEST_F(client_test, what_never_greets_is_unreachable) {
    const auto client = greet({});
    ASSERT_FALSE(client);
    EXPECT_EQ(exit_code_for(client.error().code), unreachable);
    EXPECT_NE(client.error().message.find("ws://there"), std::string::npos);
}

TEST_F(client_test, says_when_the_connection_ends_in_a_call) {
    auto client = greet({challenge, hello});
    ASSERT_TRUE(client);
    const auto answer = call(**client);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::network);
    EXPECT_NE(answer.error().message.find("go away"), std::string::npos);
}

TEST_F(client_test, hands_on_what_the_gateway_refuses) {
    auto client = greet({challenge, hello, R"({"type":"res","id":"2","ok":false,"error":{
        "code":"INVALID_REQUEST","message":"unknown method: agent"}})"});
    ASSERT_TRUE(client);
    const auto answer = call(**client);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "unknown method: agent");
    EXPECT_EQ(exit_code_for(answer.error().code), failed);
}

}  // namespace
}  // namespace openclaw::cli
