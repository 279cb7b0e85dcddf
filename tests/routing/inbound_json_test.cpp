#include "routing/inbound_json.hpp"

#include "openclaw/model/client_tools.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

inbound_message full_message() {
    inbound_message m;
    m.origin = {"slack", "work", peer_kind::group, "C1", "17", "U9"};
    m.text = "h\xc3\xa9llo \"you\"\n";
    m.images.push_back({"image/png", "aGk="});
    m.priority = priority::high;
    m.deliver = true;
    m.received_ms = 1'700'000'000'123;
    m.extra_system = "Be short.";
    m.context = {user_message("q"), assistant_message("a")};
    m.time_limit_ms = 1234;
    m.sampling.temperature = 0.25;
    m.sampling.top_p = 0.5;
    m.sampling.max_tokens = 77;
    m.sampling.stop = {"END", "\n"};
    return m;
}

TEST(inbound_json, a_message_comes_back_as_it_was) {
    const auto m = full_message();
    const auto back = from_stored(parse_json(to_stored(m), 128).value());
    EXPECT_EQ(back.origin.channel, "slack");
    EXPECT_EQ(back.origin.account, "work");
    EXPECT_EQ(back.origin.kind, peer_kind::group);
    EXPECT_EQ(back.origin.peer, "C1");
    EXPECT_EQ(back.origin.thread, "17");
    EXPECT_EQ(back.origin.sender, "U9");
    EXPECT_EQ(back.text, m.text);
    ASSERT_EQ(back.images.size(), 1u);
    EXPECT_EQ(back.images[0].mime_type, "image/png");
    EXPECT_EQ(back.images[0].base64, "aGk=");
    EXPECT_EQ(back.priority, priority::high);
    EXPECT_TRUE(back.deliver);
    EXPECT_EQ(back.received_ms, m.received_ms);
    EXPECT_EQ(back.extra_system, "Be short.");
    EXPECT_EQ(back.time_limit_ms, 1234);
    ASSERT_EQ(back.context.size(), 2u);
    EXPECT_EQ(back.context[1].role, role::assistant);
    EXPECT_EQ(back.context[1].text(), "a");
    EXPECT_EQ(back.sampling.temperature, 0.25);
    EXPECT_EQ(back.sampling.top_p, 0.5);
    EXPECT_EQ(back.sampling.max_tokens, 77);
    EXPECT_EQ(back.sampling.stop, (std::vector<std::string>{"END", "\n"}));
}

TEST(inbound_json, a_clients_tools_and_results_come_back) {
    inbound_message m;
    client_tools theirs;
    theirs.offered.push_back({"weather", "of a town", json{{"type", "object"}}});
    theirs.choice = {tool_choice::kind::named, "weather", true};
    m.tools = std::make_shared<const client_tools>(theirs);
    m.results = {{"c1", "weather", "rain", true}};
    const auto back = from_stored(parse_json(to_stored(m)).value());
    ASSERT_TRUE(back.tools);
    ASSERT_EQ(back.tools->offered.size(), 1u);
    EXPECT_EQ(back.tools->offered[0].name, "weather");
    EXPECT_EQ(back.tools->offered[0].description, "of a town");
    EXPECT_EQ(back.tools->offered[0].parameters.value(), json({{"type", "object"}}));
    EXPECT_EQ(back.tools->choice.what, tool_choice::kind::named);
    EXPECT_EQ(back.tools->choice.name, "weather");
    EXPECT_TRUE(back.tools->choice.one_at_a_time);
    ASSERT_EQ(back.results.size(), 1u);
    EXPECT_EQ(back.results[0].call_id, "c1");
    EXPECT_EQ(back.results[0].text, "rain");
    EXPECT_TRUE(back.results[0].is_error);
}

TEST(inbound_json, a_plain_message_comes_back_without_additions) {
    inbound_message m;
    m.origin.channel = "ws";
    m.text = "hi";
    const auto back = from_stored(parse_json(to_stored(m)).value());
    EXPECT_TRUE(back.images.empty());
    EXPECT_TRUE(back.context.empty());
    EXPECT_TRUE(back.results.empty());
    EXPECT_FALSE(back.tools);
    EXPECT_FALSE(back.sampling.temperature.has_value());
    EXPECT_FALSE(back.sampling.max_tokens.has_value());
    EXPECT_EQ(back.priority, priority::normal);
    EXPECT_FALSE(back.deliver);
}

// Who could write to the database must not be able to write rights into it.
TEST(inbound_json, rights_do_not_come_back) {
    auto stored = parse_json(to_stored(full_message())).value();
    stored["who"] = "token:admin";
    const auto back = from_stored(stored);
    EXPECT_FALSE(back.who.known());
    EXPECT_TRUE(back.who.scopes().empty());
}

TEST(inbound_json, what_is_of_another_shape_is_left_out) {
    for (const char* text : {"null", "[]", "7", "{}", R"({"images":7,"context":{},"sampling":[],"tools":3})",
                             R"({"text":1,"priority":99,"receivedMs":"x","deliver":"yes"})"}) {
        const auto back = from_stored(parse_json(text).value());
        EXPECT_TRUE(back.text.empty()) << text;
        EXPECT_LE(back.priority, priority::high) << text;
        EXPECT_FALSE(back.deliver) << text;
    }
}

}  // namespace
}  // namespace openclaw::routing
