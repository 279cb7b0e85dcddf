#include "openclaw/agents/turn_runner.hpp"

#include "agents/echo_provider.hpp"
#include "agents/stubs.hpp"
#include "openclaw/core/deadline.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>

#include <stdexcept>

namespace openclaw::agents {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace test_stubs;

// Answers from a list and keeps what it was asked.
class scripted_provider final : public provider {
public:
    struct line {
        std::string text{};
        std::vector<tool_call> calls{};
        std::optional<error> failure{};   // after the text
        bool hang = false;
        bool bug = false;
    };

    std::string_view api() const override { return "scripted"; }
    task<result<completion>> complete(const completion_request& request,
                                      completion_observer& observer) override {
        asked.emplace_back(request.messages.begin(), request.messages.end());
        systems.push_back(request.system);
        max_tokens.push_back(request.max_tokens);
        auto& names = offered.emplace_back();
        for (const auto& tool : request.tools) names.push_back(tool.name);
        choices.push_back(request.choice.what);
        if (script.empty()) throw std::logic_error("the script has ended");
        const auto now = script.front();
        script.pop_front();
        if (now.bug) throw std::runtime_error("a bug");
        if (!now.text.empty()) observer.on_text(now.text);
        if (now.hang) {
            asio::steady_timer forever(co_await asio::this_coro::executor, std::chrono::hours(1));
            co_await forever.async_wait(asio::use_awaitable);
        }
        if (now.failure) co_return *now.failure;
        auto row = now.calls.empty() ? assistant_message(now.text) : calling_row(now.calls, now.text);
        if (now.calls.empty()) row.stop_reason = "stop";
        row.usage = {10, 1, 0, 0};
        co_return completion{row};
    }

    std::deque<line> script;
    std::vector<std::vector<chat_message>> asked;
    std::vector<std::string> systems;
    std::vector<std::int64_t> max_tokens;
    std::vector<std::vector<std::string>> offered;
    std::vector<tool_choice::kind> choices;
};

class counting_tool final : public tools::tool {
public:
    counting_tool(std::string name, bool repeatable)
        : definition_{std::move(name), "counts", json::object()}, repeatable_(repeatable) {}
    const tool_definition& definition() const override { return definition_; }
    bool repeatable() const override { return repeatable_; }
    task<result<std::string>> invoke(const json&, const tools::tool_context&) override {
        co_return "run " + std::to_string(++runs);
    }
    int runs = 0;

private:
    tool_definition definition_;
    bool repeatable_;
};

class watcher final : public turn_observer {
public:
    void on_text(std::string_view delta) override { log.push_back("text " + std::string(delta)); }
    void on_tool_started(const tool_call& call) override { log.push_back("start " + call.id); }
    void on_tool_ended(const tool_call& call, const tool_result& r) override {
        log.push_back("end " + call.id + (r.is_error ? " failed" : ""));
    }
    std::vector<std::string> log;
};

class list_journal final : public turn_journal {
public:
    task<result<void>> on_step(const chat_message& row) override {
        if (steps.size() == fail_at) co_return error(errc::disk_full, "full");
        steps.push_back(row);
        co_return result<void>{};
    }
    std::vector<chat_message> steps;
    std::size_t fail_at = 1000;
};

// Zeros: a back-off that waits for nothing.
class no_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
};

class turn_runner_test : public ::testing::Test {
protected:
    turn_runner_test() {
        auto harmless = std::make_unique<counting_tool>("read", true);
        auto harmful = std::make_unique<counting_tool>("write", false);
        reader = harmless.get();
        writer = harmful.get();
        tools.add(std::move(harmless));
        tools.add(std::move(harmful));
        tools.add(tools::make_time_tool(time));
        helper.id = "main";
        helper.system_prompt = "Be kind.";
        helper.candidates = {{&first, {"p", "one"}, {}}, {&second, {"q", "two"}, {}}};
        request.agent = &helper;
        request.session = "agent:main:main";
        request.run_id = "run-1";
        request.asked = {user_message("go")};
    }

    result<turn_outcome> run() {
        request.history = history;
        return test::run(io, runner.run(request, seen, journal));
    }

