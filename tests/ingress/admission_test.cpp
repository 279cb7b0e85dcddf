// What strangers can take before anybody knows who they are (incidents.md C3). With OPENCLAW_FLOOD=50000
// in the environment the floods have that size.

#include "support/gateway_fixture.hpp"
#include "support/wire_websocket.hpp"

#include "openclaw/monitoring/process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <memory>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;
using test::wire_websocket;

constexpr std::size_t most_waiting = 4096, most_of_one = 256;

std::size_t flood_size() {
    const char* given = std::getenv("OPENCLAW_FLOOD");
    return given == nullptr ? most_waiting + 500 : std::stoul(given);
}

// Connections that stay open; of a large flood those that the gateway must have closed are let go.
template <class Client>
class flood {
public:
    template <class... Args>
    void add(Args&&... args) {
        held_.push_back(std::make_unique<Client>(std::forward<Args>(args)...));
        if (held_.size() > most_waiting + 1000) held_.pop_front();
    }
    Client& oldest() { return *held_.front(); }
    Client& newest() { return *held_.back(); }

private:
    std::deque<std::unique_ptr<Client>> held_;
};

class admission : public testing::Test {
protected:
    // Both kinds of client get through, whatever stands around.
    void expect_service() {
        EXPECT_EQ(gateway.ask("GET", "/v1/models").status, 200);
        wire_websocket client(gateway.port());
        EXPECT_EQ(client.connect(test::gateway_token)["ok"], true);
        EXPECT_EQ(client.call("health")["ok"], true);
    }
    double figure(const std::string& name) {
        const auto text = gateway.ask("GET", "/metrics").body;
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    }
    gateway_fixture gateway;
};

TEST_F(admission, half_open_upgrades_by_the_thousands_keep_nobody_out) {
    wire_websocket friend_of_ours(gateway.port());
    EXPECT_EQ(friend_of_ours.connect(test::gateway_token)["ok"], true);
    flood<wire_websocket> strangers;
    for (std::size_t i = 0; i < flood_size(); ++i) {
        strangers.add(gateway.port());
        ASSERT_EQ(strangers.newest().answer.status, 101) << i;
        if (i % 1000 == 0) expect_service();
    }
    expect_service();
    EXPECT_EQ(friend_of_ours.call("health")["ok"], true) << "who is known is not crowded out";
    EXPECT_GE(figure("openclaw_connections_crowded_out_total"), 400);
    EXPECT_LE(figure("openclaw_websocket_connections"), 2) << "half-open ones hold no place";
}

TEST_F(admission, silent_connections_by_the_thousands_keep_nobody_out) {
    wire_client kept(gateway.port());
    EXPECT_EQ(kept.ask(gateway.request("GET", "/v1/models")).status, 200);
    flood<wire_client> strangers;
    for (std::size_t i = 0; i < flood_size(); ++i) {
        strangers.add(gateway.port());
        if (i % 2 == 0) strangers.newest().send("GET /v1/models HTTP/1.1\r\nHost: ");   // and no more
        if (i % 1000 == 0) expect_service();
    }
    expect_service();
    EXPECT_TRUE(strangers.oldest().ends());
    EXPECT_EQ(kept.ask(gateway.request("GET", "/v1/models")).status, 200);
}

TEST_F(admission, one_network_has_a_share_of_the_half_open_upgrades) {
    const auto origin = "Origin: http://" + gateway.host() + "\r\n";
    flood<wire_websocket> page;
    for (std::size_t i = 0; i < most_of_one; ++i) page.add(gateway.port(), origin);
    page.oldest().next_json();
    EXPECT_EQ(figure("openclaw_connections_crowded_out_total"), 0);
    page.add(gateway.port(), origin);
    EXPECT_EQ(page.oldest().next().opcode, 0) << "the oldest is closed";
    EXPECT_EQ(figure("openclaw_connections_crowded_out_total"), 1);
    expect_service();
}

