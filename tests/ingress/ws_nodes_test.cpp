// Nodes on the wire: how they come in, what they may offer, what they may call.

#include "ingress/nodes_fixture.hpp"

namespace openclaw {
namespace {

using test::node_client;
using test::nodes_test;
using test::wire_websocket;
using ws_nodes = nodes_test;

// What a proxy on this machine hands on does not come from this machine.
constexpr const char* forwarded = "X-Forwarded-For: 192.0.2.7\r\n";

bool is_event(const json& m, const char* name) { return m.value("event", "") == name; }

TEST_F(ws_nodes, a_node_gets_a_token_and_no_scopes) {
    node_client node(gateway, device);
    const auto hello = node.connect(node_client::params({"system.notify"}, {{"scopes", {"operator.admin"}}}));
    ASSERT_EQ(hello["ok"], true) << hello;
    const auto p = hello["payload"];
    EXPECT_EQ(p["auth"]["role"], "node");
    EXPECT_TRUE(p["auth"]["scopes"].empty());
    EXPECT_TRUE(p["snapshot"]["presence"].empty());
    EXPECT_FALSE(p["snapshot"].contains("configPath"));
    const auto methods = p["features"]["methods"];
    EXPECT_EQ(std::count(methods.begin(), methods.end(), "node.invoke.result"), 1);
    EXPECT_EQ(std::count(methods.begin(), methods.end(), "chat.send"), 0);
    const auto token = string_or(p["auth"], "deviceToken");
    ASSERT_FALSE(token.empty());
    node_client again(gateway, device);
    const json own{{"auth", {{"token", nullptr}, {"deviceToken", token}}}};
    const auto back = again.connect(node_client::params({"system.notify"}, own));
    ASSERT_EQ(back["ok"], true) << back;
    EXPECT_EQ(back["payload"]["auth"]["method"], "device-token");
    EXPECT_EQ(node.wire.end().code(), 4001) << "one connection of a node at a time";
}

struct refusal_case {
    const char* name;
    json patch;
    const char* message;     // a part of it
};
void PrintTo(const refusal_case& c, std::ostream* out) { *out << c.name; }

class node_refusal : public testing::TestWithParam<refusal_case> {};

TEST_P(node_refusal, at_its_connect) {
    test::gateway_fixture gateway;
    const test::test_device device;
    node_client node(gateway, device);
    const auto r = node.connect(node_client::params({"system.notify"}, GetParam().patch));
    EXPECT_EQ(r["ok"], false);
    EXPECT_NE(string_or(r["error"], "message").find(GetParam().message), std::string::npos) << r;
    EXPECT_EQ(node.wire.end().code(), 1008);
}

json flags(int count) {
    json out = json::object();
    for (int i = 0; i < count; ++i) out["p" + std::to_string(i)] = true;
    return out;
}

const std::vector<refusal_case> refusals{
    {"another_mode", {{"client", {{"mode", "cli"}}}}, "at /client/mode"},
    {"commands_text", {{"commands", "system.run"}}, "at /commands"},
    {"commands_numbers", {{"commands", {1}}}, "at /commands"},
    {"caps_object", {{"caps", json::object()}}, "at /caps"},
    {"permissions_list", {{"permissions", {true}}}, "at /permissions"},
    {"permissions_texts", {{"permissions", {{"camera", "yes"}}}}, "at /permissions"},
    {"permissions_many", {{"permissions", flags(65)}}, "at /permissions"},
    {"wrong_token", {{"auth", {{"token", "wrong"}}}}, "gateway token mismatch"},
    {"other_role", {{"role", "nodes"}}, "invalid role"},
};
INSTANTIATE_TEST_SUITE_P(, node_refusal, testing::ValuesIn(refusals),
                         [](const auto& i) { return std::string(i.param.name); });

TEST_F(ws_nodes, without_a_device_there_is_no_node) {
    wire_websocket wire(gateway.port());
    wire.next_json();
    const auto r = wire.call("connect", node_client::params({}));
    EXPECT_EQ(r["error"]["code"], "NOT_PAIRED");
    EXPECT_EQ(r["error"]["details"]["code"], "DEVICE_IDENTITY_REQUIRED");
    EXPECT_EQ(wire.end().code(), 1008);
}

TEST_F(ws_nodes, what_a_node_declares_waits_for_approval) {
    node_client node(gateway, device);
    const json more{{"client", {{"displayName", "Desk"}}}, {"caps", {"system", "camera"}}};
    const auto params = node_client::params({"camera.snap", "system.notify", "system.notify"}, more);
    ASSERT_EQ(node.connect(params)["ok"], true);
    const auto is_asked = [](const json& m) { return is_event(m, "node.pair.requested"); };
    const auto asked = admin.until(is_asked)["payload"];
    EXPECT_EQ(asked["nodeId"], device.id());
    EXPECT_EQ(asked["displayName"], "Desk");
    EXPECT_EQ(asked["commands"], json::array({"system.notify"})) << "no pictures on linux";
    EXPECT_EQ(asked["caps"], json::array({"system"}));
    EXPECT_EQ(asked["requiredApproveScopes"], json::array({"operator.pairing", "operator.write"}));
    auto row = described();
    EXPECT_EQ(row["approvalState"], "pending-approval");
    EXPECT_EQ(row["connected"], true);
    EXPECT_TRUE(row["commands"].empty());
    const auto pending = admin.call("node.pair.list")["payload"]["pending"];
    ASSERT_EQ(pending.size(), 1u);
    EXPECT_EQ(pending[0]["requestId"], asked["requestId"]);
    const auto approved = admin.call("node.pair.approve", {{"requestId", asked["requestId"]}});
    ASSERT_EQ(approved["ok"], true) << approved;
    EXPECT_EQ(approved["payload"]["node"]["commands"], json::array({"system.notify"}));
    const auto is_resolved = [](const json& m) { return is_event(m, "node.pair.resolved"); };
    const auto told = std::find_if(admin.seen.begin(), admin.seen.end(), is_resolved);
    const auto resolved = (told != admin.seen.end() ? *told : admin.until(is_resolved))["payload"];
    EXPECT_EQ(resolved["decision"], "approved");
    EXPECT_EQ(resolved["requestId"], asked["requestId"]);
    row = described();
    EXPECT_EQ(row["approvalState"], "approved");
    EXPECT_FALSE(row.contains("pendingRequestId"));
    const auto listed = admin.call("node.list")["payload"]["nodes"];
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0]["nodeId"], device.id());
    EXPECT_EQ(admin.call("node.pair.list")["payload"]["paired"].size(), 1u);
}

