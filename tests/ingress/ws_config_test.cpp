// config.*: what is shown of the file, how it is changed, and who may.

#include "ingress/sessions_fixture.hpp"

#include "ingress/config_desk.hpp"
#include "openclaw/auth/authenticator.hpp"
#include "openclaw/config/form.hpp"

#include <fstream>
#include <future>
#include <sstream>

namespace openclaw {
namespace {

using test::wire_websocket;

constexpr const char* mask = "__OPENCLAW_REDACTED__";

class ws_config : public test::ws_client_test {
protected:
    void SetUp() override {
        ws_client_test::SetUp();
        write(R"({
  // mine
  gateway: { network: { port: 5 }, auth: { token: 'canary-0123456789' } },
}
)");
    }
    void write(const std::string& text) { std::ofstream(gateway.config_file()) << text; }
    std::string text() const {
        std::ostringstream out;
        out << std::ifstream(gateway.config_file()).rdbuf();
        return out.str();
    }
    std::string hash() { return payload("config.get")["hash"].get<std::string>(); }
    json edit(const std::string& raw) { return {{"raw", raw}, {"baseHash", hash()}}; }
};

TEST_F(ws_config, shows_the_file_without_its_secrets) {
    const auto out = payload("config.get");
    EXPECT_EQ(out["path"], gateway.config_file().string());
    EXPECT_EQ(out["exists"], true);
    EXPECT_EQ(out["valid"], true) << out;
    EXPECT_EQ(out["raw"], nullptr) << "there is a secret in it";
    EXPECT_EQ(out["parsed"], json({{"gateway", {{"network", {{"port", 5}}},
                                                {"auth", {{"token", mask}}}}}}));
    EXPECT_EQ(out["config"]["gateway"]["network"]["host"], "127.0.0.1");
    EXPECT_EQ(out["issues"], json::array());
    EXPECT_EQ(out.dump().find("canary"), std::string::npos);
}

TEST_F(ws_config, shows_the_text_only_where_nothing_is_to_hide) {
    write("{ gateway: { network: { port: 5 } } } // canary\n");
    EXPECT_EQ(payload("config.get")["raw"], "{ gateway: { network: { port: 5 } } } // canary\n");
    wire_websocket reader(gateway.port());
    reader.connect(test::gateway_token, {"operator.read"});
    EXPECT_EQ(reader.call("config.get")["payload"]["raw"], nullptr);
    write("{ gateway: { network: { port: 'x' } } }");
    const auto broken = payload("config.get");
    EXPECT_EQ(broken["valid"], false);
    EXPECT_EQ(broken["issues"][0]["path"], "gateway.network.port");
    EXPECT_EQ(broken["issues"][0]["line"], 1);
    std::filesystem::remove(gateway.config_file());
    EXPECT_EQ(payload("config.get")["exists"], false);
}

TEST_F(ws_config, a_patch_is_written_and_told) {
    wire_websocket reader(gateway.port());
    reader.connect(test::gateway_token, {"operator.read"});
    const auto out = payload("config.patch", edit(R"({gateway:{network:{port:6}, auth:{token:")" +
                                                  std::string(mask) + R"("}}})"));
    EXPECT_EQ(out["ok"], true);
    EXPECT_EQ(out["restartRequired"], true);
    EXPECT_EQ(out["changed"], json::array({{{"path", "gateway.network.port"},
                                            {"reloadClass", "restart"}}}));
    EXPECT_EQ(out["config"]["gateway"]["auth"]["token"], mask);
    EXPECT_EQ(out["hash"], hash());
    EXPECT_EQ(text(), R"({
  // mine
  gateway: { network: { port: 6 }, auth: { token: 'canary-0123456789' } },
}
)");
    const auto told = reader.until(
        [](const json& m) { return m.value("event", "") == "config.changed"; })["payload"];
    EXPECT_EQ(told["path"], gateway.config_file().string());
    EXPECT_EQ(told["hash"], out["hash"]);
    EXPECT_GT(told["ts"], 0);
    const auto same = payload("config.patch", edit("{gateway:{network:{port:6}}}"));
    EXPECT_EQ(same["restartRequired"], false);
    EXPECT_EQ(same["changed"], json::array());
}

