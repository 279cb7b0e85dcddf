#include "openclaw/config/document.hpp"
#include "openclaw/config/editor.hpp"
#include "openclaw/config/form.hpp"

#include "config/support.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace openclaw::config {
namespace {

constexpr const char* mask = "__OPENCLAW_REDACTED__";

class document_test : public testing::Test {
protected:
    void write(const std::string& text) { std::ofstream(file) << text; }
    std::string text() const {
        std::ostringstream out;
        out << std::ifstream(file).rdbuf();
        return out.str();
    }
    document read() {
        auto d = read_document(file, env);
        EXPECT_TRUE(d) << d.error().to_string();
        return d ? std::move(*d) : document();
    }
    result<edited> change(edit_kind what, const std::string& raw) {
        return edit_file(file, {what, raw, read().hash}, env);
    }
    void accepts(edit_kind what, const std::string& raw) {
        const auto done = change(what, raw);
        ASSERT_TRUE(done) << done.error().to_string();
        EXPECT_EQ(show(done->refused), "");
    }
    std::vector<issue> refusal(edit_kind what, const std::string& raw) {
        const auto before = text();
        const auto done = change(what, raw);
        EXPECT_TRUE(done) << done.error().to_string();
        EXPECT_EQ(text(), before);
        return done ? done->refused : std::vector<issue>();
    }

    test::temp_dir folder;
    std::filesystem::path file = folder.path() / "openclaw.json";
    environment env = variables({{"TOKEN", "canary-of-the-environment"}});
};

TEST_F(document_test, shows_neither_secrets_nor_what_variables_hold) {
    write(R"({ gateway: { auth: { token: '${TOKEN}' }, network: { host: '127.0.0.1' } },
        agents: { defaults: { systemPrompt: 'I know ${TOKEN}' } },
        models: { providers: { p: { baseUrl: 'https://user:canary@example.org/v1' } } } })");
    const auto d = read();
    EXPECT_TRUE(d.valid) << show(d.issues);
    EXPECT_TRUE(d.hides);
    EXPECT_EQ(d.parsed["gateway"]["auth"]["token"], mask);
    EXPECT_EQ(d.parsed["agents"]["defaults"]["systemPrompt"], "I know ${TOKEN}");
    EXPECT_EQ(d.complete["gateway"]["network"]["port"], 18789);
    EXPECT_EQ((dump(d.parsed) + dump(d.complete)).find("canary"), std::string::npos);
}

// A file that does not pass is shown as well, and its mistakes may be secrets in the wrong place.
TEST_F(document_test, hides_what_stands_where_nothing_should) {
    write(R"({ gateway: { auth: { tokn: 'canary', oauth: 'canary', jwt: { secrt: 'canary' } } },
        hooks: { token: 'canary', h: 'canary' }, models: { providers: { p: { apikee: ['canary'] } } },
        channels: { telegram: { botToken: 'canary', accounts: { a: { password: 'canary' } } } } })");
    const auto d = read();
    EXPECT_FALSE(d.valid);
    EXPECT_EQ(dump(d.parsed).find("canary"), std::string::npos) << dump(d.parsed);
    EXPECT_EQ(show(d.issues).find("canary"), std::string::npos) << show(d.issues);
}

// A form that was filled from all of it writes the defaults as well.
TEST_F(document_test, what_is_complete_passes) {
    write("{ gateway: { auth: { token: 'a-long-token-123456' } } }");
    accepts(edit_kind::replace, dump(read().complete));
    EXPECT_TRUE(read().valid) << show(read().issues);
    EXPECT_NE(text().find("'a-long-token-123456'"), std::string::npos);
}

TEST_F(document_test, is_all_defaults_without_a_file) {
    const auto d = read();
    EXPECT_FALSE(d.exists);
    EXPECT_TRUE(d.valid);
    EXPECT_EQ(d.parsed, json::object());
    EXPECT_EQ(d.complete["gateway"]["network"]["port"], 18789);
    const auto made = edit_file(file, {edit_kind::merge, "{gateway:{network:{port:5}}}", ""}, env);
    ASSERT_TRUE(made) << made.error().to_string();
    EXPECT_EQ(read().parsed["gateway"]["network"]["port"], 5);
}