TEST_F(ws_nodes, a_reader_does_not_see_what_waits) {
    node_client node(gateway, device);
    ASSERT_EQ(node.connect(node_client::params({"system.run"}))["ok"], true);
    wire_websocket reader(gateway.port());
    ASSERT_EQ(reader.connect(test::gateway_token, {"operator.read"})["ok"], true);
    const auto row = reader.call("node.describe", {{"nodeId", device.id()}})["payload"];
    EXPECT_EQ(row["approvalState"], "pending-approval");
    EXPECT_FALSE(row.contains("pendingRequestId"));
    EXPECT_FALSE(row.contains("pendingDeclaredCommands"));
}

TEST_F(ws_nodes, who_approves_has_the_scopes_that_it_takes) {
    node_client node(gateway, device);
    ASSERT_EQ(node.connect(node_client::params({"system.run"}))["ok"], true);
    const json request{{"requestId", wish()}};
    wire_websocket helper(gateway.port());
    ASSERT_EQ(helper.connect(test::gateway_token, {"operator.pairing", "operator.write"})["ok"], true);
    EXPECT_EQ(helper.call("node.pair.approve", request)["error"],
              json({{"code", "FORBIDDEN"},
                    {"message", "missing scope: operator.admin"},
                    {"details",
                     {{"code", "MISSING_SCOPE"},
                      {"missingScope", "operator.admin"},
                      {"requiredScopes", {"operator.admin"}}}}}));
    EXPECT_EQ(described()["approvalState"], "pending-approval");
    EXPECT_EQ(helper.call("node.pair.reject", request)["ok"], true);
    EXPECT_EQ(described()["approvalState"], "unapproved");
}

