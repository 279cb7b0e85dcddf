// Nodes over REST: what they wish, what they are asked.

#include "ingress/nodes_fixture.hpp"

#include <future>

namespace openclaw::test {
namespace {

class rest_nodes : public nodes_test {
protected:
    json get(const std::string& path) {
        const auto r = gateway.ask("GET", path);
        EXPECT_EQ(r.status, 200) << path << r.body;
        return json::parse(r.body);
    }
};

TEST_F(rest_nodes, a_wish_is_listed_and_approved) {
    node_client node(gateway, device);
    ASSERT_EQ(node.connect(node_client::params({"system.notify"}))["ok"], true);
    const auto pending = get("/api/node-requests")["pending"];
    ASSERT_EQ(pending.size(), 1u);
    const auto request = pending[0]["requestId"].get<std::string>();
    const auto approved = gateway.ask("POST", "/api/node-requests/" + request + "/approve");
    EXPECT_EQ(approved.status, 200) << approved.body;
    EXPECT_EQ(get("/api/node-requests")["pending"], json::array());
    EXPECT_EQ(get("/api/nodes")["nodes"][0]["nodeId"], device.id());
    EXPECT_EQ(get("/api/nodes/" + device.id())["nodeId"], device.id());
    const auto again = gateway.ask("POST", "/api/node-requests/" + request + "/reject");
    EXPECT_EQ(again.status, 404) << again.body;
}

TEST_F(rest_nodes, a_command_is_answered_with_what_the_node_gives) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    auto answer = std::async(std::launch::async, [&] {
        return gateway.ask("POST", "/api/nodes/" + device.id() + "/invoke",
                           R"({"command":"system.notify","params":{"title":"hello"}})");
    });
    const auto asked = node.asked();
    EXPECT_EQ(json::parse(asked["payload"]["paramsJSON"].get<std::string>()), json({{"title", "hello"}}));
    node.answer(asked, {{"payload", {{"shown", true}}}});
    const auto r = answer.get();
    EXPECT_EQ(r.status, 200) << r.body;
    EXPECT_EQ(json::parse(r.body)["payload"], json({{"shown", true}}));
    const auto wrong = gateway.ask("POST", "/api/nodes/" + device.id() + "/invoke",
                                   R"({"command":"system.notify","params":"hello"})");
    EXPECT_EQ(wrong.status, 400) << wrong.body;
}

}  // namespace
}  // namespace openclaw::test
