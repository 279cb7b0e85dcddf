#pragma once

#include "support/gateway_fixture.hpp"
#include "support/test_device.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace openclaw::test {

// A node on the wire.
class node_client {
public:
    explicit node_client(gateway_fixture& gateway, const test_device& device, const std::string& fields = {})
        : wire(gateway.port(), fields), device_(device) {}

    static json params(std::vector<std::string> commands, const json& patch = json::object()) {
        auto p = wire_websocket::connect_params("", {}, "node-host", "node");
        p["role"] = "node";
        p["caps"] = {"system"};
        p["commands"] = std::move(commands);
        p["auth"] = {{"token", gateway_token}};
        p.merge_patch(patch);
        return p;
    }
    json connect(json params) {
        const auto challenge = wire.next_json();
        device_.sign(params, string_or(challenge["payload"], "nonce"), system_time().unix_ms());
        return wire.call("connect", std::move(params));
    }
    // The command that it was sent.
    json asked() {
        return wire.until([](const json& m) { return m.value("event", "") == "node.invoke.request"; });
    }
    json cancelled() {
        return wire.until([](const json& m) { return m.value("event", "") == "node.invoke.cancel"; });
    }
    json answer(const json& request, const json& patch = json::object()) {
        json p{{"id", request["payload"]["id"]}, {"nodeId", device_.id()}, {"ok", true}};
        p.merge_patch(patch);
        return wire.call("node.invoke.result", p);
    }

    wire_websocket wire;

private:
    const test_device& device_;
};

// A gateway, an admin, and the key of a node.
class nodes_test : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(admin.connect(gateway_token)["ok"], true); }

    json described() { return admin.call("node.describe", {{"nodeId", device.id()}})["payload"]; }
    std::string wish() { return string_or(described(), "pendingRequestId"); }
    void approve() {
        const auto r = admin.call("node.pair.approve", {{"requestId", wish()}});
        ASSERT_EQ(r["ok"], true) << r;
    }
    // Connects a node and approves what it offers.
    void bring(node_client& node, std::vector<std::string> commands) {
        const auto hello = node.connect(node_client::params(std::move(commands)));
        ASSERT_EQ(hello["ok"], true) << hello;
        if (!wish().empty()) approve();
    }
    json invocation(const std::string& key, const json& patch = json::object()) const {
        json p{{"nodeId", device.id()},
               {"command", "system.notify"},
               {"params", {{"title", "hello"}}},
               {"idempotencyKey", key}};
        p.merge_patch(patch);
        return p;
    }
    // Without waiting for the response, which may come among others; its id.
    std::string invoke(wire_websocket& by, const std::string& key, const json& patch = json::object()) const {
        by.send(json{{"type", "req"}, {"id", "invoke-" + key}, {"method", "node.invoke"},
                     {"params", invocation(key, patch)}});
        return "invoke-" + key;
    }
    static json response(wire_websocket& of, const std::string& id) {
        const auto wanted = [&](const json& m) { return m["type"] == "res" && m["id"] == id; };
        const auto found = std::find_if(of.seen.begin(), of.seen.end(), wanted);
        return found != of.seen.end() ? *found : of.until(wanted);
    }

    gateway_fixture gateway;
    wire_websocket admin{gateway.port()};
    test_device device;
};

}  // namespace openclaw::test