TEST_F(ws_config, set_and_apply_replace_the_whole) {
    for (const char* method : {"config.set", "config.apply"}) {
        auto shown = payload("config.get")["parsed"];
        shown["gateway"]["network"]["port"] = shown["gateway"]["network"]["port"].get<int>() + 1;
        const auto out = payload(method, edit(shown.dump()));
        EXPECT_EQ(out["config"]["gateway"]["network"]["port"], shown["gateway"]["network"]["port"]);
        EXPECT_NE(text().find("canary-0123456789"), std::string::npos) << text();
    }
    EXPECT_EQ(text().find("mine"), std::string::npos) << "the text is the client's";
}

// A form that was filled from `config` writes the defaults as well.
TEST_F(ws_config, what_it_shows_complete_passes) {
    const auto out = payload("config.set", edit(payload("config.get")["config"].dump()));
    EXPECT_EQ(out["ok"], true);
    EXPECT_EQ(payload("config.get")["valid"], true);
}

TEST_F(ws_config, a_base_hash_guards_each_write) {
    const auto old = hash();
    for (const char* method : {"config.set", "config.patch", "config.apply"}) {
        const auto none = refusal(method, {{"raw", "{}"}});
        EXPECT_EQ(none["code"], "INVALID_REQUEST");
        EXPECT_EQ(none["message"], "config base hash required for " +
                                       gateway.config_file().string() +
                                       "; re-run config.get and retry with baseHash");
        write("{ /* by hand, for " + std::string(method) + " */ }");
        const auto changed = refusal(method, {{"raw", "{}"}, {"baseHash", old}});
        EXPECT_EQ(changed["code"], "INVALID_REQUEST");
        EXPECT_EQ(changed["message"], "config changed since last load; re-run config.get and retry");
        EXPECT_NE(text().find(method), std::string::npos);
    }
}

TEST_F(ws_config, what_does_not_pass_is_not_written) {
    const auto before = text();
    const auto wrong = refusal("config.patch", edit("{gateway:{network:{port:'x'},nothing:1}}"));
    EXPECT_EQ(wrong["code"], "INVALID_REQUEST");
    EXPECT_TRUE(wrong["message"].get<std::string>().starts_with("invalid config: ")) << wrong;
    ASSERT_EQ(wrong["details"]["issues"].size(), 2u) << wrong;
    EXPECT_EQ(wrong["details"]["issues"][0]["path"], "gateway.network.port");
    EXPECT_FALSE(wrong["details"]["issues"][0]["message"].get<std::string>().empty());
    const auto lost = refusal("config.set", edit("{store:{postgres:{url:'" + std::string(mask) + "'}}}"));
    EXPECT_EQ(lost["details"]["issues"][0]["path"], "store.postgres.url");
    EXPECT_EQ(text(), before);
}

struct wrong_call {
    const char* method;
    json params;
};

TEST_F(ws_config, wrong_params_are_named) {
    const std::vector<wrong_call> calls{
        {"config.set", json::object()},
        {"config.set", {{"raw", ""}}},
        {"config.patch", {{"raw", 1}}},
        {"config.patch", {{"raw", "{}"}, {"baseHash", 1}}},
        {"config.patch", {{"raw", "{}"}, {"note", json::array()}}},
        {"config.patch", {{"raw", "{}"}, {"sessionKey", 1}}},
        {"config.apply", {{"raw", "{}"}, {"restartDelayMs", "soon"}}},
        {"config.patch", {{"raw", "{}"}, {"replacePaths", {"agents"}}}},
        {"config.schema.lookup", json::object()},
        {"config.schema.lookup", {{"path", 1}}},
        {"config.schema.lookup", {{"path", "gateway.nothing"}}},
        {"config.schema.lookup", {{"path", "a..b"}}},
    };
    const auto before = text();
    for (const auto& c : calls) {
        EXPECT_EQ(refusal(c.method, c.params)["code"], "INVALID_REQUEST") << c.method << c.params;
    }
    EXPECT_EQ(text(), before);
}