TEST_F(ws_nodes, more_than_was_approved_waits_and_the_rest_stays) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    node_client again(gateway, device);
    ASSERT_EQ(again.connect(node_client::params({"system.notify", "system.run"}))["ok"], true);
    const auto row = described();
    EXPECT_EQ(row["approvalState"], "pending-reapproval");
    EXPECT_EQ(row["commands"], json::array({"system.notify"}));
    EXPECT_EQ(row["pendingDeclaredCommands"], json::array({"system.notify", "system.run"}));
}

TEST_F(ws_nodes, a_node_calls_the_methods_of_nodes_and_no_others) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    EXPECT_EQ(node.wire.call("health")["ok"], true);
    EXPECT_EQ(node.wire.call("no.such.method")["error"]["message"], "unknown method: no.such.method");
    for (const char* method : {"chat.send", "config.get", "node.list", "node.invoke", "node.pair.approve",
                               "device.pair.list", "status"}) {
        const auto r = node.wire.call(method);
        const auto message = string_or(r["error"], "message");
        EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST");
        EXPECT_TRUE(message == "unauthorized role: node" || message.starts_with("unknown method: ")) << r;
    }
    for (int i = 0; i < 64; ++i) {
        node.wire.send(json{{"type", "req"}, {"id", "x"}, {"method", "chat.send"}});
    }
    const auto end = node.wire.end();
    EXPECT_EQ(end.code(), 1008);
    EXPECT_EQ(end.reason(), "repeated unauthorized calls");
}

TEST_F(ws_nodes, a_node_hears_nothing_that_is_for_operators) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    const json message{{"sessionKey", "main"}, {"message", "hi"}, {"idempotencyKey", "k"}};
    ASSERT_EQ(admin.call("chat.send", message)["ok"], true);
    admin.chat("final", "k");
    admin.call("node.rename", {{"nodeId", device.id()}, {"displayName", "Desk"}});
    EXPECT_EQ(node.wire.call("health")["ok"], true);
    for (const auto& m : node.wire.seen) EXPECT_FALSE(m.contains("event")) << m;
}

TEST_F(ws_nodes, are_told_of_the_methods_that_do_something) {
    node_client node(gateway, device);
    const auto hello = node.connect(node_client::params({}));
    const auto methods = hello["payload"]["features"]["methods"].get<std::vector<std::string>>();
    EXPECT_EQ(std::ranges::count(methods, "node.invoke.result"), 1);
    EXPECT_EQ(std::ranges::count(methods, "node.event"), 0);
}

TEST_F(ws_nodes, the_small_methods_of_nodes_answer) {
    node_client node(gateway, device);
    bring(node, {});
    const json event{{"event", "voice.transcript"}, {"payload", {{"text", "x"}}}};
    EXPECT_EQ(node.wire.call("node.event", event)["payload"]["handled"], false);
    EXPECT_EQ(node.wire.call("node.pending.pull")["payload"],
              json({{"nodeId", device.id()}, {"actions", json::array()}}));
    EXPECT_EQ(node.wire.call("node.pending.ack", {{"ids", {"a"}}})["payload"]["remainingCount"], 0);
    EXPECT_EQ(node.wire.call("node.pending.drain")["payload"]["hasMore"], false);
    EXPECT_EQ(node.wire.call("skills.bins")["payload"], json({{"bins", json::array()}}));
    const json progress{{"invokeId", "i"}, {"nodeId", device.id()}, {"seq", 0}, {"chunk", ""}};
    EXPECT_EQ(node.wire.call("node.invoke.progress", progress)["payload"]["ignored"], true);
}

struct input_case {
    const char* name;
    const char* method;
    json params;
    const char* message;     // a part of it
};

json with(json base, const json& patch) {
    base.merge_patch(patch);
    return base;
}
const json good_result{{"id", "i"}, {"nodeId", "ME"}, {"ok", true}};
const json good_progress{{"invokeId", "i"}, {"nodeId", "ME"}, {"seq", 1}, {"chunk", "x"}};

