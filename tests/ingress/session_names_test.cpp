// Which sessions a caller may choose, and which ones lists show.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

class session_names : public test::ws_client_test {
protected:
    test::wire_response complete(const std::string& fields = {}) {
        return gateway.ask("POST", "/v1/chat/completions",
                           R"({"model":"openclaw","messages":[{"role":"user","content":"hi"}]})", fields);
    }
};

TEST_F(session_names, those_of_one_request_are_listed_for_those_who_ask) {
    EXPECT_EQ(complete().status, 200);
    say("hello", "main");
    EXPECT_EQ(keys(json::object()), std::vector<std::string>{"agent:main:main"});
    const auto all = payload("sessions.list", {{"includeUnknown", true}});
    ASSERT_EQ(all["count"], 2);
    const auto& once = all["sessions"][1];
    EXPECT_EQ(once["kind"], "unknown");
    EXPECT_EQ(once["isBackground"], true);
    const auto health = payload("health");
    EXPECT_EQ(health["sessions"]["count"], 1);
    EXPECT_EQ(health["sessions"]["recent"].size(), 1u);
    payload("sessions.patch", {{"key", once["key"]}, {"label", "kept"}});
    EXPECT_EQ(keys(json::object()).size(), 2u);
}

}  // namespace
}  // namespace openclaw
