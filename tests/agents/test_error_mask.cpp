#include "agents/error_mask.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

config::provider_settings with_key() {
    config::provider_settings settings;
    settings.api_keys.emplace_back("canary-key");
    return settings;
}

struct mask_case {
    const char* name;
    std::string in, out;
};

class error_mask_test : public ::testing::TestWithParam<mask_case> {};

// However the bytes are cut.
TEST_P(error_mask_test, hides_keys_in_errors_and_nowhere_else) {
    const auto settings = with_key();
    const auto& [name, in, out] = GetParam();
    for (std::size_t step = 1; step <= in.size(); ++step) {
        error_mask mask(settings);
        std::string shown;
        for (std::size_t at = 0; at < in.size(); at += step) {
            shown += mask.take(std::string_view(in).substr(at, step), at + step >= in.size()).value();
        }
        EXPECT_EQ(shown, out) << "in pieces of " << step;
        EXPECT_FALSE(mask.holds());
    }
}

const std::string told = R"({"error":{"message":"no: canary-key"}})";
const std::string shown = R"({"error":{"message":"no: ***"}})";

INSTANTIATE_TEST_SUITE_P(streams, error_mask_test, ::testing::Values(
    mask_case{"text", "data: {\"text\":\"canary-key\"}\n\ndata: [DONE]\n\n",
              "data: {\"text\":\"canary-key\"}\n\ndata: [DONE]\n\n"},
    mask_case{"openai", "data: {}\n\ndata: " + told + "\n\ndata: [DONE]\n\n",
              "data: {}\n\ndata: " + shown + "\n\ndata: [DONE]\n\n"},
    mask_case{"anthropic",
              "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"canary-key\"}}\n\n",
              "event: error\ndata: {\"error\":{\"message\":\"***\"},\"type\":\"error\"}\n\n"},
    mask_case{"responses", R"(data: {"type":"error","message":"canary-key"})" "\n\n",
              R"(data: {"message":"***","type":"error"})" "\n\n"},
    mask_case{"failed_response", R"(data: {"response":{"error":{"message":"canary-key"}}})" "\n\n",
              R"(data: {"response":{"error":{"message":"***"}}})" "\n\n"},
    mask_case{"no_error", R"(data: {"response":{"error":null,"text":"canary-key"}})" "\n\n",
              R"(data: {"response":{"error":null,"text":"canary-key"}})" "\n\n"},
    mask_case{"no_secret", "data: { \"error\": \"busy\" }\n\n", "data: { \"error\": \"busy\" }\n\n"},
    mask_case{"no_json", "event: error\ndata: canary-key\n\n", "event: error\ndata: ***\n\n"},
    mask_case{"without_an_end", "data: " + told, "data: " + shown + "\n\n"},
    mask_case{"crlf", "id: 1\r\ndata: " + told + "\r\n\r\ndata: x\r\n\r\n",
              "id: 1\ndata: " + shown + "\n\ndata: x\r\n\r\n"},
    mask_case{"several_lines", "data: {\"error\":\ndata: \"canary-key\"}\n\n",
              "data: {\"error\":\"***\"}\n\n"}),
    [](const auto& i) { return i.param.name; });

TEST(error_mask_bounds, what_is_whole_goes_on_without_being_copied) {
    const auto settings = with_key();
    error_mask mask(settings);
    const std::string_view bytes = "data: one\n\ndata: two\n\n";
    EXPECT_EQ(mask.take(bytes, false).value().data(), bytes.data());
    EXPECT_EQ(mask.take("data: thr", false).value(), "");
    EXPECT_TRUE(mask.holds());
    EXPECT_EQ(mask.take("ee\n\n", false).value(), "data: three\n\n");
}

TEST(error_mask_bounds, an_event_without_end_is_refused) {
    const auto settings = with_key();
    error_mask mask(settings);
    const std::string piece(1 << 20, 'x');
    auto taken = mask.take(piece, false);
    for (int i = 0; i < 16 && taken; ++i) taken = mask.take(piece, false);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::too_large);
}

TEST(shown_document_test, masks_the_error_that_an_answer_is) {
    const auto settings = with_key();
    EXPECT_EQ(shown_document(told, settings), shown);
    const std::string answer = R"({"text":"canary-key","error":null})";
    EXPECT_EQ(shown_document(answer, settings), answer);
    EXPECT_THAT(shown_document(R"({"error": canary-key)", settings), Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace openclaw::agents