    void bring(std::vector<std::string> names, tool_choice choice = {}) {
        client_tools theirs;
        for (auto& name : names) theirs.offered.push_back({std::move(name), "", json::object()});
        theirs.choice = std::move(choice);
        request.client = std::make_shared<const client_tools>(std::move(theirs));
    }

    static std::string text_of(const turn_outcome& out) { return out.rows.back().text(); }
    static tool_result result_in(const chat_message& row) {
        return std::get<tool_result>(row.parts.at(0));
    }

    asio::io_context io;
    manual_time time;
    no_random random;
    metrics::registry metrics;
    tools::registry tools;
    counting_tool* reader = nullptr;
    counting_tool* writer = nullptr;
    scripted_provider first, second;
    agent helper;
    turn_request request;
    std::vector<chat_message> history;
    watcher seen;
    list_journal journal;
    turn_runner runner{tools, time, random, metrics};
};

TEST_F(turn_runner_test, an_answer_without_calls_ends_the_turn) {
    first.script = {{.text = "hello"}};
    request.extra_system = "Be brief.";
    history = {user_message("before"), assistant_message("yes")};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(text_of(*out), "hello");
    EXPECT_EQ(out->provider, "p");
    EXPECT_EQ(out->model, "one");
    EXPECT_EQ(out->stop_reason, "stop");
    EXPECT_EQ(out->usage.total(), 11);
    EXPECT_EQ(out->rows[0].run_id, "run-1");
    EXPECT_EQ(out->rows[0].timestamp_ms, time.unix_ms());
    EXPECT_EQ(first.systems[0], "Be kind.\n\nBe brief.");
    EXPECT_EQ(first.asked[0].size(), 3u);
    EXPECT_TRUE(journal.steps.empty());
    EXPECT_THAT(seen.log, ElementsAre("text hello"));
}