TEST_F(document_test, needs_the_hash_that_the_file_has) {
    write("{}\n");
    const auto none = edit_file(file, {edit_kind::merge, "{}", ""}, env);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().to_string(), "config base hash required for " + file.string() +
                                            "; re-run config.get and retry with baseHash");
    const auto hash = read().hash;
    write("{ /* by hand */ }\n");
    const auto old = edit_file(file, {edit_kind::merge, "{}", hash}, env);
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().to_string(), "config changed since last load; re-run config.get and retry");
    EXPECT_EQ(text(), "{ /* by hand */ }\n");
}

TEST_F(document_test, a_patch_keeps_comments_and_order) {
    write(R"({
  // the door
  gateway: {
    network: { port: 5, host: "127.0.0.1" }, // mine
    auth: { token: "a-long-token-123456" },
  },
  agents: { list: [ { id: "a" } ] },
}
)");
    accepts(edit_kind::merge, R"({"gateway":{"network":{"port":6,"host":null},
        "auth":{"token":"__OPENCLAW_REDACTED__"},"logging":{"level":"debug","format":null}},
        "agents":null,"bindings":null})");
    EXPECT_EQ(text(), R"({
  // the door
  gateway: {
    network: { port: 6 }, // mine
    auth: { token: "a-long-token-123456" },
    logging: {
      level: "debug",
    },
  },
}
)");
}

TEST_F(document_test, a_patch_finds_what_goes_by_an_older_name) {
    write("{ gateway: { port: 5, auth: { password: 'a-long-token-123456' } } }");
    const json shown = read().parsed;
    EXPECT_EQ(shown["gateway"]["network"]["port"], 5);
    accepts(edit_kind::merge, dump({{"gateway", {{"network", {{"port", 6}}},
                                                 {"auth", shown["gateway"]["auth"]}}}}));
    EXPECT_EQ(text(), "{ gateway: { port: 6, auth: { password: 'a-long-token-123456' } } }");
    accepts(edit_kind::merge, "{gateway:{network:{port:null}}}");
    EXPECT_EQ(text(), "{ gateway: { auth: { password: 'a-long-token-123456' } } }");
}

// What a form does: it sends back what it was shown.
TEST_F(document_test, what_was_shown_can_be_written_back) {
    write(R"({ gateway: { auth: { token: { file: '/dev/null' }, oauth: { clientSecret: '${TOKEN}' } } },
        models: { providers: { p: { apiKeys: ['canary-1', "canary-2"], headers: { A: 'canary-3' } } } },
        channels: { email: { accounts: { a: { pin: 1, secret: 1234 } } } },
        store: { postgres: { url: 'postgres://u:canary@h/d' } } })");
    const auto before = read();
    const auto shown = dump(before.parsed);
    EXPECT_EQ(shown.find("canary"), std::string::npos);
    accepts(edit_kind::replace, shown);
    const auto tree = load_file(file, env);
    ASSERT_TRUE(tree);
    EXPECT_EQ(read().parsed, before.parsed);
    const auto now = text();
    for (const char* kept : {"'/dev/null'", "'${TOKEN}'", "'canary-1'", "\"canary-2\"", "'canary-3'",
                             "1234", "'postgres://u:canary@h/d'"}) {
        EXPECT_NE(now.find(kept), std::string::npos) << kept << now;
    }
    EXPECT_EQ(now.find(mask), std::string::npos);
}