TEST_F(ws_config, the_schema_comes_whole_and_in_parts) {
    const auto all = payload("config.schema");
    EXPECT_EQ(all["schema"]["properties"]["gateway"]["type"], "object");
    EXPECT_EQ(all["uiHints"]["gateway.auth.token"]["sensitive"], true);
    EXPECT_EQ(all["version"], "1.2.3");
    EXPECT_TRUE(all["generatedAt"].get<std::string>().ends_with("Z"));
    const auto root = payload("config.schema.lookup", {{"path", "."}});
    EXPECT_EQ(root["children"][0]["path"], "gateway");
    EXPECT_EQ(root["children"][0]["hasChildren"], true);
    const auto port = payload("config.schema.lookup", {{"path", "gateway.network.port"}});
    EXPECT_EQ(port["reloadKind"], "restart");
    EXPECT_EQ(payload("config.schema.lookup", {{"path", "agents.list"}})["reloadKind"], "hot");
    EXPECT_EQ(payload("config.schema.lookup", {{"path", "gateway.tailscale.enabled"}})["reloadKind"], "none");
    EXPECT_EQ(port["hintPath"], "gateway.network.port");
    EXPECT_EQ(port["hint"], [&] {
        auto hint = all["uiHints"]["gateway.network.port"];
        hint.erase("order");
        return hint;
    }());
    EXPECT_EQ(port["children"], json::array());
    const auto idle = payload("config.schema.lookup", {{"path", "gateway.tailscale"}});
    EXPECT_EQ(idle["reloadKind"], "none") << "this version does not act on it";
}

// What a setting takes, with a secret in it.
json secret_for(const json& schema, const std::string& canary) {
    const auto type = schema.value("type", "");
    if (type == "array") return json::array({canary});
    if (type == "object") return {{"Any", canary}};
    return type == "string" ? json("postgres://user:" + canary + "@host/data") : json(canary);
}

// Puts `value` where the pattern of a row says, with names and elements of our own.
void plant(json& root, std::string pattern, const json& value) {
    json* at = &root;
    while (!pattern.empty()) {
        const bool element = pattern.starts_with("[]");
        const auto end = element ? 2 : std::min(pattern.find_first_of(".["), pattern.size());
        auto key = pattern.substr(0, end);
        if (key == "*") key = at == &root["channels"] ? "telegram" : "some";
        at = element ? &(*at)[0] : &(*at)[key];
        pattern.erase(0, end + (pattern.substr(end, 1) == "." ? 1 : 0));
    }
    *at = value;
}

TEST_F(ws_config, no_secret_of_the_table_is_ever_shown) {
    json root{{"channels", json::object()}};
    std::vector<std::string> paths;
    const json hints = config::ui_hints();
    for (const auto& [pattern, hint] : hints.items()) {
        if (!hint.contains("sensitive")) continue;
        const auto canary = "canary-" + std::to_string(paths.size()) + "-x9";
        plant(root, pattern, secret_for(config::find_setting(pattern)->schema, canary));
        paths.push_back(pattern);
    }
    ASSERT_GE(paths.size(), 9u);
    root["mcp"]["servers"]["some"]["command"] = "program";
    write(root.dump());
    const auto shown = payload("config.get");
    EXPECT_EQ(shown["valid"], true) << shown["issues"];
    std::string all = shown.dump() + payload("config.schema").dump();
    const auto change = edit(R"({"gateway":{"network":{"port":7}}})");
    all += payload("config.patch", change).dump();
    all += refusal("config.patch", edit(R"({"gateway":{"network":{"port":"x"}}})")).dump();
    all += payload("config.set", edit(payload("config.get")["parsed"].dump())).dump();
    for (const auto& path : paths) {
        all += client.call("config.schema.lookup", {{"path", path}}).dump();
    }
    for (const auto& m : client.seen) all += m.dump();
    EXPECT_EQ(all.find("canary"), std::string::npos);
    const auto now = text();
    for (std::size_t i = 0; i < paths.size(); ++i) {
        EXPECT_NE(now.find("canary-" + std::to_string(i) + "-x9"), std::string::npos)
            << paths[i] << " was lost on the way in";
    }
}

