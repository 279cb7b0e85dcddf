// node.invoke on the wire: from an operator to a node and back.

#include "ingress/nodes_fixture.hpp"

namespace openclaw {
namespace {

using test::node_client;
using test::test_device;
using test::wire_websocket;

class ws_node_invoke : public test::nodes_test {
protected:
    void SetUp() override {
        nodes_test::SetUp();
        bring(node, {"system.notify", "system.run", "fs.listDir", "system.execApprovals.get"});
    }
    json refusal(const json& patch, const std::string& key = "refused") {
        return admin.call("node.invoke", invocation(key, patch))["error"];
    }

    node_client node{gateway, device};
};

TEST_F(ws_node_invoke, a_command_goes_to_the_node_and_its_answer_comes_back) {
    const auto id = invoke(admin, "k1", {{"timeoutMs", 5000}});
    const auto asked = node.asked();
    EXPECT_FALSE(asked.contains("seq"));
    const auto p = asked["payload"];
    EXPECT_EQ(p["nodeId"], device.id());
    EXPECT_EQ(p["command"], "system.notify");
    EXPECT_EQ(p["paramsJSON"], R"({"title":"hello"})");
    EXPECT_EQ(p["timeoutMs"], 5000);
    EXPECT_EQ(p["idempotencyKey"], "k1");
    EXPECT_EQ(node.answer(asked, {{"payload", {{"shown", true}}}})["payload"], json({{"ok", true}}));
    EXPECT_EQ(response(admin, id)["payload"], json({{"ok", true},
                                                    {"nodeId", device.id()},
                                                    {"command", "system.notify"},
                                                    {"payload", {{"shown", true}}},
                                                    {"payloadJSON", nullptr}}));
}

TEST_F(ws_node_invoke, an_answer_in_text_is_read) {
    const auto id = invoke(admin, "k1", {{"params", nullptr}});
    const auto asked = node.asked();
    EXPECT_FALSE(asked["payload"].contains("paramsJSON"));
    EXPECT_EQ(asked["payload"]["timeoutMs"], 30'000);
    node.answer(asked, {{"payloadJSON", "[1, 2]"}});
    const auto answered = response(admin, id)["payload"];
    EXPECT_EQ(answered["payload"], json::array({1, 2}));
    EXPECT_EQ(answered["payloadJSON"], "[1, 2]");
}

TEST_F(ws_node_invoke, text_that_is_no_json_is_passed_on_as_it_is) {
    const auto id = invoke(admin, "k1");
    node.answer(node.asked(), {{"payloadJSON", "no json"}});
    const auto answered = response(admin, id)["payload"];
    EXPECT_TRUE(answered["payload"].is_null());
    EXPECT_EQ(answered["payloadJSON"], "no json");
}

TEST_F(ws_node_invoke, the_nodes_own_failure_is_told) {
    const auto id = invoke(admin, "k1");
    node.answer(node.asked(), {{"ok", false}, {"error", {{"code", "DENIED"}, {"message", "not now"}}}});
    const auto e = response(admin, id)["error"];
    EXPECT_EQ(e["code"], "UNAVAILABLE");
    EXPECT_EQ(e["message"], "not now");
    EXPECT_FALSE(e.contains("retryable"));
    EXPECT_EQ(e["details"]["nodeError"], json({{"code", "DENIED"}, {"message", "not now"}}));
}

TEST_F(ws_node_invoke, many_wait_at_once_and_each_gets_its_own) {
    const auto one = invoke(admin, "one");
    const auto two = invoke(admin, "two");
    const auto first = node.asked(), second = node.asked();
    node.answer(second, {{"payload", second["payload"]["idempotencyKey"]}});
    node.answer(first, {{"payload", first["payload"]["idempotencyKey"]}});
    const auto b = response(admin, two), a = response(admin, one);
    EXPECT_EQ(a["payload"]["payload"], "one");
    EXPECT_EQ(b["payload"]["payload"], "two");
}

TEST_F(ws_node_invoke, another_node_cannot_answer) {
    const test_device thief;
    node_client other(gateway, thief);
    ASSERT_EQ(other.connect(node_client::params({"system.notify"}))["ok"], true);
    const auto id = invoke(admin, "k1");
    const auto asked = node.asked();
    const json stolen{
        {"id", asked["payload"]["id"]}, {"nodeId", device.id()}, {"ok", true}, {"payload", "stolen"}};
    EXPECT_EQ(other.wire.call("node.invoke.result", stolen)["error"]["message"], "nodeId mismatch");
    EXPECT_EQ(other.answer(asked, {{"payload", "stolen"}})["payload"]["ignored"], true);
    EXPECT_EQ(admin.call("node.invoke.result", stolen)["error"]["message"], "unauthorized role: operator");
    EXPECT_EQ(node.answer(asked, {{"payload", "mine"}})["payload"], json({{"ok", true}}));
    EXPECT_EQ(response(admin, id)["payload"]["payload"], "mine");
    EXPECT_EQ(node.answer(asked, {{"payload", "twice"}})["payload"]["ignored"], true);
}

TEST_F(ws_node_invoke, only_what_is_allowed_goes_out) {
    const auto reason = [&](const json& patch) {
        const auto e = refusal(patch);
        EXPECT_EQ(e["code"], "INVALID_REQUEST") << e;
        EXPECT_TRUE(string_or(e, "message").starts_with("node command not allowed: ")) << e;
        return string_or(e["details"], "reason");
    };
    EXPECT_EQ(reason({{"command", "camera.snap"}}), "command not allowlisted");
    EXPECT_EQ(reason({{"command", "System.notify"}}), "command not allowlisted");
    EXPECT_EQ(reason({{"command", "system.which"}}), "command not declared by node");
    EXPECT_EQ(reason({{"command", "system.execApprovals.get"}}),
              "system.execApprovals.* is not for node.invoke");
    node_client more(gateway, device);
    ASSERT_EQ(more.connect(node_client::params({"system.notify", "system.which"}))["ok"], true);
    EXPECT_EQ(reason({{"command", "system.which"}}), "command not approved (node.pair.approve)");
    EXPECT_EQ(reason({{"command", "system.run"}}), "command not declared by node") << "approved once";
    EXPECT_EQ(more.wire.call("health")["ok"], true);
    for (const auto& m : more.wire.seen) EXPECT_NE(m.value("event", ""), "node.invoke.request");
}

TEST_F(ws_node_invoke, some_commands_take_an_admin) {
    wire_websocket writer(gateway.port());
    ASSERT_EQ(writer.connect(test::gateway_token, {"operator.write"})["ok"], true);
    for (const char* command : {"fs.listDir", "browser.proxy", "terminal.upload"}) {
        const auto e = writer.call("node.invoke", invocation("k", {{"command", command}}))["error"];
        EXPECT_EQ(e["message"], "missing scope: operator.admin") << command;
    }
    const auto id = invoke(writer, "k1");
    node.answer(node.asked());
    EXPECT_EQ(response(writer, id)["ok"], true);
}

TEST_F(ws_node_invoke, nobody_approves_a_command_by_its_params) {
    const json run{{"command", "system.run"}};
    for (const char* field : {"approved", "approvalDecision", "approvalSource"}) {
        auto patch = run;
        patch["params"] = {{"command", {"ls"}}, {field, "allow-once"}};
        EXPECT_NE(string_or(refusal(patch), "message").find("is not in effect"), std::string::npos) << field;
    }
    auto patch = run;
    patch["params"] = {{"command", {"ls"}}, {"approved", false}};
    const auto id = invoke(admin, "k1", patch);
    node.answer(node.asked());
    EXPECT_EQ(response(admin, id)["ok"], true);
}

struct input_case {
    const char* name;
    json patch;
    const char* message;
};

const std::vector<input_case> inputs{
    {"no_node", {{"nodeId", nullptr}}, "'nodeId'"},
    {"node_number", {{"nodeId", 7}}, "at /nodeId"},
    {"unknown_node", {{"nodeId", "nobody"}}, "unknown nodeId"},
    {"no_command", {{"command", nullptr}}, "'command'"},
    {"empty_command", {{"command", ""}}, "at /command"},
    {"long_command", {{"command", std::string(129, 'x')}}, "at /command"},
    {"no_key", {{"idempotencyKey", nullptr}}, "'idempotencyKey'"},
    {"long_key", {{"idempotencyKey", std::string(257, 'x')}}, "at /idempotencyKey"},
    {"timeout_text", {{"timeoutMs", "1"}}, "at /timeoutMs"},
    {"timeout_negative", {{"timeoutMs", -1}}, "at /timeoutMs"},
    {"timeout_fraction", {{"timeoutMs", 1.5}}, "at /timeoutMs"},
    {"large_params", {{"params", {{"text", std::string(300'000, 'x')}}}}, "at /params"},
};

TEST_F(ws_node_invoke, wrong_input_is_named) {
    for (const auto& c : inputs) {
        const auto e = refusal(c.patch);
        EXPECT_EQ(e["code"], "INVALID_REQUEST") << c.name << e;
        EXPECT_NE(string_or(e, "message").find(c.message), std::string::npos) << c.name << e;
    }
}

TEST_F(ws_node_invoke, a_node_that_is_not_here_is_unavailable) {
    node.wire.send_frame(wire_websocket::closing, "");
    node.wire.end();
    while (described()["connected"] == true) {}
    const auto e = refusal(json::object());
    EXPECT_EQ(e["code"], "UNAVAILABLE");
    EXPECT_EQ(e["message"], "node not connected");
    EXPECT_EQ(e["details"]["code"], "NOT_CONNECTED");
    EXPECT_EQ(described()["commands"].size(), 4u) << "what was approved is still known";
}

TEST_F(ws_node_invoke, what_waits_fails_when_the_node_goes) {
    const auto id = invoke(admin, "k1");
    node.asked();
    node.wire.send_frame(wire_websocket::closing, "");
    const auto e = response(admin, id)["error"];
    EXPECT_EQ(e["code"], "UNAVAILABLE");
    EXPECT_EQ(e["message"], "the node disconnected before it answered");
}

TEST_F(ws_node_invoke, what_waits_fails_when_the_node_comes_again) {
    const auto id = invoke(admin, "k1");
    const auto asked = node.asked();
    node_client again(gateway, device);
    bring(again, {"system.notify"});
    EXPECT_EQ(response(admin, id)["ok"], false);
    EXPECT_EQ(again.answer(asked)["payload"]["ignored"], true);
}

TEST_F(ws_node_invoke, silence_ends_and_the_node_hears_so) {
    const auto id = invoke(admin, "k1", {{"timeoutMs", 1}});
    const auto asked = node.asked();
    const auto e = response(admin, id)["error"];
    EXPECT_EQ(e["code"], "UNAVAILABLE");
    EXPECT_EQ(e["details"]["code"], "TIMEOUT");
    const auto cancelled = node.cancelled();
    EXPECT_EQ(cancelled["payload"], json({{"invokeId", asked["payload"]["id"]}, {"nodeId", device.id()}}));
    EXPECT_EQ(node.answer(asked)["payload"]["ignored"], true);
}

TEST_F(ws_node_invoke, a_caller_that_goes_takes_its_command_back) {
    auto caller = std::make_unique<wire_websocket>(gateway.port());
    ASSERT_EQ(caller->connect(test::gateway_token)["ok"], true);
    invoke(*caller, "k1");
    const auto asked = node.asked();
    caller.reset();
    const auto cancelled = node.cancelled();
    EXPECT_EQ(cancelled["payload"]["invokeId"], asked["payload"]["id"]);
}

TEST_F(ws_node_invoke, the_longest_wait_has_a_bound) {
    const auto id = invoke(admin, "k1", {{"timeoutMs", 999'999'999'999}});
    const auto asked = node.asked();
    EXPECT_EQ(asked["payload"]["timeoutMs"], 600'000);
    node.answer(asked);
    EXPECT_EQ(response(admin, id)["ok"], true);
}

TEST_F(ws_node_invoke, the_same_key_is_carried_out_once) {
    const auto id = invoke(admin, "k1");
    const auto asked = node.asked();
    EXPECT_EQ(refusal(json::object(), "k1")["code"], "INVALID_REQUEST") << "it is not answered yet";
    node.answer(asked, {{"payload", 1}});
    ASSERT_EQ(response(admin, id)["payload"]["payload"], 1);
    EXPECT_EQ(admin.call("node.invoke", invocation("k1"))["payload"]["payload"], 1);
    EXPECT_EQ(refusal({{"params", {{"title", "other"}}}}, "k1")["code"], "INVALID_REQUEST");
    EXPECT_EQ(node.wire.call("health")["ok"], true);
    const auto requests = std::count_if(node.wire.seen.begin(), node.wire.seen.end(), [](const json& m) {
        return m.value("event", "") == "node.invoke.request";
    });
    EXPECT_EQ(requests, 1);
}

TEST_F(ws_node_invoke, so_many_wait_for_one_node) {
    std::vector<json> asked;
    for (int i = 0; i < 16; ++i) {
        invoke(admin, std::to_string(i));
        asked.push_back(node.asked());
    }
    const auto e = refusal(json::object());
    EXPECT_EQ(e["code"], "UNAVAILABLE");
    EXPECT_EQ(e["retryable"], true);
    node.answer(asked[0]);
    EXPECT_EQ(response(admin, "invoke-0")["ok"], true);
    const auto id = invoke(admin, "again");
    node.answer(node.asked());
    EXPECT_EQ(response(admin, id)["ok"], true);
}

TEST_F(ws_node_invoke, an_answer_that_is_too_large_is_a_failure) {
    const auto id = invoke(admin, "k1");
    const auto asked = node.asked();
    EXPECT_EQ(node.answer(asked, {{"payloadJSON", std::string((8 << 20) + 1, 'x')}})["ok"], false);
    EXPECT_EQ(response(admin, id)["error"]["details"]["nodeError"]["code"], "PAYLOAD_TOO_LARGE");
}

// More at once than may wait for one reader: each waits for the room that reading makes.
TEST_F(ws_node_invoke, a_client_that_reads_gets_many_large_answers_at_once) {
    const std::string large = "\"" + std::string(3 << 19, 'x') + "\"";
    std::vector<std::string> ids;
    std::vector<json> asked;
    for (int i = 0; i < 6; ++i) {
        ids.push_back(invoke(admin, "large-" + std::to_string(i)));
        asked.push_back(node.asked());
    }
    for (const auto& a : asked) node.answer(a, {{"payloadJSON", large}});
    for (const auto& id : ids) {
        const auto payload = response(admin, id)["payload"];
        EXPECT_EQ(payload["payloadJSON"].get_ref<const std::string&>().size(), large.size()) << id;
    }
    EXPECT_EQ(admin.call("health")["ok"], true);
}

TEST_F(ws_node_invoke, approval_that_is_withdrawn_closes_the_way) {
    const auto id = invoke(admin, "k1");
    node.asked();
    ASSERT_EQ(admin.call("node.pair.remove", {{"nodeId", device.id()}})["ok"], true);
    EXPECT_EQ(node.wire.end().code(), 4001);
    EXPECT_EQ(response(admin, id)["ok"], false);
    EXPECT_NE(string_or(refusal(json::object()), "message").find("unknown nodeId"), std::string::npos);
}

}  // namespace
}  // namespace openclaw