// A secret may stand in a setting that is none: in a URL, among arguments, anywhere by its looks.
TEST_F(document_test, hides_secrets_in_addresses_and_arguments) {
    write(R"({ mcp: { servers: {
        a: { command: 'x', args: ['--api-key', 'canary', '--verbose', 'seen', '--token=canary',
                                  'API_KEY=canary', '--header', 'Authorization: Bearer canary',
                                  '--max-tokens', '4096', '--password', '--seen'] },
        b: { url: 'https://h/mcp?x=1&api_key=canary' }, c: { url: 'https://h/mcp?page=seen#a' },
        d: { url: 'https://h/#access_token=canary' } } },
        agents: { defaults: { systemPrompt: 'Password: seen' } },
        channels: { irc: { nick: 'task-4711-abcdefgh-0123456789',
                           motd: 'use sk-live-canary0123456789' } } })");
    const auto before = read();
    EXPECT_TRUE(before.valid) << show(before.issues);
    const auto shown = dump(before.parsed);
    EXPECT_EQ((shown + dump(before.complete)).find("canary"), std::string::npos) << shown;
    EXPECT_EQ(before.parsed["mcp"]["servers"]["a"]["args"],
              json({"--api-key", mask, "--verbose", "seen", mask, mask, "--header", mask,
                    "--max-tokens", "4096", "--password", "--seen"}));
    EXPECT_EQ(before.parsed["mcp"]["servers"]["c"]["url"], "https://h/mcp?page=seen#a");
    EXPECT_EQ(before.parsed["agents"]["defaults"]["systemPrompt"], "Password: seen");
    EXPECT_EQ(before.parsed["channels"]["irc"]["nick"], "task-4711-abcdefgh-0123456789");
    accepts(edit_kind::replace, shown);
    EXPECT_EQ(text().find(mask), std::string::npos) << text();
    EXPECT_NE(text().find("'API_KEY=canary'"), std::string::npos) << text();
    EXPECT_EQ(read().parsed, before.parsed);
    const auto kept = refusal(edit_kind::merge, "{mcp:{servers:{a:{command:'y'}}}}");
    EXPECT_EQ(kept.size(), 4u) << show(kept);
    const auto moved = refusal(edit_kind::merge, "{mcp:{servers:{a:{args:['--url', '" +
                                                     std::string(mask) + "']}}}}");
    EXPECT_EQ(moved.size(), 1u) << show(moved);
}

struct mask_case {
    const char* name;
    const char* raw;
    const char* path;   // of the problem
};
void PrintTo(const mask_case& c, std::ostream* out) { *out << c.name; }

class wrong_mask : public document_test, public testing::WithParamInterface<mask_case> {};

