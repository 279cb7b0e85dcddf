#include "app/gateway.hpp"

#include "openclaw/net/local_port.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace openclaw::app {
namespace {

using testing::HasSubstr;

class gateway_test : public testing::Test {
protected:
    gateway::options options(const std::filesystem::path& state, std::uint16_t port = 0) {
        gateway::options o;
        o.where.home = o.where.state_dir = state;
        o.where.config_file = state / "openclaw.json";
        o.config.outcome = config::load_text(R"({gateway: {auth: {token: "test-token-0123456789"}}})",
                                             nothing);
        o.config.outcome.settings.gateway.network.port = port;
        o.environment = nothing;
        o.probe_port = [](std::uint16_t) { return false; };
        return o;
    }
    static std::optional<std::string> nothing(const std::string&) { return std::nullopt; }

    test::temp_dir dir;
    asio::io_context io;
};

TEST_F(gateway_test, starts_and_stops) {
    auto o = options(dir.path() / "a");
    auto opened = gateway::open(io, std::move(o));
    ASSERT_TRUE(opened) << opened.error().to_string();
    auto& g = **opened;
    EXPECT_NE(g.port(), 0);
    EXPECT_TRUE(std::filesystem::exists(dir.path() / "a" / "gateway.sock"));
    g.start();
    test::run(io, g.stop(milliseconds(5000), ingress::server::sockets::close));
    EXPECT_FALSE(std::filesystem::exists(dir.path() / "a" / "gateway.sock"));
}

TEST_F(gateway_test, hands_its_sockets_on) {
    ingress::listening_sockets kept;
    std::uint16_t port = 0;
    {
        auto first = gateway::open(io, options(dir.path() / "a"));
        ASSERT_TRUE(first) << first.error().to_string();
        port = (*first)->port();
        (*first)->start();
        test::run(io, (*first)->stop(milliseconds(5000), ingress::server::sockets::keep));
        kept = (*first)->kept_sockets();
    }
    ASSERT_GE(kept.tcp, 0);
    ASSERT_GE(kept.local, 0);
    EXPECT_TRUE(net::is_local_port_open(port)) << "whoever comes meanwhile waits";
    auto o = options(dir.path() / "a");
    o.sockets = kept;
    auto second = gateway::open(io, std::move(o));
    ASSERT_TRUE(second) << second.error().to_string();
    EXPECT_EQ((*second)->port(), port) << "port 0 takes the one that is there";
    EXPECT_TRUE(std::filesystem::exists(dir.path() / "a" / "gateway.sock"));
}

TEST_F(gateway_test, a_socket_that_listens_elsewhere_is_closed_unless_it_is_systemds) {
    for (const bool fixed : {true, false}) {
        asio::ip::tcp::acceptor other(io, {asio::ip::make_address("127.0.0.1"), 0});
        const auto port = other.local_endpoint().port();
        auto o = options(dir.path() / (fixed ? "a" : "b"));
        o.config.outcome.settings.gateway.network.host = "127.0.0.2";
        o.sockets.tcp = other.release();
        o.sockets.fixed = fixed;
        auto opened = gateway::open(io, std::move(o));
        ASSERT_TRUE(opened) << opened.error().to_string();
        EXPECT_EQ((*opened)->port() == port, fixed);
        EXPECT_EQ(net::is_local_port_open(port), fixed);
    }
}

TEST_F(gateway_test, one_that_was_never_started_goes_quietly) {
    EXPECT_TRUE(gateway::open(io, options(dir.path() / "a")));
    EXPECT_TRUE(gateway::open(io, options(dir.path() / "a")));
}

TEST_F(gateway_test, a_state_folder_belongs_to_one) {
    const auto first = gateway::open(io, options(dir.path() / "a"));
    ASSERT_TRUE(first);
    const auto second = gateway::open(io, options(dir.path() / "a"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::in_use);
    EXPECT_THAT(second.error().message, HasSubstr("pid " + std::to_string(getpid())));
    EXPECT_FALSE(second.error().hint.empty());
    // What the first one holds is untouched.
    EXPECT_TRUE(std::filesystem::exists(dir.path() / "a" / "gateway.sock"));
}

TEST_F(gateway_test, a_port_that_is_taken_is_told_with_its_holder) {
    const auto first = gateway::open(io, options(dir.path() / "a"));
    ASSERT_TRUE(first);
    const auto second = gateway::open(io, options(dir.path() / "b", (*first)->port()));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::in_use);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string((*first)->port())));
    EXPECT_THAT(second.error().message, HasSubstr("test_app"));
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(getpid())));
}

TEST_F(gateway_test, a_state_folder_that_is_a_file_is_named) {
    const auto path = dir.path() / "file";
    std::ofstream(path) << "no folder";
    const auto opened = gateway::open(io, options(path));
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().to_string(), HasSubstr(path.string()));
}

TEST_F(gateway_test, an_address_that_is_none_is_refused) {
    auto o = options(dir.path() / "a");
    o.config.outcome.settings.gateway.network.host = "not an address";
    const auto opened = gateway::open(io, std::move(o));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::config);
}

}  // namespace
}  // namespace openclaw::app
