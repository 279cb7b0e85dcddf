#include "openclaw/routing/bindings.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

using config::binding_settings;

struct wanted {
    std::string channel{}, account{}, peer_kind{}, peer_id{}, group{}, thread{};
};

binding_settings to(std::string agent, wanted w) {
    binding_settings b;
    b.match.channel = std::move(w.channel);
    b.match.account = std::move(w.account);
    b.match.peer_kind = std::move(w.peer_kind);
    b.match.peer_id = std::move(w.peer_id);
    b.match.group = std::move(w.group);
    b.match.thread = std::move(w.thread);
    b.agent = std::move(agent);
    return b;
}

inbound_message from(std::string channel, std::string peer, peer_kind kind = peer_kind::direct,
                     std::string thread = {}, std::string account = "default") {
    inbound_message m;
    m.origin.channel = std::move(channel);
    m.origin.peer = std::move(peer);
    m.origin.kind = kind;
    m.origin.thread = std::move(thread);
    m.origin.account = std::move(account);
    return m;
}

struct choice_case {
    const char* name;
    std::vector<binding_settings> bindings;
    inbound_message message;
    const char* agent;
};

class choice : public testing::TestWithParam<choice_case> {};

TEST_P(choice, names_the_agent) {
    const auto& c = GetParam();
    EXPECT_EQ(choose_route(c.bindings, "main", c.message).agent, c.agent);
}

const auto in_group = from("slack", "C1", peer_kind::group, "17");

const choice_case choices[] = {
    {"no_bindings", {}, from("slack", "U1"), "main"},
    {"none_matches", {to("a", {.channel = "telegram"})}, from("slack", "U1"), "main"},
    {"channel", {to("a", {.channel = "slack"})}, from("slack", "U1"), "a"},
    {"an_empty_match_takes_all", {to("a", {})}, from("slack", "U1"), "a"},
    {"channel_over_the_empty_match", {to("a", {}), to("b", {.channel = "slack"})},
     from("slack", "U1"), "b"},
    {"account_over_channel",
     {to("a", {.channel = "slack"}), to("b", {.account = "work"})},
     from("slack", "U1", peer_kind::direct, "", "work"), "b"},
    {"another_account", {to("a", {.channel = "slack", .account = "work"})}, from("slack", "U1"),
     "main"},
    {"kind_over_account_and_channel",
     {to("a", {.channel = "slack", .account = "default"}), to("b", {.peer_kind = "group"})},
     in_group, "b"},
    {"kind_direct", {to("a", {.peer_kind = "direct"})}, from("slack", "U1"), "a"},
    {"kind_direct_is_no_group", {to("a", {.peer_kind = "direct"})}, in_group, "main"},
    {"group_over_all_below",
     {to("a", {.channel = "slack", .account = "default", .peer_kind = "group"}),
      to("b", {.group = "C1"})},
     in_group, "b"},
    {"a_group_id_is_no_user_id", {to("a", {.group = "U1"})}, from("slack", "U1"), "main"},
    {"peer_over_group", {to("a", {.channel = "slack", .group = "C1"}), to("b", {.peer_id = "C1"})},
     in_group, "b"},
    {"thread_over_peer", {to("a", {.channel = "slack", .peer_id = "C1"}), to("b", {.thread = "17"})},
     in_group, "b"},
    {"thread_over_everything_else_together",
     {to("a", {.channel = "slack", .account = "default", .peer_kind = "group", .peer_id = "C1",
               .group = "C1"}),
      to("b", {.thread = "17"})},
     in_group, "b"},
    {"one_miss_is_a_miss", {to("a", {.channel = "slack", .peer_id = "C1", .thread = "18"})},
     in_group, "main"},
    {"the_first_of_equals", {to("a", {.channel = "slack"}), to("b", {.channel = "slack"})},
     from("slack", "U1"), "a"},
    {"a_later_one_that_says_more",
     {to("a", {.channel = "slack"}), to("b", {.channel = "slack", .peer_id = "U1"})},
     from("slack", "U1"), "b"},
    {"no_agent_means_the_default", {to("", {.channel = "slack"})}, from("slack", "U1"), "main"},
};
INSTANTIATE_TEST_SUITE_P(bindings, choice, testing::ValuesIn(choices),
                         [](const auto& i) { return i.param.name; });

TEST(bindings, an_agent_that_the_message_asks_for_goes_before) {
    auto m = from("slack", "U1");
    m.agent = "own";
    auto b = to("a", {.channel = "slack"});
    b.session = "shared";
    const auto r = choose_route({b}, "main", m);
    EXPECT_EQ(r.agent, "own");
    EXPECT_EQ(r.session_rest, "shared");
}

TEST(bindings, the_session_says_where_the_message_comes_from) {
    const struct {
        inbound_message message;
        const char* session;
    } cases[] = {
        {from("telegram", "42"), "telegram:direct:42"},
        {from("telegram", "42", peer_kind::direct, "", "work"), "telegram:work:direct:42"},
        {from("slack", "C1", peer_kind::group), "slack:group:C1"},
        {in_group, "slack:group:C1:thread:17"},
        {from("slack", "C1", peer_kind::group, "17", "work"), "slack:work:group:C1:thread:17"},
    };
    for (const auto& c : cases) EXPECT_EQ(choose_route({}, "main", c.message).session_rest, c.session);
}

TEST(bindings, the_priority_of_the_binding_counts_where_it_has_one) {
    auto m = from("slack", "U1");
    m.priority = priority::low;
    auto b = to("a", {.channel = "slack"});
    EXPECT_EQ(choose_route({b}, "main", m).priority, priority::low);
    for (const auto& [text, level] : {std::pair{"low", priority::low}, {"normal", priority::normal},
                                      {"high", priority::high}, {"urgent", priority::low}}) {
        b.priority = text;
        EXPECT_EQ(choose_route({b}, "main", m).priority, level) << text;
    }
}

}  // namespace
}  // namespace openclaw::routing