TEST_P(wrong_mask, is_refused) {
    write(R"({ agents: { defaults: { systemPrompt: 'hi' } },
        models: { providers: { p: { apiKeys: ['one', 'two'] } } } })");
    for (const auto what : {edit_kind::replace, edit_kind::merge}) {
        const auto refused = refusal(what, GetParam().raw);
        ASSERT_EQ(refused.size(), 1u) << show(refused);
        EXPECT_EQ(refused[0].path, GetParam().path);
        EXPECT_NE(refused[0].message.find("mask"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , wrong_mask,
    testing::Values(
        mask_case{"no_secret_there", "{gateway:{auth:{token:'__OPENCLAW_REDACTED__'}}}",
                  "gateway.auth.token"},
        mask_case{"no_secret_at_all", "{agents:{defaults:{systemPrompt:'__OPENCLAW_REDACTED__'}}}",
                  "agents.defaults.systemPrompt"},
        mask_case{"within_a_text",
                  "{models:{providers:{p:{apiKeys:['x-__OPENCLAW_REDACTED__','two']}}}}",
                  "models.providers.p.apiKeys[0]"},
        mask_case{"list_lost_its_places", "{models:{providers:{p:{apiKeys:['__OPENCLAW_REDACTED__']}}}}",
                  "models.providers.p.apiKeys[0]"},
        mask_case{"another_provider", "{models:{providers:{q:{apiKey:'__OPENCLAW_REDACTED__'}}}}",
                  "models.providers.q.apiKey"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST_F(document_test, an_element_with_an_id_keeps_its_own_secret) {
    write(R"({ channels: { slack: { apps: [ { id: 'a', secret: 'one' }, { id: 'b', secret: 'two' } ] } } })");
    accepts(edit_kind::replace, R"({ channels: { slack: { apps: [
        { id: 'b', secret: '__OPENCLAW_REDACTED__' }, { id: 'c', secret: 'new' } ] } } })");
    const auto now = text();
    EXPECT_EQ(now.find("one"), std::string::npos);
    EXPECT_NE(now.find("{ id: 'b', secret: 'two' }"), std::string::npos) << now;
}

TEST_F(document_test, refuses_what_does_not_pass) {
    write("{ gateway: { network: { port: 5 } } }\n");
    for (const auto what : {edit_kind::replace, edit_kind::merge}) {
        const auto wrong = refusal(what, "{gateway:{network:{port:'x',prot:1}}}");
        ASSERT_EQ(wrong.size(), 2u) << show(wrong);
        EXPECT_EQ(wrong[0].path, "gateway.network.port");
        EXPECT_EQ(refusal(what, "{gateway:").size(), 1u);
        EXPECT_EQ(refusal(what, "[1]").size(), 1u);
    }
    write("{ gateway:");
    EXPECT_EQ(refusal(edit_kind::replace, "{ gateway:").size(), 1u) << "not even over such a one";
}

TEST_F(document_test, names_what_changed_and_writes_nothing_for_nothing) {
    write("{ gateway: { network: { port: 5 }, logging: { level: 'info' } } }\n");
    const auto same = change(edit_kind::merge, "{gateway:{network:{port:5}}}");
    ASSERT_TRUE(same);
    EXPECT_TRUE(same->changes.empty());
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".bak"));
    const auto other = change(edit_kind::merge, "{gateway:{network:{port:6}}}");
    ASSERT_TRUE(other);
    ASSERT_EQ(other->changes.size(), 1u);
    EXPECT_EQ(other->changes[0].path, "gateway.network.port");
    EXPECT_TRUE(std::filesystem::exists(file.string() + ".bak"));
    EXPECT_EQ(other->after.hash, read().hash);
}

TEST(form_test, has_a_hint_for_each_setting) {
    const auto hints = ui_hints();
    EXPECT_EQ(hints["gateway.auth.token"]["sensitive"], true);
    EXPECT_EQ(hints["gateway.network.connections.maxHttpConnections"]["label"], "Max http connections");
    EXPECT_EQ(hints["gateway.network.port"]["group"], "gateway.network");
    EXPECT_EQ(hints["models.providers.*.apiKeys"]["sensitive"], true);
    EXPECT_FALSE(hints["gateway.network.port"].contains("sensitive"));
}

TEST(form_test, finds_a_setting_and_what_is_below_it) {
    const auto network = find_setting("gateway.network");
    ASSERT_TRUE(network);
    EXPECT_FALSE(network->schema.contains("properties"));
    const auto port = std::find_if(network->children.begin(), network->children.end(),
                                   [](const auto& c) { return c.key == "port"; });
    ASSERT_NE(port, network->children.end());
    EXPECT_EQ(port->path, "gateway.network.port");
    EXPECT_EQ(port->type, "integer");
    EXPECT_FALSE(port->has_children);
    // Each child that it names can be asked for in turn.
    std::vector<std::string> paths{""};
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto found = find_setting(paths[i]);
        ASSERT_TRUE(found) << paths[i];
        for (const auto& c : found->children) paths.push_back(c.path);
    }
    EXPECT_GT(paths.size(), 200u);
    EXPECT_EQ(find_setting("agents.list[3].model.primary")->pattern, "agents.list[].model.primary");
    EXPECT_FALSE(find_setting("gateway.nothing"));
    EXPECT_FALSE(find_setting("a..b"));
}

