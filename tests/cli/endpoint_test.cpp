#include "cli/endpoint.hpp"

#include "cli/terminal.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace openclaw::cli {
namespace {

class endpoint_test : public ::testing::Test {
protected:
    endpoint_test() {
        std::ofstream(dir.path() / "openclaw.json")
            << R"({gateway: {network: {port: 18700}, auth: {token: "of-the-local-gateway-0123456789"}}})";
        std::filesystem::permissions(dir.path() / "openclaw.json",
                                     std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);
    }
    std::string token_for(const std::string& url, const std::string& token = {}) {
        global_flags flags;
        flags.config = (dir.path() / "openclaw.json").string();
        flags.state_dir = dir.path().string();
        flags.url = url;
        flags.token = token;
        const context x{io, flags};
        return find_endpoint(x).value().token.reveal();
    }

    openclaw::test::temp_dir dir;
    std::istringstream in;
    std::ostringstream out, err;
    console io{in, out, err, false, false, [](const std::string&) { return std::nullopt; }};
};

TEST_F(endpoint_test, the_files_token_is_for_the_files_gateway) {
    EXPECT_EQ(token_for("ws://127.0.0.1:18700"), "of-the-local-gateway-0123456789");
    EXPECT_EQ(token_for("ws://localhost:18700"), "of-the-local-gateway-0123456789");
    EXPECT_EQ(token_for("ws://127.0.0.1:18701"), "") << "another one on this machine";
    EXPECT_EQ(token_for("ws://gateway.test:18700"), "");
    EXPECT_EQ(token_for("https://127.0.0.1.evil.test:18700"), "");
}

TEST_F(endpoint_test, a_token_that_was_named_goes_where_it_was_told) {
    EXPECT_EQ(token_for("ws://gateway.test:1", "mine"), "mine");
}

TEST_F(endpoint_test, a_token_that_would_count_for_nothing_is_refused) {
    EXPECT_EQ(token_for("", "mine"), "mine") << "no socket: the configured address, with the token";
    std::ofstream(dir.path() / "gateway.sock") << "";
    global_flags flags;
    flags.config = (dir.path() / "openclaw.json").string();
    flags.state_dir = dir.path().string();
    flags.token = "mine";
    const context x{io, flags};
    const auto found = find_endpoint(x);
    ASSERT_TRUE(found.has_error());
    EXPECT_EQ(found.error().code, errc::invalid_input);
    EXPECT_NE(found.error().message.find("--url"), std::string::npos);
}

}  // namespace
}  // namespace openclaw::cli
