// agents.create, update and delete in the configuration file, and agents.files.*.

#include "ingress/sessions_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

namespace openclaw {
namespace {

using test::wire_websocket;
namespace fs = std::filesystem;

class ws_agents : public test::ws_client_test {
protected:
    void write(const std::string& text) { std::ofstream(gateway.config_file()) << text; }
    std::string text() const {
        std::ostringstream out;
        out << std::ifstream(gateway.config_file()).rdbuf();
        return out.str();
    }
    json configured() { return payload("config.get")["parsed"]; }
    fs::path state() const { return gateway.config_file().parent_path(); }
    json file(const std::string& method, const std::string& agent, json more = json::object()) {
        more["agentId"] = agent;
        more["name"] = "SOUL.md";
        return payload(method, std::move(more));
    }
};

TEST_F(ws_agents, an_agent_comes_changes_and_goes) {
    write("{\n  // mine\n  gateway: { network: { port: 5 } },\n}\n");
    const auto made = payload("agents.create",
                              {{"name", "My Writer"}, {"model", "local/echo"}, {"emoji", ""}});
    EXPECT_EQ(made, json({{"ok", true},
                          {"agentId", "my-writer"},
                          {"name", "my-writer"},
                          {"workspace", (state() / "workspace-my-writer").string()},
                          {"model", "local/echo"}}));
    EXPECT_EQ(configured()["agents"]["list"],
              json({{{"id", "main"}}, {{"id", "my-writer"}, {"model", "local/echo"}}}));
    EXPECT_NE(text().find("// mine"), std::string::npos);
    const json change{{"agentId", "my-writer"}, {"model", nullptr}, {"workspace", "/srv/writer"}};
    EXPECT_EQ(payload("agents.update", change), json({{"ok", true}, {"agentId", "my-writer"}}));
    EXPECT_EQ(configured()["agents"]["list"][1], json({{"id", "my-writer"}, {"workspace", "/srv/writer"}}));
    payload("agents.update", {{"agentId", "my-writer"}, {"workspace", nullptr}});
    EXPECT_EQ(configured()["agents"]["list"][1], json({{"id", "my-writer"}}));
    const auto gone = payload("agents.delete", {{"agentId", "my-writer"}, {"deleteFiles", false}});
    EXPECT_EQ(gone, json({{"ok", true}, {"agentId", "my-writer"}, {"removedBindings", 0}}));
    EXPECT_EQ(configured()["agents"]["list"], json({{{"id", "main"}}}));
    EXPECT_NE(text().find("// mine"), std::string::npos);
}

// The file is read at the start alone.
TEST_F(ws_agents, what_runs_stays_until_the_next_start) {
    const auto before = payload("agents.list");
    payload("agents.create", {{"name", "other"}});
    EXPECT_EQ(payload("agents.list"), before);
    EXPECT_EQ(refusal("chat.send", {{"sessionKey", "agent:other:main"}, {"message", "x"},
                                    {"idempotencyKey", "k"}})["details"]["code"], "not_found");
}

TEST_F(ws_agents, each_change_is_told) {
    wire_websocket reader(gateway.port());
    reader.connect(test::gateway_token, {"operator.read"});
    payload("agents.create", {{"name", "other"}});
    const auto told = reader.until(
        [](const json& m) { return m.value("event", "") == "config.changed"; })["payload"];
    EXPECT_EQ(told["hash"], payload("config.get")["hash"]);
}

TEST_F(ws_agents, bindings_go_with_their_agent) {
    write(R"({ agents: { list: [{ id: 'a' }, { id: 'b' }] },
              bindings: [{ agent: 'b' }, { agent: 'a' }, { match: { channel: 'x' }, agent: 'b' }] })");
    EXPECT_EQ(payload("agents.delete", {{"agentId", "b"}})["removedBindings"], 2);
    EXPECT_EQ(configured()["bindings"], json({{{"agent", "a"}}}));
    EXPECT_EQ(refusal("agents.delete", {{"agentId", "b"}})["details"]["code"], "not_found");
    const auto last = refusal("agents.delete", {{"agentId", "a"}});
    EXPECT_EQ(last["code"], "INVALID_REQUEST");
    EXPECT_EQ(last["details"]["code"], "conflict");
}

TEST_F(ws_agents, a_hook_keeps_its_agent) {
    write(R"({ agents: { list: [{ id: 'a' }, { id: 'b' }] },
              hooks: { h: { secret: '0123456789abcdef', agent: 'b' } } })");
    fs::create_directory(state() / "workspace-b");
    const auto before = text();
    const auto kept = refusal("agents.delete", {{"agentId", "b"}});
    EXPECT_EQ(kept["details"]["issues"][0]["path"], "hooks.h.agent") << kept;
    EXPECT_EQ(text(), before);
    EXPECT_TRUE(fs::exists(state() / "workspace-b")) << "what was not deleted keeps its files";
}