// Each read and changed the same text: one of them is too late.
TEST_F(ws_config, of_two_writers_one_wins) {
    const auto base = hash();
    std::vector<std::future<bool>> writers;
    for (int i = 0; i < 4; ++i) {
        writers.push_back(std::async(std::launch::async, [this, base, i] {
            wire_websocket other(gateway.port());
            other.connect(test::gateway_token);
            const auto raw = "{gateway:{network:{port:" + std::to_string(100 + i) + "}}}";
            return other.call("config.patch", {{"raw", raw}, {"baseHash", base}})["ok"] == true;
        }));
    }
    int won = 0;
    for (auto& w : writers) won += w.get() ? 1 : 0;
    EXPECT_EQ(won, 1);
}

// What the next start would refuse or warn of is said to whoever makes it so.
TEST_F(ws_config, a_change_is_told_what_the_next_start_would_say) {
    const auto open = R"({gateway:{auth:{type:"disabled"},network:{host:"0.0.0.0"}}})";
    const auto out = payload("config.patch", edit(open));
    ASSERT_EQ(out["warnings"].size(), 1u) << out["warnings"];
    EXPECT_EQ(out["warnings"][0]["path"], "gateway.auth.type");
    EXPECT_GT(out["warnings"][0]["line"], 0);
    const auto none = payload("config.patch", edit(R"({gateway:{auth:{type:"token",token:null}}})"));
    ASSERT_EQ(none["warnings"].size(), 1u) << none["warnings"];
    EXPECT_EQ(none["warnings"][0]["path"], "gateway.auth.token");
    EXPECT_EQ(payload("config.get")["warnings"].back(), none["warnings"][0]);
    EXPECT_EQ(payload("config.get")["valid"], true);
}

// A new file of the change alone would have no token and no providers, and the next start would take it.
TEST(config_desk, makes_no_new_file_in_the_place_of_one_that_is_gone) {
    test::temp_dir folder;
    const auto file = folder.path() / "openclaw.json";
    std::ofstream(file) << "{}";
    ingress::side_threads beside;
    ingress::config_desk desk(file, {}, beside);
    std::filesystem::remove(file);
    const auth::authenticator authenticator(test::gateway_settings().gateway.auth);
    const auto admin = authenticator.by_token(test::gateway_token).value();
    const auto refusal_of = [](task<result<config::edited>> work) {
        asio::io_context io;
        auto done = asio::co_spawn(io, std::move(work), asio::use_future);
        io.run();
        const auto refused = done.get();
        return refused ? errc::internal : refused.error().code;
    };
    const auto nobody = [](const config::edited&) {};
    for (const auto what : {config::edit_kind::merge, config::edit_kind::replace}) {
        EXPECT_EQ(refusal_of(desk.change(admin, {what, "{gateway:{network:{port:6}}}", ""}, nobody)),
                  errc::conflict);
    }
    config::text_maker make = [](const config::load_outcome&) { return std::string("{}"); };
    EXPECT_EQ(refusal_of(desk.rewrite(admin, std::move(make), nobody)), errc::conflict);
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(config_desk, writes_for_administrators_alone) {
    test::temp_dir folder;
    const auto file = folder.path() / "openclaw.json";
    ingress::side_threads beside;
    ingress::config_desk desk(file, {}, beside);
    asio::io_context io;
    config::edit e{config::edit_kind::replace, "{}", ""};
    auto work = desk.change(principal(), std::move(e), [](const auto&) {});
    auto done = asio::co_spawn(io, std::move(work), asio::use_future);
    io.run();
    const auto refused = done.get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::forbidden);
    EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace openclaw