const std::vector<input_case> node_inputs{
    {"result_id", "node.invoke.result", with(good_result, {{"id", nullptr}}), "'id'"},
    {"result_id_number", "node.invoke.result", with(good_result, {{"id", 1}}), "at /id"},
    {"result_node", "node.invoke.result", with(good_result, {{"nodeId", nullptr}}), "'nodeId'"},
    {"result_other", "node.invoke.result", with(good_result, {{"nodeId", "other"}}), "nodeId mismatch"},
    {"result_ok", "node.invoke.result", with(good_result, {{"ok", nullptr}}), "at /ok"},
    {"result_ok_text", "node.invoke.result", with(good_result, {{"ok", "true"}}), "at /ok"},
    {"result_text", "node.invoke.result", with(good_result, {{"payloadJSON", 1}}), "at /payloadJSON"},
    {"result_error", "node.invoke.result", with(good_result, {{"error", "x"}}), "at /error"},
    {"result_code", "node.invoke.result", with(good_result, {{"error", {{"code", 1}}}}), "at /error/code"},
    {"progress_id", "node.invoke.progress", with(good_progress, {{"invokeId", ""}}), "at /invokeId"},
    {"progress_other", "node.invoke.progress", with(good_progress, {{"nodeId", "other"}}), "nodeId mismatch"},
    {"progress_seq", "node.invoke.progress", with(good_progress, {{"seq", -1}}), "at /seq"},
    {"progress_none", "node.invoke.progress", with(good_progress, {{"chunk", nullptr}}), "'chunk'"},
    {"progress_long", "node.invoke.progress", with(good_progress, {{"chunk", std::string(16385, 'x')}}),
     "at /chunk"},
    {"event_none", "node.event", json::object(), "'event'"},
    {"event_empty", "node.event", {{"event", ""}}, "at /event"},
    {"event_text", "node.event", {{"event", "e"}, {"payloadJSON", json::object()}}, "at /payloadJSON"},
    {"ack_none", "node.pending.ack", json::object(), "'ids'"},
    {"ack_text", "node.pending.ack", {{"ids", "a"}}, "at /ids"},
    {"ack_empty", "node.pending.ack", {{"ids", {""}}}, "at /ids"},
    {"drain_many", "node.pending.drain", {{"maxItems", 11}}, "at /maxItems"},
};

TEST_F(ws_nodes, wrong_input_of_a_node_is_named) {
    node_client node(gateway, device);
    bring(node, {});
    for (const auto& c : node_inputs) {
        auto params = c.params;
        if (params.value("nodeId", "") == "ME") params["nodeId"] = device.id();
        const auto r = node.wire.call(c.method, params);
        EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST") << c.name << r;
        EXPECT_NE(string_or(r["error"], "message").find(c.message), std::string::npos) << c.name << r;
    }
}

const std::vector<input_case> operator_inputs{
    {"describe_none", "node.describe", json::object(), "'nodeId'"},
    {"describe_unknown", "node.describe", {{"nodeId", "nobody"}}, "unknown nodeId"},
    {"describe_number", "node.describe", {{"nodeId", 1}}, "at /nodeId"},
    {"rename_unknown", "node.rename", {{"nodeId", "nobody"}, {"displayName", "x"}}, "unknown nodeId"},
    {"rename_none", "node.rename", {{"nodeId", "nobody"}}, "'displayName'"},
    {"rename_blank", "node.rename", {{"nodeId", "nobody"}, {"displayName", "  "}}, "at /displayName"},
    {"rename_long", "node.rename", {{"nodeId", "n"}, {"displayName", std::string(129, 'x')}},
     "at /displayName"},
    {"remove_none", "node.pair.remove", json::object(), "'nodeId'"},
    {"remove_unknown", "node.pair.remove", {{"nodeId", "nobody"}}, "unknown nodeId"},
    {"approve_none", "node.pair.approve", json::object(), "'requestId'"},
    {"approve_unknown", "node.pair.approve", {{"requestId", "r"}}, "no such node pairing request"},
    {"reject_unknown", "node.pair.reject", {{"requestId", "r"}}, "no such node pairing request"},
    {"reject_list", "node.pair.reject", {{"requestId", {"r"}}}, "at /requestId"},
};

TEST_F(ws_nodes, wrong_input_of_an_operator_is_named) {
    for (const auto& c : operator_inputs) {
        const auto r = admin.call(c.method, c.params);
        EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST") << c.name << r;
        EXPECT_NE(string_or(r["error"], "message").find(c.message), std::string::npos) << c.name << r;
    }
}

