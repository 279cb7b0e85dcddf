#include "agents/window.hpp"

#include "agents/stubs.hpp"

#include <gtest/gtest.h>

#include "openclaw/core/random.hpp"

namespace openclaw::agents {
namespace {

using namespace test_stubs;

// 'u' user, 'a' answer, 'c' assistant row that calls a tool, 't' its result. Each row costs the same.
std::vector<chat_message> rows_of(std::string_view shape) {
    std::vector<chat_message> rows;
    int calls = 0;
    for (const char c : shape) {
        const std::string id = "c" + std::to_string(c == 'c' ? ++calls : calls);
        if (c == 'u') rows.push_back(user_message("12345678901"));
        if (c == 'a') rows.push_back(assistant_message("12345678901"));
        if (c == 'c') rows.push_back(calling_row({{id, "time", "12345"}}));
        if (c == 't') rows.push_back(tool_row(id, "123456789"));
    }
    return rows;
}

constexpr std::int64_t row_cost = 11;  // 8 and a little over 11 bytes / 4

struct window_case {
    const char* name;
    const char* history;
    std::int64_t rows_that_fit;  // without the user's, which always goes along
    std::size_t start;
};

class fit_window_test : public ::testing::TestWithParam<window_case> {};

TEST_P(fit_window_test, keeps_the_longest_whole_suffix) {
    const auto history = rows_of(GetParam().history);
    const auto tail = rows_of("u");
    const window_budget budget{.context_window = 1000 + row_cost * (GetParam().rows_that_fit + 1),
                               .max_tokens = 600, .fixed = 400};
    EXPECT_EQ(fit_window(history, tail, budget), GetParam().start);
}

INSTANTIATE_TEST_SUITE_P(table, fit_window_test, ::testing::Values(
    window_case{"everything", "uaua", 4, 0}, window_case{"last_pair", "uaua", 2, 2},
    window_case{"never_from_an_answer", "uaua", 3, 2}, window_case{"nothing", "uaua", 1, 4},
    window_case{"less_than_nothing", "uaua", -1, 4}, window_case{"empty", "", 5, 0},
    window_case{"never_inside_a_call", "uauctcta", 6, 2},
    window_case{"not_from_a_result", "uauctcta", 5, 8},
    window_case{"no_user_row", "aaa", 5, 3}, window_case{"two_questions", "uuau", 2, 3}),
    [](const auto& i) { return i.param.name; });

TEST(fit_window_property_test, any_cut_is_whole_and_as_long_as_it_can_be) {
    seeded_random random(42);
    const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random.number() % n); };
    constexpr std::string_view turns[] = {"ua", "ucta", "uctcta", "u"};
    for (int round = 0; round < 500; ++round) {
        std::string shape;
        for (std::size_t i = pick(12); i > 0; --i) shape += turns[pick(4)];
        const auto history = rows_of(shape);
        const auto tail = rows_of("uct");
        const window_budget budget{static_cast<std::int64_t>(pick(700)), 20, 10};
        const auto start = fit_window(history, tail, budget);
        ASSERT_LE(start, history.size());
        auto sum = budget.max_tokens + budget.fixed;
        for (const auto& row : tail) sum += estimate_tokens(row);
        for (std::size_t i = start; i < history.size(); ++i) sum += estimate_tokens(history[i]);
        if (start == history.size()) continue;
        EXPECT_EQ(shape[start], 'u') << shape << " from " << start;
        EXPECT_LE(sum, budget.context_window);
        // One more turn would not have fitted.
        if (start == 0) continue;
        for (auto i = start; i-- > 0;) {
            sum += estimate_tokens(history[i]);
            if (shape[i] == 'u') break;
        }
        EXPECT_GT(sum, budget.context_window) << shape << " from " << start;
    }
}

TEST(estimate_tokens_test, an_image_has_a_fixed_price) {
    auto row = user_message("hi");
    const auto before = estimate_tokens(row);
    row.parts.push_back(image_part{"image/png", std::string(1'000'000, 'A')});
    EXPECT_LT(estimate_tokens(row) - before, 5000);
    EXPECT_GT(estimate_tokens(row) - before, 500);
}

std::string shape_of(const std::vector<chat_message>& rows) {
    std::string shape;
    for (const auto& row : rows) {
        if (row.role == role::user) shape += 'u';
        else if (row.role == role::assistant) shape += row.has_tool_calls() ? 'c' : 'a';
        else shape += std::get<tool_result>(row.parts[0]).is_error ? '!' : 't';
    }
    return shape;
}

struct mend_case {
    const char* name;
    const char* before;
    const char* after;
};

class mend_calls_test : public ::testing::TestWithParam<mend_case> {};

TEST_P(mend_calls_test, every_call_has_its_result) {
    const auto rows = rows_of(GetParam().before);
    EXPECT_EQ(shape_of(mend_calls(rows)), GetParam().after);
    EXPECT_EQ(is_whole(rows), std::string_view(GetParam().before) == GetParam().after);
    EXPECT_TRUE(is_whole(mend_calls(rows)));
}

INSTANTIATE_TEST_SUITE_P(table, mend_calls_test, ::testing::Values(
    mend_case{"whole", "uctaua", "uctaua"}, mend_case{"missing_at_the_end", "uc", "uc!"},
    mend_case{"missing_inside", "ucua", "uc!ua"}, mend_case{"stray_result", "tuta", "ua"},
    mend_case{"late_result", "ucut", "uc!u"}, mend_case{"two_calls", "ucctt", "uc!ct"}),
    [](const auto& i) { return i.param.name; });

TEST(mend_calls_order_test, results_come_in_the_order_of_the_calls) {
    const std::vector<chat_message> rows{
        user_message("x"), calling_row({{"a", "t", ""}, {"b", "t", ""}, {"c", "t", ""}}),
        tool_row("c", "C"), tool_row("a", "A")};
    EXPECT_FALSE(is_whole(rows));
    const auto mended = mend_calls(rows);
    EXPECT_TRUE(is_whole(mended));
    ASSERT_EQ(mended.size(), 5u);
    EXPECT_EQ(std::get<tool_result>(mended[2].parts[0]).text, "A");
    EXPECT_EQ(std::get<tool_result>(mended[3].parts[0]).call_id, "b");
    EXPECT_TRUE(std::get<tool_result>(mended[3].parts[0]).is_error);
    EXPECT_EQ(std::get<tool_result>(mended[4].parts[0]).text, "C");
}

}  // namespace
}  // namespace openclaw::agents
