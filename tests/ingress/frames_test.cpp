#include "ingress/frames.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using kind = parsed_frame::kind;

struct frame_case {
    const char* name;
    std::string text;
    kind what;
    json id;               // of what is invalid
    std::string problem;   // its beginning
};
void PrintTo(const frame_case& c, std::ostream* out) { *out << c.name; }

class frame_table : public testing::TestWithParam<frame_case> {};

TEST_P(frame_table, is_told_apart) {
    const auto& c = GetParam();
    const auto frame = parse_frame(c.text);
    EXPECT_EQ(frame.what, c.what);
    if (c.what != kind::invalid) return;
    EXPECT_EQ(frame.id, c.id);
    EXPECT_TRUE(frame.problem.starts_with(c.problem)) << frame.problem;
}

const std::vector<frame_case> frame_cases{
    {"request", R"({"type":"req","id":"1","method":"health"})", kind::request, {}, ""},
    {"with_params", R"({"type":"req","id":"1","method":"m","params":[1]})", kind::request, {}, ""},
    {"with_trace", R"({"type":"req","id":"1","method":"m","traceparent":"00-a-b-01"})",
     kind::request, {}, ""},
    {"empty", "", kind::not_json, {}, ""},
    {"text", "hello", kind::not_json, {}, ""},
    {"cut_off", R"({"type":"req")", kind::not_json, {}, ""},
    {"two_values", "{} {}", kind::not_json, {}, ""},
    {"not_utf8", "{\"type\":\"req\",\"id\":\"\xff\",\"method\":\"m\"}", kind::not_json, {}, ""},
    {"half_a_pair", R"({"type":"req","id":"1","method":"m","params":{"message":"\ud800"}})",
     kind::invalid, "1", "a text has one half of a surrogate pair"},
    {"half_a_pair_before_a_whole", R"({"id":"2","x":"\ud83d\ud83d\ude00 \\udfff"})",
     kind::invalid, "2", "a text has one half of a surrogate pair"},
    {"half_a_pair_as_id", R"({"id":"\udfff"})", kind::invalid, "\ufffd", "a text has"},
    {"half_a_pair_and_cut_off", R"({"id":"\udfff)", kind::not_json, {}, ""},
    {"no_escape", R"({"type":"req","id":"1","method":"m","params":"\\ud800"})", kind::request, {}, ""},
    {"too_deep", std::string(33, '[') + std::string(33, ']'), kind::invalid, "invalid", "nested deeper"},
    {"bottomless", R"({"type":"req","id":"a\"]","method":"m","params":)" + std::string(200'000, '[') +
                       std::string(200'000, ']') + R"(,"x":{"y":"}"}})",
     kind::invalid, "a\"]", "nested deeper"},
    {"bottomless_list", std::string(600, '[') + std::string(600, ']'), kind::invalid, "invalid",
     "nested deeper"},
    {"bottomless_and_cut_off", R"({"type":"req","id":"1","params":)" + std::string(600, '['),
     kind::not_json, {}, ""},
    {"array", "[]", kind::invalid, "invalid", "must be an object"},
    {"null", "null", kind::invalid, "invalid", "must be an object"},
    {"event", R"({"type":"event","event":"x"})", kind::invalid, "invalid", "at /type"},
    {"response", R"({"type":"res","id":"7","ok":true})", kind::invalid, "7", "at /type"},
    {"no_type", R"({"id":"7","method":"m"})", kind::invalid, "7", "at /type"},
    {"no_id", R"({"type":"req","method":"m"})", kind::invalid, "invalid", "at /id"},
    {"empty_id", R"({"type":"req","id":"","method":"m"})", kind::invalid, "", "at /id"},
    {"number_id", R"({"type":"req","id":7,"method":"m"})", kind::invalid, 7, "at /id"},
    {"bool_id", R"({"type":"req","id":true,"method":"m"})", kind::invalid, true, "at /id"},
    {"object_id", R"({"type":"req","id":{"a":[1]},"method":"m"})", kind::invalid, {{"a", {1}}}, "at /id"},
    {"array_id", R"({"type":"req","id":["7"],"method":"m"})", kind::invalid, json::array({"7"}), "at /id"},
    {"null_id", R"({"type":"req","id":null,"method":"m"})", kind::invalid, "invalid", "at /id"},
    {"deep_id", R"({"type":"req","id":)" + std::string(40, '[') + std::string(40, ']') + "}",
     kind::invalid, json::parse(std::string(40, '[') + std::string(40, ']')), "nested deeper"},
    {"long_id", R"({"type":"req","id":")" + std::string(257, 'a') + R"(","method":"m"})",
     kind::invalid, std::string(257, 'a'), "at /id"},
    {"no_method", R"({"type":"req","id":"7"})", kind::invalid, "7", "at /method"},
    {"empty_method", R"({"type":"req","id":"7","method":""})", kind::invalid, "7", "at /method"},
    {"number_method", R"({"type":"req","id":"7","method":1})", kind::invalid, "7", "at /method"},
    {"other_key", R"({"type":"req","id":"7","method":"m","token":"x"})", kind::invalid, "7",
     "at root: unexpected property 'token'"},
    {"number_trace", R"({"type":"req","id":"7","method":"m","traceparent":1})", kind::invalid, "7",
     "at /traceparent: must be a string of at most 128 bytes"},
    {"long_trace", R"({"type":"req","id":"7","method":"m","traceparent":")" + std::string(129, 'x') + "\"}",
     kind::invalid, "7", "at /traceparent: must be a string of at most 128 bytes"},
    {"long_method", R"({"type":"req","id":"7","method":")" + std::string(129, 'x') + "\"}", kind::invalid,
     "7", "at /method: must not be longer than 128 bytes"},
};
INSTANTIATE_TEST_SUITE_P(, frame_table, testing::ValuesIn(frame_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(frames, a_request_is_taken_apart) {
    const auto f = parse_frame(R"({"type":"req","id":"n:1","method":"m","params":{"a":1}})");
    EXPECT_EQ(f.request.id, "n:1");
    EXPECT_EQ(f.request.method, "m");
    EXPECT_EQ(f.request.params, json({{"a", 1}}));
    EXPECT_EQ(parse_frame(R"({"type":"req","id":"1","method":"m"})").request.params, json::object());
    EXPECT_EQ(parse_frame(R"({"type":"req","id":"1","method":"m","params":null})").request.params,
              json::object());
}

TEST(frames, what_is_written_is_json_of_the_protocol) {
    const json payload{{"text", "a \"quoted\"\n\u00e9"}};
    EXPECT_EQ(json::parse(response_frame("i\"d", payload)),
              json({{"type", "res"}, {"id", "i\"d"}, {"ok", true}, {"payload", payload}}));
    EXPECT_EQ(json::parse(error_frame(7, {{"code", "X"}, {"message", "m"}})),
              json({{"type", "res"},
                    {"id", 7},
                    {"ok", false},
                    {"error", {{"code", "X"}, {"message", "m"}}}}));
    EXPECT_EQ(json::parse(plain_event("tick", payload)),
              json({{"type", "event"}, {"event", "tick"}, {"payload", payload}}));
    EXPECT_EQ(json::parse(event_body("tick", payload) + R"(,"seq":3})")["seq"], 3);
}

}  // namespace
}  // namespace openclaw::ingress