TEST_F(ws_agents, what_does_not_pass_is_not_written) {
    const std::vector<std::pair<const char*, json>> calls{
        {"agents.create", json::object()},
        {"agents.create", {{"name", ""}}},
        {"agents.create", {{"name", 1}}},
        {"agents.create", {{"name", "main"}}},
        {"agents.create", {{"name", std::string(129, 'x')}}},
        {"agents.create", {{"name", "x"}, {"emoji", "🦞"}}},
        {"agents.create", {{"name", "x"}, {"avatar", "/a.png"}}},
        {"agents.create", {{"name", "x"}, {"systemPrompt", "y"}}},
        {"agents.create", {{"name", "x"}, {"workspace", "relative"}}},
        {"agents.create", {{"name", "x"}, {"workspace", std::string("/a\0b", 4)}}},
        {"agents.create", {{"name", "x"}, {"model", "no-provider"}}},
        {"agents.create", {{"name", "A"}}},
        {"agents.update", json::object()},
        {"agents.update", {{"agentId", "none"}, {"model", "local/echo"}}},
        {"agents.update", {{"agentId", "a"}, {"name", "Other"}}},
        {"agents.update", {{"agentId", "a"}, {"emoji", "🦞"}}},
        {"agents.update", {{"agentId", "a"}, {"default", true}}},
        {"agents.update", {{"agentId", "a"}, {"model", 7}}},
        {"agents.update", {{"agentId", "a"}, {"workspace", ""}}},
        {"agents.delete", json::object()},
        {"agents.delete", {{"agentId", "b"}, {"deleteFiles", "yes"}}},
        {"agents.delete", {{"agentId", "a"}}},
        {"agents.files.list", {{"agentId", "none"}}},
        {"agents.files.get", {{"agentId", "a"}, {"name", "../openclaw.json"}}},
        {"agents.files.set", {{"agentId", "a"}, {"name", "SOUL.md"}}},
        {"agents.files.set", {{"agentId", "a"}, {"name", "SOUL.md"}, {"content", 1}}},
        {"agents.files.set", {{"agentId", "a"}, {"name", "secret"}, {"content", "x"}}},
    };
    write("{ agents: { list: [{ id: 'a' }, { id: 'b' }] } }");
    const auto before = text();
    for (const auto& [method, params] : calls) {
        EXPECT_EQ(refusal(method, params)["code"], "INVALID_REQUEST") << method << params;
    }
    EXPECT_EQ(text(), before);
    const auto emoji = refusal("agents.create", {{"name", "x"}, {"emoji", "🦞"}});
    EXPECT_EQ(emoji["message"], "`emoji` is not in effect in this version");
    const auto nobodys = refusal("agents.create", {{"name", "x"}, {"model", "nope/none"}});
    EXPECT_TRUE(string_or(nobodys, "message").starts_with("there is no provider nope")) << nobodys;
    const auto model = refusal("agents.create", {{"name", "x"}, {"model", "no-provider"}});
    EXPECT_EQ(model["details"]["issues"][0]["path"], "agents.list[2].model") << model;
}

TEST_F(ws_agents, a_broken_file_stays_as_it_is) {
    write("{ gateway: { network: { port: 'x' } } }");
    const auto before = text();
    const std::vector<std::pair<const char*, json>> calls{{"agents.create", {{"name", "x"}}},
                                                          {"agents.files.list", {{"agentId", "main"}}}};
    for (const auto& [method, params] : calls) {
        const auto refused = refusal(method, params);
        EXPECT_EQ(refused["code"], "INVALID_REQUEST");
        EXPECT_EQ(refused["details"]["issues"][0]["path"], "gateway.network.port") << refused;
    }
    EXPECT_EQ(text(), before);
}

// Each reads what the one before it wrote, so that nothing is lost.
TEST_F(ws_agents, several_are_made_at_once) {
    std::vector<std::future<bool>> makers;
    for (int i = 0; i < 8; ++i) {
        makers.push_back(std::async(std::launch::async, [this, i] {
            wire_websocket other(gateway.port());
            other.connect(test::gateway_token);
            const auto name = i < 4 ? "agent " + std::to_string(i) : "the same";
            return other.call("agents.create", {{"name", name}})["ok"] == true;
        }));
    }
    int made = 0;
    for (auto& m : makers) made += m.get() ? 1 : 0;
    EXPECT_EQ(made, 5);
    EXPECT_EQ(configured()["agents"]["list"].size(), 6u) << text();
}