// Who is not shown a key may not have it sent to another address.
TEST_F(document_test, a_secret_does_not_follow_its_address) {
    write(R"({ models: { providers: { p: { baseUrl: 'https://good.example', apiKeys: ['canary'],
        headers: { 'X-Key': 'canary' }, models: [{ id: 'm' }] } } } })");
    const std::string away = R"({models:{providers:{p:{baseUrl:'https://other.example')";
    const auto kept = refusal(edit_kind::merge, away + "}}}}");
    ASSERT_EQ(kept.size(), 2u) << show(kept);
    EXPECT_EQ(kept[0].path, "models.providers.p.apiKeys[0]");
    EXPECT_EQ(kept[1].path, "models.providers.p.headers.X-Key");
    EXPECT_EQ(kept[0].message,
              "the address beside this secret changes, so the secret has to be given anew");
    auto whole = read().parsed;
    whole["models"]["providers"]["p"].erase("baseUrl");
    EXPECT_EQ(refusal(edit_kind::replace, dump(whole)).size(), 2u) << "the usual one is another one";
    accepts(edit_kind::merge, R"({models:{providers:{p:{connectTimeout:'5s'}}}})");
    accepts(edit_kind::merge, away + ", apiKeys: ['new'], headers: null}}}}");
    EXPECT_EQ(text().find("canary"), std::string::npos) << text();
}

TEST_F(document_test, a_secret_does_not_go_to_another_program) {
    write(R"({ mcp: { servers: { m: { command: 'good', args: ['-x'], env: { A: 'canary' } } } } })");
    const auto server = [](const std::string& body) { return "{mcp:{servers:{m:{" + body + "}}}}"; };
    for (const char* other : {"command:'bad'", "args:['-y']", "args:null", "command:'bad',env:{B:'x'}"}) {
        const auto kept = refusal(edit_kind::merge, server(other));
        ASSERT_EQ(kept.size(), 1u) << other << show(kept);
        EXPECT_EQ(kept[0].path, "mcp.servers.m.env.A");
    }
    accepts(edit_kind::merge, server("env:{B:'x'}"));
    accepts(edit_kind::merge, server("command:'other',env:{A:'new',B:'new'}"));
}

struct reference_case {
    const char* name;
    const char* raw;    // merged into the file
    const char* path;   // of the problem; null: it passes
};
void PrintTo(const reference_case& c, std::ostream* out) { *out << c.name; }

class new_reference : public document_test, public testing::WithParamInterface<reference_case> {};

// Naming a file or a variable would read it for somebody who chose where it is sent.
TEST_P(new_reference, goes_to_no_address_of_the_clients) {
    write(R"({ models: { providers: { p: { baseUrl: 'https://good.example', apiKey: '${TOKEN}',
        headers: { A: { file: '/dev/null' } } }, q: { apiKey: '${TOKEN}' } } } })");
    if (GetParam().path == nullptr) return accepts(edit_kind::merge, GetParam().raw);
    const auto refused = refusal(edit_kind::merge, GetParam().raw);
    ASSERT_EQ(refused.size(), 1u) << show(refused);
    EXPECT_EQ(refused[0].path, GetParam().path);
    EXPECT_NE(refused[0].message.find("address"), std::string::npos) << refused[0].message;
}

INSTANTIATE_TEST_SUITE_P(
    , new_reference,
    testing::Values(
        reference_case{"file", "{models:{providers:{n:{baseUrl:'https://bad',apiKey:{file:'/etc/passwd'}}}}}",
                       "models.providers.n.apiKey"},
        reference_case{"variable", "{models:{providers:{n:{baseUrl:'https://bad',apiKeys:['${TOKEN}']}}}}",
                       "models.providers.n.apiKeys[0]"},
        reference_case{"in_a_header",
                       "{models:{providers:{n:{baseUrl:'https://bad',headers:{A:'B ${TOKEN}'}}}}}",
                       "models.providers.n.headers.A"},
        reference_case{"in_the_address", "{models:{providers:{n:{baseUrl:'https://bad/${TOKEN}'}}}}",
                       "models.providers.n.baseUrl"},
        reference_case{"of_a_program", "{mcp:{servers:{n:{command:'x',env:{A:'${TOKEN}'}}}}}",
                       "mcp.servers.n.env.A"},
        reference_case{"in_an_argument", "{mcp:{servers:{n:{command:'x',args:['${TOKEN}']}}}}",
                       "mcp.servers.n.args[0]"},
        reference_case{"below_the_address",
                       "{channels:{matrix:{url:'https://bad',accounts:{a:{token:'${TOKEN}'}}}}}",
                       "channels.matrix.accounts.a.token"},
        reference_case{"named_anew", "{models:{providers:{p:{apiKeys:['${OTHER:-x}']}}}}",
                       "models.providers.p.apiKeys[0]"},
        reference_case{"moved", "{models:{providers:{q:{baseUrl:'https://bad'}}}}",
                       "models.providers.q.apiKey"},
        reference_case{"moved_and_named",
                       "{models:{providers:{q:{baseUrl:'https://bad',apiKey:'${TOKEN}'}}}}",
                       "models.providers.q.apiKey"},
        reference_case{"to_the_usual_address", "{models:{providers:{n:{apiKey:'${TOKEN}'}}}}", nullptr},
        reference_case{"the_secret_itself",
                       "{models:{providers:{n:{baseUrl:'https://x.example',apiKey:'k-1'}}}}", nullptr},
        reference_case{"as_it_stands",
                       "{models:{providers:{n:{baseUrl:'https://good.example',apiKey:'${TOKEN}'}}}}",
                       nullptr}),
    [](const auto& i) { return std::string(i.param.name); });

