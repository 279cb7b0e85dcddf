// What becomes of the configuration's text when an agent comes, changes and goes.

#include "ingress/agent_changes.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

config::load_outcome loaded(const std::string& text) {
    auto now = config::load_text(text.empty() ? "{}" : text, [](const auto&) { return std::nullopt; });
    EXPECT_TRUE(now.ok()) << text;
    now.raw = text;
    return now;
}

struct name_case {
    std::string name, id;   // no id: refused
};

TEST(agent_id, is_made_of_the_name) {
    const std::vector<name_case> cases{
        {"work", "work"},
        {"My Agent", "my-agent"},
        {"  Sales -- EU (north) ", "sales-eu-north"},
        {"a_b.c", "a_b-c"},
        {"../../etc", "etc"},
        {"Café", "caf"},
        {std::string("a\0b", 3), "a-b"},
        {std::string(64, 'x'), std::string(64, 'x')},
        {std::string(65, 'x'), ""},
        {"", ""},
        {"---", ""},
        {"あ", ""},
        {"Main", ""},
        {"default", ""},
        {"system", ""},
    };
    for (const auto& c : cases) {
        const auto id = agent_id_of(c.name);
        EXPECT_EQ(id ? *id : "", c.id) << c.name;
        EXPECT_TRUE(id || id.error().code == errc::invalid_input) << c.name;
    }
}

constexpr const char* two_agents = R"({
  // who is here
  agents: {
    list: [
      { id: 'one', model: { primary: 'local/echo', fallbacks: ['a/b'] } },  // the first
      { id: 'two', default: true, model: 'local/echo' },
    ],
  },
  bindings: [
    { match: { channel: 'x' }, agent: 'one' },
    { match: { channel: 'y' }, agent: 'two' },  // stays
    { agentId: 'one' },
  ],
}
)";

TEST(new_agent, stands_behind_the_others) {
    const auto text = with_new_agent(loaded(two_agents), "three", {{"/srv/three"}, {"local/echo"}});
    ASSERT_TRUE(text) << text.error().to_string();
    const auto after = loaded(*text);
    ASSERT_EQ(after.settings.agents.list.size(), 3u);
    EXPECT_EQ(after.settings.agents.list[2].id, "three");
    EXPECT_EQ(after.settings.agents.list[2].workspace, "/srv/three");
    EXPECT_EQ(after.settings.agents.list[2].model.primary, "local/echo");
    for (const char* comment : {"// who is here", "// the first", "// stays"}) {
        EXPECT_NE(text->find(comment), std::string::npos) << *text;
    }
}

// Without a list there is one agent: the first of a list must not take its place.
TEST(new_agent, leaves_the_one_that_no_list_names) {
    for (const char* before : {"", "{}", "{ agents: {} }", "{ agents: { list: [] } }"}) {
        const auto text = with_new_agent(loaded(before), "other", {});
        ASSERT_TRUE(text) << before << text.error().to_string();
        const auto list = loaded(*text).settings.agents.list;
        ASSERT_EQ(list.size(), 2u) << *text;
        EXPECT_EQ(list[0].id, "main");
        EXPECT_EQ(list[1].id, "other");
    }
}

TEST(new_agent, has_an_id_of_its_own) {
    EXPECT_EQ(with_new_agent(loaded(two_agents), "two", {}).error().code, errc::conflict);
    EXPECT_EQ(with_new_agent(loaded("{ agents: { list: [{ id: 'Two' }] } }"), "two", {}).error().code,
              errc::conflict);
    EXPECT_EQ(with_new_agent(loaded(""), "main", {}).error().code, errc::conflict);
}

TEST(changed_agent, keeps_its_fallbacks_and_the_layout) {
    auto text = with_changed_agent(loaded(two_agents), "one", {{}, {"c/d"}});
    ASSERT_TRUE(text) << text.error().to_string();
    std::string wanted = two_agents;
    wanted.replace(wanted.find("'local/echo'"), 12, "\"c/d\"");
    EXPECT_EQ(*text, wanted);
    text = with_changed_agent(loaded(two_agents), "two", {{"/srv/two"}, {"c/d"}});
    EXPECT_EQ(loaded(*text).settings.agents.list[1].model.primary, "c/d");
    EXPECT_EQ(loaded(*text).settings.agents.list[1].workspace, "/srv/two");
    EXPECT_NE(text->find("model: \"c/d\""), std::string::npos) << *text;
}

TEST(changed_agent, gives_its_model_back) {
    const auto text = with_changed_agent(loaded(two_agents), "two", {{}, {""}});
    ASSERT_TRUE(text);
    EXPECT_EQ(loaded(*text).settings.agents.list[1].model.primary, "");
    const auto again = with_changed_agent(loaded(*text), "two", {{}, {""}});
    ASSERT_TRUE(again) << "it has none: nothing to do";
    EXPECT_EQ(*again, *text);
    EXPECT_EQ(*with_changed_agent(loaded(two_agents), "two", {}), two_agents);
}

TEST(changed_agent, may_be_the_one_that_no_list_names) {
    const auto text = with_changed_agent(loaded(""), "main", {{}, {"local/echo"}});
    ASSERT_TRUE(text);
    EXPECT_EQ(loaded(*text).settings.agents.list.at(0).id, "main");
    EXPECT_EQ(loaded(*text).settings.agents.list.at(0).model.primary, "local/echo");
    EXPECT_EQ(with_changed_agent(loaded(""), "other", {}).error().code, errc::not_found);
}

TEST(removed_agent, takes_its_bindings_along) {
    const auto out = with_agent_removed(loaded(two_agents), "one");
    ASSERT_TRUE(out) << out.error().to_string();
    EXPECT_EQ(out->removed_bindings, 2u);
    const auto after = loaded(out->text);
    ASSERT_EQ(after.settings.agents.list.size(), 1u);
    ASSERT_EQ(after.settings.bindings.size(), 1u);
    EXPECT_EQ(after.settings.bindings[0].agent, "two");
    for (const char* comment : {"// who is here", "// stays"}) {
        EXPECT_NE(out->text.find(comment), std::string::npos) << out->text;
    }
}

TEST(removed_agent, is_never_the_default_one) {
    EXPECT_EQ(with_agent_removed(loaded(two_agents), "two").error().code, errc::conflict);
    EXPECT_EQ(with_agent_removed(loaded(""), "main").error().code, errc::conflict);
    const auto first = "{ agents: { list: [{ id: 'one' }, { id: 'two' }] } }";
    EXPECT_EQ(with_agent_removed(loaded(first), "one").error().code, errc::conflict);
    EXPECT_TRUE(with_agent_removed(loaded(first), "two"));
    EXPECT_EQ(with_agent_removed(loaded(first), "three").error().code, errc::not_found);
}

}  // namespace
}  // namespace openclaw::ingress