TEST_F(ws_nodes, a_name_is_kept_and_shown) {
    node_client node(gateway, device);
    bring(node, {});
    EXPECT_EQ(admin.call("node.rename", {{"nodeId", device.id()}, {"displayName", "Desk"}})["payload"],
              json({{"nodeId", device.id()}, {"displayName", "Desk"}}));
    EXPECT_EQ(described()["displayName"], "Desk");
}

TEST_F(ws_nodes, a_revoked_node_is_closed_and_has_to_be_approved_anew) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    ASSERT_EQ(admin.call("device.token.revoke", {{"deviceId", device.id()}, {"role", "node"}})["ok"], true);
    EXPECT_EQ(node.wire.end().code(), 4001);
    EXPECT_EQ(described()["paired"], false);
    node_client refused(gateway, device);
    const auto answer = refused.connect(node_client::params({"system.notify"}));
    ASSERT_EQ(answer["error"]["code"], "NOT_PAIRED") << "what was revoked asks, on this machine too";
    const auto request = answer["error"]["details"]["requestId"];
    ASSERT_EQ(admin.call("device.pair.approve", {{"requestId", request}})["ok"], true);
    node_client again(gateway, device);
    ASSERT_EQ(again.connect(node_client::params({"system.notify"}))["ok"], true);
    EXPECT_EQ(described()["approvalState"], "pending-approval");
}

TEST_F(ws_nodes, a_removed_node_is_closed_and_its_other_role_stays) {
    node_client node(gateway, device);
    bring(node, {"system.notify"});
    wire_websocket ui(gateway.port());
    const auto challenge = ui.next_json();
    auto params = wire_websocket::connect_params(test::gateway_token, {"operator.read"},
                                                 "openclaw-tui", "ui");
    device.sign(params, string_or(challenge["payload"], "nonce"), system_time().unix_ms());
    ASSERT_EQ(ui.call("connect", params)["ok"], true);
    ASSERT_EQ(admin.call("node.pair.remove", {{"nodeId", device.id()}})["ok"], true);
    EXPECT_EQ(node.wire.end().code(), 4001);
    EXPECT_EQ(ui.call("sessions.list")["ok"], true);
    EXPECT_TRUE(admin.call("node.list")["payload"]["nodes"].empty());
    EXPECT_EQ(admin.call("device.pair.list")["payload"]["paired"].size(), 1u);
}

TEST_F(ws_nodes, a_node_that_is_here_is_in_the_presence) {
    node_client node(gateway, device);
    bring(node, {});
    const auto is_node = [](const json& e) { return e.value("mode", "") == "node"; };
    const auto shown = admin.call("system-presence")["payload"];
    const auto entry = std::find_if(shown.begin(), shown.end(), is_node);
    ASSERT_NE(entry, shown.end()) << shown;
    EXPECT_EQ((*entry)["roles"], json::array({"node"}));
}

TEST(ws_nodes_from_afar, wait_until_the_device_is_approved) {
    auto settings = test::gateway_settings();
    settings.gateway.network.trusted_proxies = {"127.0.0.1/32"};
    test::gateway_fixture gateway(settings);
    const test::test_device device;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);
    node_client stranger(gateway, device, forwarded);
    const auto refused = stranger.connect(node_client::params({"system.run"}));
    EXPECT_EQ(refused["error"]["code"], "NOT_PAIRED");
    EXPECT_EQ(refused["error"]["details"]["requestedRole"], "node");
    EXPECT_EQ(stranger.wire.end().code(), 1008);
    EXPECT_TRUE(admin.call("node.pair.list")["payload"]["pending"].empty()) << "strangers declare nothing";
    const json request{{"requestId", refused["error"]["details"]["requestId"]}};
    ASSERT_EQ(admin.call("device.pair.approve", request)["ok"], true);
    node_client friendly(gateway, device, forwarded);
    ASSERT_EQ(friendly.connect(node_client::params({"system.run"}))["ok"], true);
    EXPECT_EQ(admin.call("node.pair.list")["payload"]["pending"].size(), 1u);
}

}  // namespace
}  // namespace openclaw