// A list that grows at its front moves its elements.
TEST_F(document_test, an_element_is_known_by_its_id) {
    write(R"({ channels: { chat: { accounts: [
        { id: 'a', url: 'https://good.example', token: 'canary' }] } } })");
    const std::string x = R"({ id: 'x' })";
    const auto list = [](const std::string& items) {
        return "{channels:{chat:{accounts:[" + items + "]}}}";
    };
    const auto moved = list(x + ",{id:'a',url:'https://other.example',token:'" + mask + "'}");
    EXPECT_EQ(refusal(edit_kind::merge, moved).size(), 1u);
    accepts(edit_kind::merge, list(x + ",{id:'a',url:'https://good.example',token:'" + mask + "'}"));
}

TEST_F(document_test, is_made_anew_of_what_it_is) {
    const auto no_change = [](const load_outcome& now) -> result<std::string> { return now.raw; };
    const auto nothing = rewrite_file(file, no_change, env);
    ASSERT_TRUE(nothing) << nothing.error().to_string();
    EXPECT_TRUE(nothing->changes.empty());
    EXPECT_FALSE(std::filesystem::exists(file)) << "nothing to write makes no file";
    const auto port = [](const load_outcome& now) {
        return set_in_text(now.raw, "gateway.network.port", now.settings.gateway.network.port + 1);
    };
    ASSERT_TRUE(rewrite_file(file, port, env)) << "without a file it is made of the defaults";
    const auto again = rewrite_file(file, port, env);
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(again->after.parsed["gateway"]["network"]["port"], 18791);
    EXPECT_EQ(again->changes.at(0).path, "gateway.network.port");
    const auto before = text();
    const auto wrong = rewrite_file(
        file, [](const load_outcome&) -> result<std::string> { return "{ nothing: 1 }"; }, env);
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->refused.at(0).path, "nothing");
    EXPECT_EQ(text(), before);
    write("{ gateway: 1 }");
    const auto broken = rewrite_file(file, port, env);
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->refused.at(0).path, "gateway");
    EXPECT_EQ(text(), "{ gateway: 1 }");
}

// The command line takes its turn by the same lock as those of this process.
TEST_F(document_test, no_writer_comes_between) {
    constexpr int writers = 4, rounds = 10;
    const auto one_more = [](const load_outcome& now) {
        return set_in_text(now.raw, "gateway.network.port", now.settings.gateway.network.port + 1);
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < rounds; ++n) {
                const openclaw::config::change own{"gateway.network.host",
                                                   json("127.0.0." + std::to_string(i))};
                EXPECT_TRUE(i % 2 == 0 ? rewrite_file(file, one_more, env).has_value()
                                       : change_file(file, {&own, 1}, env).has_value());
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(read().parsed["gateway"]["network"]["port"], 18789 + writers / 2 * rounds);
}

} // namespace
} // namespace openclaw::config