TEST(admission_by_proxy, counts_for_whom_the_proxy_names) {
    auto settings = test::gateway_settings();
    settings.gateway.network.trusted_proxies = {"127.0.0.1"};
    gateway_fixture gateway(settings);
    flood<wire_websocket> one, other;
    other.add(gateway.port(), "X-Forwarded-For: 192.0.2.2\r\n");
    for (std::size_t i = 0; i <= most_of_one; ++i) one.add(gateway.port(), "X-Forwarded-For: 192.0.2.1\r\n");
    EXPECT_EQ(one.oldest().next_json()["event"], "connect.challenge");
    EXPECT_EQ(one.oldest().next().opcode, 0);
    auto params = wire_websocket::connect_params(test::gateway_token);
    other.oldest().next_json();
    EXPECT_EQ(other.oldest().call("connect", params)["ok"], true);
}

TEST(admission_limits, places_are_for_clients_that_are_known) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.max_websocket_connections = 1;
    gateway_fixture gateway(settings);
    wire_websocket first(gateway.port()), second(gateway.port()), third(gateway.port());
    EXPECT_EQ(third.answer.status, 101);
    EXPECT_EQ(second.connect(test::gateway_token)["ok"], true);
    // It came before the place was taken, and asks for it afterwards.
    const auto late = first.connect(test::gateway_token);
    EXPECT_EQ(late["error"]["code"], "UNAVAILABLE");
    EXPECT_EQ(late["error"]["retryable"], true);
    EXPECT_EQ(first.end().code(), 1013);
    EXPECT_EQ(second.call("health")["ok"], true);
}

TEST_F(admission, a_request_before_the_upgrade_is_no_way_around_the_room) {
    const auto origin = "Origin: http://" + gateway.host() + "\r\n";
    std::deque<std::unique_ptr<wire_client>> page;
    for (std::size_t i = 0; i <= most_of_one; ++i) {
        page.push_back(std::make_unique<wire_client>(gateway.port()));
        EXPECT_EQ(page.back()->ask(gateway.request("GET", "/healthz", "", "", "")).status, 200);
        EXPECT_EQ(page.back()->ask(wire_websocket::upgrade_request(gateway.port(), origin)).status, 101);
    }
    page.front()->read_to_end();   // it has been closed
    EXPECT_EQ(figure("openclaw_connections_crowded_out_total"), 1);
}

TEST(admission_limits, guests_give_their_places_to_clients_that_are_known) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.max_http_connections = 2;
    gateway_fixture gateway(settings);
    const auto open = gateway.request("GET", "/healthz", "", "", "");
    const auto own = gateway.request("GET", "/v1/models");
    wire_client guest(gateway.port()), later(gateway.port());
    EXPECT_EQ(guest.ask(open).status, 200);
    EXPECT_EQ(later.ask(open).status, 200);
    wire_client third(gateway.port());
    EXPECT_EQ(third.ask(open).status, 200);
    EXPECT_TRUE(third.ends()) << "one guest is as good as another";
    EXPECT_EQ(later.ask(own).status, 200) << "and is known now";
    wire_client client(gateway.port());
    EXPECT_EQ(client.ask(own).status, 200);
    EXPECT_TRUE(guest.ends());
    EXPECT_EQ(wire_client(gateway.port()).ask(own).status, 503) << "who is known stays";
    EXPECT_EQ(later.ask(own).status, 200);
    EXPECT_EQ(client.ask(own).status, 200);
}

// A client that is not let in sends as much as it likes; nothing of it is kept.
TEST_F(admission, a_gigabyte_that_nobody_asked_for_takes_no_memory) {
    const auto before = monitoring::read_process_figures().resident_bytes;
    const std::string megabyte(1 << 20, 'x');
    for (const std::string target : {"/v1/chat/completions", "/hooks/none", "/nothing"}) {
        wire_client client(gateway.port());
        client.send("POST " + target + " HTTP/1.1\r\nHost: " + gateway.host() +
                    "\r\nContent-Length: 1073741824\r\n\r\n");
        for (int i = 0; i < 1024 && client.send(megabyte); ++i) {}
    }
    const auto after = monitoring::read_process_figures().resident_bytes;
    EXPECT_LT(after, before + (64 << 20));
}

}  // namespace
}  // namespace openclaw
