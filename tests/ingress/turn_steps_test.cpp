// Turns in which the agent uses its own tools: a stream and a whole answer say the same.

#include "ingress/scripted_model.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

// The text of an answer of any of the three APIs, whole or as the events of a stream.
std::string text_in(const json& answer) {
    if (answer.contains("choices")) return answer["choices"][0]["message"]["content"].get<std::string>();
    const auto& items = answer.contains("output") ? answer["output"][0]["content"] : answer["content"];
    std::string text;
    for (const auto& block : items) text += block["text"].get<std::string>();
    return text;
}

std::string text_in(const test::sse_events& events) {
    std::string text;
    for (const auto& data : events.data) {
        if (data == "[DONE]") continue;
        const auto e = json::parse(data);
        if (e.contains("choices")) text += e["choices"][0]["delta"].value("content", "");
        const auto type = e.value("type", "");
        if (type == "response.output_text.delta") text += e["delta"].get<std::string>();
        if (type == "content_block_delta") text += e["delta"].value("text", "");
    }
    return text;
}

class turn_steps : public testing::TestWithParam<const char*> {
protected:
    // Three steps, the middle one without words.
    std::string ask(bool stream) {
        model.call({{"c1", "time", "{}"}, {"c2", "time", "{}"}}, "Let me look.");
        model.call({{"c3", "time", "{}"}});
        model.say("It is noon.");
        const json body{{"model", "openclaw"},
                        {"stream", stream},
                        {"max_tokens", 99},
                        {"input", "what time?"},
                        {"messages", json::array({{{"role", "user"}, {"content", "what time?"}}})}};
        const auto r = gateway.ask("POST", GetParam(), body.dump());
        EXPECT_EQ(r.status, 200) << r.body;
        return r.body;
    }

    test::scripted_model model;
    test::gateway_fixture gateway{model.settings()};
};

TEST_P(turn_steps, have_a_paragraph_each) {
    const std::string expected = "Let me look.\n\nIt is noon.";
    EXPECT_EQ(text_in(json::parse(ask(false))), expected);
    EXPECT_EQ(text_in(test::sse_events(ask(true))), expected);
}

INSTANTIATE_TEST_SUITE_P(, turn_steps,
                         testing::Values("/v1/chat/completions", "/v1/responses", "/v1/messages"),
                         [](const auto& i) {
                             std::string name = i.param + 4;
                             std::replace(name.begin(), name.end(), '/', '_');
                             return name;
                         });

}  // namespace
}  // namespace openclaw
