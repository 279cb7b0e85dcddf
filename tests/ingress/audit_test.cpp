// The audit trail: what changes the gateway, or who may come in, leaves a record.

#include "ingress/sessions_fixture.hpp"

#include <sqlite3.h>

#include <fstream>

namespace openclaw {
namespace {

struct row {
    std::string kind, who, what, outcome;
    json detail;
};

// Of a gateway that has stopped, as any reader of its database sees them.
std::vector<row> records(test::gateway_fixture& gateway) {
    gateway.stop();
    const auto file = gateway.config_file().parent_path() / "openclaw.db";
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    sqlite3_stmt* ask = nullptr;
    sqlite3_prepare_v2(db, "SELECT kind, who, what, outcome, detail, at FROM audit ORDER BY id", -1, &ask,
                       nullptr);
    const auto text = [&](int i) {
        return std::string(reinterpret_cast<const char*>(sqlite3_column_text(ask, i)));
    };
    std::vector<row> found;
    while (sqlite3_step(ask) == SQLITE_ROW) {
        found.push_back({text(0), text(1), text(2), text(3), json::parse(text(4))});
        EXPECT_GT(sqlite3_column_int64(ask, 5), 0);
    }
    sqlite3_finalize(ask);
    sqlite3_close(db);
    return found;
}

using audit_trail = test::ws_client_test;

TEST_F(audit_trail, has_the_changes_of_the_configuration) {
    std::ofstream(gateway.config_file()) << "{}";
    const auto hash = payload("config.get")["hash"].get<std::string>();
    const std::string raw = "{gateway:{network:{port:6},auth:{token:'canary-0123456789-canary'}}}";
    const auto done = payload("config.patch", {{"raw", raw}, {"baseHash", hash}, {"note", "canary"}});
    refusal("config.set", {{"raw", "{}"}, {"baseHash", hash}});
    const auto r = gateway.ask("PATCH", "/api/config", "{canary", "If-Match: \"x\"\r\n");
    EXPECT_GE(r.status, 400);
    const auto all = records(gateway);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].kind, "configuration_change");
    EXPECT_FALSE(all[0].who.empty());
    EXPECT_EQ(all[0].what, "config.patch");
    EXPECT_EQ(all[0].outcome, "ok");
    EXPECT_EQ(all[0].detail["settings"], json({"gateway.auth.token", "gateway.network.port"}));
    EXPECT_EQ(all[0].detail["hash"], done["hash"]);
    EXPECT_EQ(all[1].what + " " + all[1].outcome, "config.set conflict");
    EXPECT_EQ(all[2].what, "config.patch") << "over REST as well";
    for (const auto& one : all) EXPECT_EQ(dump(one.detail).find("canary"), std::string::npos);
}

TEST_F(audit_trail, has_the_changes_of_agents) {
    payload("agents.create", {{"name", "Other"}});
    payload("agents.files.set", {{"agentId", "other"}, {"name", "SOUL.md"}, {"content", "canary"}});
    refusal("agents.update", {{"agentId", "none"}, {"model", "local/echo"}});
    payload("agents.delete", {{"agentId", "other"}});
    payload("agents.files.list", {{"agentId", "main"}});
    const auto all = records(gateway);
    ASSERT_EQ(all.size(), 4u) << "reading leaves none";
    for (const auto& one : all) EXPECT_EQ(one.kind, "configuration_change");
    EXPECT_EQ(all[0].what + " " + all[0].outcome, "agents.create ok");
    EXPECT_EQ(all[0].detail, json({{"agentId", "other"}, {"name", "other"}}));
    EXPECT_EQ(all[1].what, "agents.files.set");
    EXPECT_EQ(all[1].detail, json({{"agentId", "other"}, {"name", "SOUL.md"}}));
    EXPECT_EQ(all[2].what + " " + all[2].outcome, "agents.update not_found");
    EXPECT_EQ(all[3].what + " " + all[3].outcome, "agents.delete ok");
}

TEST_F(audit_trail, has_the_changes_of_devices) {
    refusal("device.pair.approve", {{"requestId", "nothing"}});
    refusal("device.token.revoke", {{"deviceId", "d1"}, {"role", "operator"}});
    payload("device.pair.list");
    const auto all = records(gateway);
    ASSERT_EQ(all.size(), 2u) << "reading leaves none";
    EXPECT_EQ(all[0].kind, "admin_action");
    EXPECT_EQ(all[0].what + " " + all[0].outcome, "device.pair.approve not_found");
    EXPECT_EQ(all[0].detail, json({{"requestId", "nothing"}}));
    EXPECT_EQ(all[1].detail, json({{"deviceId", "d1"}, {"role", "operator"}}));
}

// Refused calls leave theirs too, and nobody has checked what they say.
TEST_F(audit_trail, keeps_little_of_what_a_client_sends) {
    const std::string huge(1 << 20, 'x');
    refusal("cron.run", {{"id", huge}, {"runId", huge}, {"name", {{"a", huge}}}, {"role", 7},
                         {"jobId", "a\nb"}});
    refusal("device.token.revoke", {{"deviceId", "d1"}, {"scopes", json(100, "s")}});
    const auto all = records(gateway);
    ASSERT_EQ(all.size(), 2u);
    const auto cut = huge.substr(0, 256);
    EXPECT_TRUE(all[0].detail == json({{"id", cut}, {"runId", cut}, {"jobId", "a?b"}}))
        << dump(all[0].detail).substr(0, 1000);
    EXPECT_EQ(all[1].detail["scopes"], json(16, "s"));
}

TEST(audit_settings, choose_the_kinds) {
    auto s = test::gateway_settings();
    s.gateway.logging.audit.events = {"configuration_change"};
    test::gateway_fixture gateway(s);
    test::wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("device.pair.approve", {{"requestId", "nothing"}});
    EXPECT_TRUE(records(gateway).empty());
}

}  // namespace
}  // namespace openclaw
