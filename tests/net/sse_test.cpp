#include "openclaw/net/sse.hpp"

#include <gtest/gtest.h>

namespace openclaw::net {
namespace {

struct sse_case {
    const char* name;
    std::string stream;
    std::vector<sse_event> events;
};

std::string text_of(const std::vector<sse_event>& events) {
    std::string out;
    for (const auto& e : events) out += '{' + e.name + '|' + e.data + '|' + e.id + '}';
    return out;
}

const std::vector<sse_case>& cases() {
    static const std::vector<sse_case> table = {
        {"nothing", "", {}},
        {"one_event", "data: a\n\n", {{"", "a", ""}}},
        {"no_space", "data:a\n\n", {{"", "a", ""}}},
        {"two_spaces_keep_one", "data:  a\n\n", {{"", " a", ""}}},
        {"several_data_lines", "data: a\ndata\ndata: b\n\n", {{"", "a\n\nb", ""}}},
        {"crlf", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", {{"x", "a", ""}, {"", "b", ""}}},
        {"cr", "data: a\rdata: b\r\rdata: c\r\r", {{"", "a\nb", ""}, {"", "c", ""}}},
        {"mixed_ends", "data: a\r\ndata: b\n\rdata: c\n\n", {{"", "a\nb", ""}, {"", "c", ""}}},
        {"comments", ": ping\n\n:\ndata: a\n: between\n\n", {{"", "a", ""}}},
        {"no_data_no_event", "event: ping\n\ndata: a\n\n", {{"", "a", ""}}},
        {"empty_data", "data\n\n", {{"", "", ""}}},
        {"id_stays", "id: 7\ndata: a\n\ndata: b\n\n", {{"", "a", "7"}, {"", "b", "7"}}},
        {"id_is_cleared", "id: 7\ndata: a\n\nid\ndata: b\n\n", {{"", "a", "7"}, {"", "b", ""}}},
        {"id_with_nul", std::string("id: a\0b\ndata: x\n\n", 17), {{"", "x", ""}}},
        {"unknown_fields", "retry: 10\nfoo: bar\ndata: a\nDATA: b\n\n", {{"", "a", ""}}},
        {"unterminated", "data: a\n\ndata: b\n", {{"", "a", ""}}},
        {"byte_order_mark", "\xEF\xBB\xBF" "data: a\n\n", {{"", "a", ""}}},
        {"mark_only_at_start", "data: a\n\n\xEF\xBB\xBF" "data: b\n\n", {{"", "a", ""}}},
        {"colon_in_value", "data: {\"a\": 1}\n\n", {{"", "{\"a\": 1}", ""}}},
        {"last_name_wins", "event: a\nevent: b\ndata: x\n\n", {{"b", "x", ""}}},
    };
    return table;
}

class sse : public testing::TestWithParam<sse_case> {};

TEST_P(sse, decodes_in_any_cut) {
    const auto& c = GetParam();
    for (std::size_t step = 1; step <= c.stream.size() + 1; ++step) {
        sse_decoder decoder;
        std::vector<sse_event> out;
        for (std::size_t at = 0; at < c.stream.size(); at += step) {
            ASSERT_TRUE(decoder.feed(std::string_view(c.stream).substr(at, step), out));
        }
        EXPECT_EQ(text_of(out), text_of(c.events)) << "cut into pieces of " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(table, sse, testing::ValuesIn(cases()),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(sse_bound, refuses_a_long_line_and_stays_done) {
    for (std::size_t step : {1u, 7u, 100u}) {
        sse_decoder decoder(16);
        std::vector<sse_event> out;
        const std::string line = "data: 0123456789abcdef";
        result<void> last;
        for (std::size_t at = 0; at < line.size() && last; at += step) {
            last = decoder.feed(std::string_view(line).substr(at, step), out);
        }
        ASSERT_FALSE(last);
        EXPECT_EQ(last.error().code, errc::too_large);
        EXPECT_FALSE(decoder.feed("\n\ndata: a\n\n", out));
        EXPECT_TRUE(out.empty());
    }
}

TEST(sse_bound, counts_all_lines_of_an_event) {
    sse_decoder decoder(64);
    std::vector<sse_event> out;
    result<void> last;
    for (int i = 0; i < 20 && last; ++i) last = decoder.feed("data: 0123456789\n", out);
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, errc::too_large);
}

TEST(sse_bound, many_small_events_are_fine) {
    sse_decoder decoder(32);
    std::vector<sse_event> out;
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(decoder.feed("data: 0123456789\n\n", out));
    EXPECT_EQ(out.size(), 100u);
}

}  // namespace
}  // namespace openclaw::net