TEST_F(turn_runner_test, runs_tools_in_order_and_journals_each_step) {
    first.script = {{.text = "wait", .calls = {{"1", "read", ""}, {"2", "write", "{}"}, {"3", "no", ""}}},
                    {.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_THAT(seen.log, ElementsAre("text wait", "start 1", "end 1", "start 2", "end 2", "start 3",
                                      "end 3 failed", "text done"));
    ASSERT_EQ(journal.steps.size(), 4u);
    EXPECT_TRUE(journal.steps[0].has_tool_calls());
    EXPECT_EQ(result_in(journal.steps[1]).text, "run 1");
    EXPECT_TRUE(result_in(journal.steps[3]).is_error);
    ASSERT_EQ(out->rows.size(), 5u);
    EXPECT_EQ(out->usage.output, 2);
    ASSERT_EQ(first.asked.size(), 2u);
    EXPECT_EQ(first.asked[1].size(), 5u);
}

TEST_F(turn_runner_test, the_echo_goes_through_the_time_tool) {
    echo_provider echo;
    helper.candidates = {{&echo, {"local", "echo"}, {}}};
    request.asked = {user_message("/time")};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_THAT(text_of(*out), HasSubstr("2023-11-14T22:13:20Z"));
    EXPECT_EQ(journal.steps.size(), 2u);
}

TEST_F(turn_runner_test, retries_and_then_falls_back) {
    const error busy(errc::overloaded, "busy");
    first.script = {{.failure = busy}, {.failure = busy}, {.failure = busy}};
    second.script = {{.text = "here"}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(first.asked.size(), 3u);
    EXPECT_EQ(out->provider, "q");
    EXPECT_EQ(out->model, "two");
}

TEST_F(turn_runner_test, stays_with_the_fallback_and_repeats_no_tool) {
    first.script = {{.calls = {{"1", "write", ""}}}, {.failure = error(errc::billing, "no money")}};
    second.script = {{.calls = {{"2", "write", ""}}}, {.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(writer->runs, 2);
    EXPECT_EQ(first.asked.size(), 2u);
    EXPECT_EQ(second.asked.size(), 2u);
    EXPECT_EQ(second.asked[0].size(), 3u);
}

TEST_F(turn_runner_test, waits_as_asked_and_tries_again) {
    error slow(errc::rate_limited, "slow");
    slow.retry_after = std::chrono::milliseconds(1);
    first.script = {{.failure = slow}, {.text = "ok"}};
    ASSERT_TRUE(run());
    EXPECT_EQ(first.asked.size(), 2u);
    EXPECT_TRUE(second.asked.empty());
}

TEST_F(turn_runner_test, never_starts_over_after_text_was_shown) {
    first.script = {{.text = "Hel", .failure = error(errc::network, "reset")}};
    const auto out = run();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::network);
    EXPECT_THAT(out.error().message, HasSubstr("interrupted"));
    EXPECT_TRUE(second.asked.empty());
}

TEST_F(turn_runner_test, text_of_an_earlier_step_does_not_forbid_a_retry) {
    first.script = {{.text = "wait", .calls = {{"1", "read", ""}}},
                    {.failure = error(errc::network, "reset")}, {.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(text_of(*out), "done");
    EXPECT_EQ(reader->runs, 1);
}

TEST_F(turn_runner_test, an_overflow_is_retried_with_half_the_window) {
    helper.candidates[0].model.context_window = 10'000;
    helper.candidates[0].model.max_tokens = 1'000;
    for (int i = 0; i < 12; ++i) {
        history.push_back(user_message(std::string(1500, 'x')));
        history.push_back(assistant_message(std::string(1500, 'y')));
    }
    first.script = {{.failure = error(errc::context_overflow, "full")}, {.text = "ok"}};
    ASSERT_TRUE(run());
    ASSERT_EQ(first.asked.size(), 2u);
    EXPECT_LT(first.asked[0].size(), 25u);
    EXPECT_LT(first.asked[1].size(), first.asked[0].size());
    EXPECT_EQ(first.asked[1].front().role, role::user);
    EXPECT_EQ(first.asked[1].back().text(), "go");
    EXPECT_EQ(first.max_tokens[0], 1000);
}

TEST_F(turn_runner_test, stops_with_words_at_max_steps) {
    helper.max_steps = 2;
    first.script = {{.calls = {{"1", "read", ""}}}, {.calls = {{"2", "read", ""}}}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->stop_reason, "steps");
    EXPECT_EQ(out->rows.size(), 5u);
    EXPECT_THAT(text_of(*out), HasSubstr("2 steps"));
    EXPECT_EQ(out->rows.back().role, role::assistant);
    EXPECT_EQ(reader->runs, 2);
}

TEST_F(turn_runner_test, goes_on_after_the_steps_that_a_crash_left) {
    request.done = {calling_row({{"1", "read", ""}, {"2", "read", ""}, {"3", "write", ""}}),
                    tool_row("1", "kept")};
    first.script = {{.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(reader->runs, 1);
    EXPECT_EQ(writer->runs, 0);
    ASSERT_EQ(out->rows.size(), 5u);
    EXPECT_EQ(result_in(out->rows[1]).text, "kept");
    EXPECT_EQ(result_in(out->rows[2]).text, "run 1");
    EXPECT_THAT(result_in(out->rows[3]).text, HasSubstr("outcome unknown"));
    EXPECT_TRUE(result_in(out->rows[3]).is_error);
    ASSERT_EQ(journal.steps.size(), 2u);
    EXPECT_EQ(result_in(journal.steps[1]).call_id, "3");
    EXPECT_EQ(first.asked[0].size(), 5u);
}

TEST_F(turn_runner_test, steps_before_a_crash_count) {
    helper.max_steps = 1;
    request.done = {calling_row({{"1", "read", ""}}), tool_row("1", "kept")};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->stop_reason, "steps");
    EXPECT_TRUE(first.asked.empty());
}

TEST_F(turn_runner_test, a_broken_history_is_mended_before_it_is_sent) {
    history = {user_message("x"), calling_row({{"lost", "write", ""}})};
    first.script = {{.text = "ok"}};
    ASSERT_TRUE(run());
    ASSERT_EQ(first.asked[0].size(), 4u);
    EXPECT_EQ(result_in(first.asked[0][2]).call_id, "lost");
    EXPECT_EQ(writer->runs, 0);
}

TEST_F(turn_runner_test, a_step_that_cannot_be_kept_ends_the_turn_before_its_tool) {
    first.script = {{.calls = {{"1", "write", ""}}}};
    journal.fail_at = 0;
    const auto out = run();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::disk_full);
    EXPECT_EQ(writer->runs, 0);
}

TEST_F(turn_runner_test, without_a_candidate_it_says_what_to_do) {
    helper.candidates.clear();
    helper.no_model = error(errc::auth_provider, "there is no key", "Set ANTHROPIC_API_KEY.");
    const auto out = run();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::auth_provider);
    EXPECT_EQ(out.error().hint, "Set ANTHROPIC_API_KEY.");
}

TEST_F(turn_runner_test, a_cancelled_turn_leaves_a_hanging_model) {
    first.script = {{.hang = true}};
    auto work = runner.run(request, seen, journal);
    const auto out = test::run(io, with_deadline(std::chrono::milliseconds(1), "it", std::move(work)));
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::timed_out);
    EXPECT_THAT(metrics.render(), HasSubstr(R"(api="scripted",outcome="cancelled")"));
}

TEST_F(turn_runner_test, a_bug_in_a_provider_is_an_internal_error_at_once) {
    first.script = {{.bug = true}};
    const auto out = run();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::internal);
}

TEST_F(turn_runner_test, cancelling_ends_the_turn) {
    first.script = {{.text = "Hel", .hang = true}};
    asio::cancellation_signal stop;
    std::optional<result<turn_outcome>> out;
    asio::co_spawn(io, runner.run(request, seen, journal),
                   asio::bind_cancellation_slot(
                       stop.slot(), [&](std::exception_ptr, result<turn_outcome> r) { out = r; }));
    while (seen.log.empty()) io.run_one();
    stop.emit(asio::cancellation_type::terminal);
    io.run();
    ASSERT_TRUE(out);
    ASSERT_FALSE(*out);
    EXPECT_EQ(out->error().code, errc::cancelled);
}

TEST_F(turn_runner_test, a_call_of_a_clients_tool_ends_the_turn_with_nothing_kept) {
    bring({"theirs"});
    first.script = {{.text = "look", .calls = {{"1", "theirs", "{\"a\":1}"}, {"2", "theirs", ""}}}};
    const auto out = run();
    ASSERT_TRUE(out) << out.error().to_string();
    EXPECT_EQ(out->stop_reason, "toolUse");
    ASSERT_EQ(out->calls.size(), 2u);
    EXPECT_EQ(out->calls[0].arguments, "{\"a\":1}");
    ASSERT_EQ(out->rows.size(), 1u);
    EXPECT_EQ(text_of(*out), "look");
    EXPECT_TRUE(journal.steps.empty()) << "nothing has had effects";
    EXPECT_THAT(first.offered[0], ElementsAre("read", "write", "time", "theirs"));
}

TEST_F(turn_runner_test, own_tools_run_before_a_clients_calls_are_handed_over) {
    bring({"theirs"});
    first.script = {{.calls = {{"1", "theirs", ""}, {"2", "write", ""}, {"3", "no", ""}}}};
    const auto out = run();
    ASSERT_TRUE(out);
    ASSERT_EQ(out->calls.size(), 1u);
    EXPECT_EQ(out->calls[0].id, "1");
    EXPECT_EQ(writer->runs, 1);
    ASSERT_EQ(out->rows.size(), 3u);
    EXPECT_EQ(result_in(out->rows[1]).call_id, "2");
    EXPECT_TRUE(result_in(out->rows[2]).is_error);
    EXPECT_EQ(journal.steps.size(), 3u);
    EXPECT_EQ(out->provider, "p");
    EXPECT_EQ(first.asked.size(), 1u);
}

TEST_F(turn_runner_test, own_tools_go_round_while_a_client_has_tools_too) {
    bring({"theirs"});
    first.script = {{.calls = {{"1", "read", ""}}}, {.calls = {{"2", "theirs", ""}}}};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->calls.size(), 1u);
    EXPECT_EQ(out->rows.size(), 3u);
    EXPECT_EQ(first.asked.size(), 2u);
}

TEST_F(turn_runner_test, the_choice_is_among_the_clients_tools) {
    using kind = tool_choice::kind;
    bring({"one", "two"}, {kind::any, "", false});
    first.script = {{.text = "a"}, {.text = "b"}, {.text = "c"}};
    ASSERT_TRUE(run());
    bring({"one", "two"}, {kind::named, "two", false});
    ASSERT_TRUE(run());
    bring({"one", "two"}, {kind::none, "", false});
    ASSERT_TRUE(run());
    EXPECT_THAT(first.offered[0], ElementsAre("one", "two"));
    EXPECT_THAT(first.offered[1], ElementsAre("one", "two"));
    EXPECT_THAT(first.offered[2], ElementsAre("read", "write", "time"));
    EXPECT_THAT(first.choices, ElementsAre(kind::any, kind::named, kind::automatic));
}

TEST_F(turn_runner_test, results_go_on_with_the_exchange_that_asked_for_them) {
    bring({"theirs"});
    history = {user_message("old"), assistant_message("yes"), user_message("go"),
                       calling_row({{"1", "read", ""}, {"2", "theirs", ""}}), tool_row("1", "mine")};
    request.asked = {tool_row("2", "theirs")};
    helper.candidates[0].model.context_window = 120;   // room for the exchange alone
    helper.candidates[0].model.max_tokens = 10;
    first.script = {{.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out) << out.error().to_string();
    ASSERT_EQ(out->rows.size(), 1u);
    ASSERT_EQ(first.asked[0].size(), 4u) << "from the question on";
    EXPECT_EQ(first.asked[0][0].text(), "go");
    EXPECT_EQ(result_in(first.asked[0][2]).text, "mine");
    EXPECT_EQ(result_in(first.asked[0][3]).text, "theirs");
}

TEST_F(turn_runner_test, results_that_are_there_already_are_enough_to_go_on) {
    bring({"theirs"});
    history = {user_message("go"), calling_row({{"1", "theirs", ""}}), tool_row("1", "given")};
    request.asked.clear();
    first.script = {{.text = "done"}};
    const auto out = run();
    ASSERT_TRUE(out) << out.error().to_string();
    ASSERT_EQ(out->rows.size(), 1u);
    EXPECT_EQ(text_of(*out), "done");
    EXPECT_EQ(result_in(first.asked[0].back()).text, "given");
}

TEST_F(turn_runner_test, a_clients_calls_that_a_crash_left_are_handed_over) {
    bring({"theirs"});
    request.done = {calling_row({{"1", "read", ""}, {"2", "theirs", ""}})};
    const auto out = run();
    ASSERT_TRUE(out);
    EXPECT_EQ(reader->runs, 1);
    ASSERT_EQ(out->calls.size(), 1u);
    EXPECT_EQ(out->calls[0].id, "2");
    EXPECT_TRUE(first.asked.empty());
}

TEST_F(turn_runner_test, counts_calls_tokens_and_tools) {
    first.script = {{.failure = error(errc::overloaded, "busy")},
                    {.calls = {{"1", "read", ""}, {"2", "no", ""}}}, {.text = "done"}};
    ASSERT_TRUE(run());
    const auto text = metrics.render();
    EXPECT_THAT(text, HasSubstr(
        R"(openclaw_provider_requests_total{api="scripted",outcome="ok"} 2)"));
    EXPECT_THAT(text, HasSubstr(
        R"(openclaw_provider_requests_total{api="scripted",outcome="overloaded"} 1)"));
    EXPECT_THAT(text, HasSubstr(
        R"(openclaw_provider_request_duration_seconds_count{api="scripted"} 3)"));
    EXPECT_THAT(text, HasSubstr("openclaw_provider_first_token_seconds_count 1"));
    EXPECT_THAT(text, HasSubstr(R"(openclaw_provider_tokens_total{direction="input"} 20)"));
    EXPECT_THAT(text, HasSubstr(R"(openclaw_tool_calls_total{outcome="ok"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(openclaw_tool_calls_total{outcome="error"} 1)"));
}

}  // namespace
}  // namespace openclaw::agents