TEST_F(ws_agents, files_are_written_and_read_back) {
    payload("agents.create", {{"name", "other"}});
    const auto folder = state() / "workspace-other";
    const auto set = file("agents.files.set", "other", {{"content", "I am\n"}});
    EXPECT_EQ(set["ok"], true);
    EXPECT_EQ(set["workspace"], folder.string());
    EXPECT_EQ(set["file"]["size"], 5);
    const auto got = file("agents.files.get", "other");
    EXPECT_EQ(got["file"]["content"], "I am\n");
    EXPECT_EQ(got.contains("ok"), false);
    const auto list = payload("agents.files.list", {{"agentId", "other"}});
    EXPECT_EQ(list["files"].size(), 8u);
    EXPECT_EQ(list["files"][1]["missing"], false);
    const auto own = payload("agents.files.list", {{"agentId", "main"}});
    EXPECT_EQ(own["workspace"], (state() / "workspace").string());
    const auto gone = payload("agents.delete", {{"agentId", "other"}});
    EXPECT_EQ(gone["removed"], json({{{"path", folder.string()}, {"method", "trash"}}}));
    EXPECT_EQ(gone["failed"], json::array());
    EXPECT_FALSE(fs::exists(folder));
}

TEST_F(ws_agents, files_stay_where_another_agent_works_or_they_were_configured) {
    const auto shared = (state() / "workspace-a").string();
    write(R"({ agents: { list: [{ id: 'main' }, { id: 'a' }, { id: 'b', workspace: ')" + shared +
          R"(/below' }] } })");
    fs::create_directories(shared + "/below");
    const auto kept = payload("agents.delete", {{"agentId", "a"}});
    EXPECT_EQ(kept["failed"], json({{{"path", shared}, {"reason", "agent \"b\" works there too"}}}));
    const auto chosen = payload("agents.delete", {{"agentId", "b"}});
    EXPECT_EQ(chosen["failed"][0]["path"], shared + "/below");
    EXPECT_EQ(chosen["removed"], json::array());
    EXPECT_TRUE(fs::exists(shared + "/below"));
}

TEST_F(ws_agents, files_stay_where_another_agent_works_by_way_of_a_link) {
    const auto own = state() / "workspace-a";
    fs::create_directories(own / "below");
    fs::create_directory_symlink(state(), state() / "link");
    const auto through = (state() / "link" / "workspace-a" / "below").string();
    write("{ agents: { list: [{ id: 'main' }, { id: 'a' }, { id: 'b', workspace: '" + through + "' }] } }");
    const auto kept = payload("agents.delete", {{"agentId", "a"}});
    EXPECT_EQ(kept["failed"], json({{{"path", own.string()}, {"reason", "agent \"b\" works there too"}}}));
    EXPECT_TRUE(fs::exists(through));
}

TEST_F(ws_agents, the_same_by_rest) {
    const auto ask = [&](const char* method, const std::string& path, const std::string& body, int status) {
        const auto r = gateway.ask(method, "/api/agents" + path, body);
        EXPECT_EQ(r.status, status) << method << path << r.body;
        return json::parse(r.body);
    };
    EXPECT_EQ(ask("POST", "", R"({"name":"Other"})", 201)["agentId"], "other");
    EXPECT_EQ(ask("POST", "", R"({"name":"Other"})", 409)["error"]["code"], "conflict");
    ask("POST", "", R"({"name":"x","emoji":"y"})", 400);
    ask("PATCH", "/other", R"({"model":"local/echo"})", 200);
    EXPECT_EQ(configured()["agents"]["list"][1]["model"], "local/echo");
    ask("PATCH", "/other", R"({"model":null})", 200);
    EXPECT_FALSE(configured()["agents"]["list"][1].contains("model"));
    ask("PATCH", "/other", "", 200);
    ask("PATCH", "/none", R"({"model":"local/echo"})", 404);
    EXPECT_EQ(ask("PUT", "/other/files/USER.md", R"({"content":"she"})", 200)["file"]["size"], 3);
    EXPECT_EQ(ask("GET", "/other/files/USER.md", "", 200)["file"]["content"], "she");
    EXPECT_EQ(ask("GET", "/other/files", "", 200)["files"].size(), 8u);
    ask("GET", "/other/files/..%2f..%2fopenclaw.json", "", 404);
    ask("PUT", "/other/files/x.md", R"({"content":"x"})", 404);
    ask("DELETE", "/main", "", 409);
    EXPECT_EQ(ask("DELETE", "/other?deleteFiles=false", "", 200).contains("removed"), false);
    EXPECT_TRUE(fs::exists(state() / "workspace-other" / "USER.md"));
}

}  // namespace
}  // namespace openclaw
