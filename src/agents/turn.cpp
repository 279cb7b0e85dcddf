#include "agents/turn.hpp"

#include "agents/window.hpp"
#include "openclaw/core/exception.hpp"
#include "openclaw/core/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace openclaw::agents {

// Stands between a provider and the observer of the turn for one call: notes when the first text
// came, and counts the call however it ends.
class call_watch final : public completion_observer {
public:
    call_watch(completion_observer& next, const time_source& time, turn_figures& figures,
               std::string_view api)
        : next_(next), time_(time), figures_(figures), api_(api), started_(time.steady()) {}
    ~call_watch() override { figures_.on_call(api_, outcome_, time_.steady() - started_); }
    call_watch(const call_watch&) = delete;
    call_watch& operator=(const call_watch&) = delete;

    void on_text(std::string_view delta) override {
        if (!shown_) figures_.on_first_token(time_.steady() - started_);
        shown_ = true;
        next_.on_text(delta);
    }
    void on_thinking(std::string_view delta) override { next_.on_thinking(delta); }

    void ended(std::string_view outcome) { outcome_ = outcome; }
    bool shown() const { return shown_; }

private:
    completion_observer& next_;
    const time_source& time_;
    turn_figures& figures_;
    const std::string_view api_;
    std::string_view outcome_ = name_of(errc::cancelled);  // what an exception leaves behind
    const steady_time started_;
    bool shown_ = false;
};

namespace {

std::span<const candidate> candidates_of(const turn_request& request) {
    if (request.model) return {&*request.model, 1};
    return request.agent->candidates;
}

std::vector<std::string> names_of(std::span<const candidate> candidates) {
    std::vector<std::string> names;
    for (const auto& c : candidates) names.push_back(c.ref.str());
    return names;
}

std::size_t first_user(std::span<const chat_message> rows) {
    const auto at = std::ranges::find(rows, role::user, &chat_message::role);
    return static_cast<std::size_t>(at - rows.begin());
}

std::vector<tool_call> calls_of(const chat_message& row) {
    return unanswered_calls(row, {});
}

}  // namespace

turn::turn(const turn_request& request, turn_observer& observer, turn_journal& journal, parts with)
    : request_(request), observer_(observer), journal_(journal), with_(with),
      state_(names_of(candidates_of(request))), tools_(with.tools.definitions()),
      system_(request.agent->system_prompt) {
    if (!request.extra_system.empty()) {
        if (!system_.empty()) system_ += "\n\n";
        system_ += request.extra_system;
    }
    if (request.client) offer(*request.client);
    const auto& asked = request.asked;
    if (asked.size() == 1 && asked.front().role == role::user && is_whole(request.history)) {
        before_ = request.history;
        context_.reserve(2);  // the question and its answer
        context_.push_back(asked.front());
    } else {
        // Results belong to calls, which may stand at the end of the history.
        std::vector<chat_message> all(request.history.begin(), request.history.end());
        all.insert(all.end(), asked.begin(), asked.end());
        context_ = mend_calls(all);
    }
    own_ = context_.size();
    // What goes on after a client's tools is never cut off from its question.
    const auto user = std::find_if(context_.rbegin(), context_.rend(),
                                   [](const auto& r) { return r.role == role::user; });
    if (user != context_.rend()) history_ = static_cast<std::size_t>(context_.rend() - user) - 1;
    // Nor are several messages that are answered together.
    while (history_ > request.history.size() && context_[history_ - 1].role == role::user) --history_;
    context_.insert(context_.end(), request.done.begin(), request.done.end());
}

void turn::offer(const client_tools& theirs) {
    using kind = tool_choice::kind;
    if (theirs.choice.what == kind::none) return;
    choice_ = theirs.choice;
    if (choice_.what == kind::automatic) offered_.assign(tools_.begin(), tools_.end());
    offered_.insert(offered_.end(), theirs.offered.begin(), theirs.offered.end());
    tools_ = offered_;
}

std::vector<tool_call> turn::without_clients(std::vector<tool_call> calls) const {
    const auto* theirs = request_.client.get();
    if (theirs != nullptr) std::erase_if(calls, [&](const auto& c) { return theirs->has(c.name); });
    return calls;
}

// Those of the last answer of this turn; each call of the agent's own tools has its result.
std::vector<tool_call> turn::calls_for_client() const {
    if (!request_.client) return {};
    const auto rows = own_rows();
    const auto at = std::find_if(rows.rbegin(), rows.rend(),
                                 [](const auto& r) { return r.role == role::assistant; });
    if (at == rows.rend()) return {};
    return unanswered_calls(*at, rows.last(static_cast<std::size_t>(at - rows.rbegin())));
}

// Exceptions end here: a cancellation becomes the error of that name, and a bug becomes `internal`
// at once. Let through, it would leave the caller's deadline to run until its end.
task<result<turn_outcome>> turn::run() {
    std::exception_ptr failure;
    try {
        co_return co_await loop();
    } catch (...) {
        failure = std::current_exception();
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_return error(errc::cancelled, "the turn was stopped");
    }
    log::error("agents", "a turn threw",
               {{"session", request_.session}, {"error", describe(failure)}});
    co_return error(errc::internal, "the turn failed unexpectedly", "Please report this.");
}

task<result<turn_outcome>> turn::loop() {
    if (auto done = co_await finish_interrupted(); !done) co_return done.error();
    const auto limit = std::max<std::uint32_t>(request_.agent->max_steps, 1);
    while (true) {
        const auto& last = context_.back();
        if (last.role == role::assistant && !last.has_tool_calls()) {
            co_return outcome(last.stop_reason.empty() ? "stop" : last.stop_reason);
        }
        if (auto calls = calls_for_client(); !calls.empty()) {
            auto out = outcome("toolUse");
            out.calls = std::move(calls);
            co_return out;
        }
        if (steps_done() >= limit) co_return stopped_by_steps();
        auto row = co_await ask();
        if (!row) co_return row.error();
        auto calls = without_clients(calls_of(*row));
        if (calls.empty()) {
            context_.push_back(std::move(*row));
            continue;
        }
        if (auto kept = co_await keep(std::move(*row)); !kept) co_return kept.error();
        if (auto ran = co_await run_tools(std::move(calls)); !ran) co_return ran.error();
        // What comes when the model is asked no more has a turn of its own.
        if (steps_done() >= limit) continue;
        if (auto heard = co_await hear(); !heard) co_return heard.error();
    }
}

// After a crash: the calls of the last row may lack results. Whether they ran nobody knows, so only
// those run that may run twice; of the others the model hears that their outcome is unknown.
task<result<void>> turn::finish_interrupted() {
    const auto rows = own_rows();
    const auto at = std::find_if(rows.rbegin(), rows.rend(),
                                 [](const auto& r) { return r.role == role::assistant; });
    if (at == rows.rend()) co_return result<void>{};
    const auto after = static_cast<std::size_t>(at - rows.rbegin());
    const auto missing = without_clients(unanswered_calls(*at, rows.last(after)));
    for (const auto& call : missing) {
        const auto* tool = with_.tools.find(call.name);
        if (tool == nullptr || tool->repeatable()) {
            std::vector<tool_call> again{call};
            if (auto ran = co_await run_tools(std::move(again)); !ran) co_return ran.error();
        } else if (auto kept = co_await keep(unknown_outcome(call)); !kept) {
            co_return kept.error();
        }
    }
    co_return result<void>{};
}

// One answer of a model, with the retries and fallbacks that turn_state allows.
task<result<chat_message>> turn::ask() {
    while (true) {
        call_watch watch(observer_, with_.time, with_.figures, current().provider->api());
        auto answer = co_await call_model(watch);
        if (answer) {
            watch.ended("ok");
            with_.figures.on_tokens(answer->message.usage);
            state_.on_answer();
            complete(answer->message);
            stop_sequence_ = std::move(answer->stop_sequence);
            co_return std::move(answer->message);
        }
        const auto& failure = answer.error();
        watch.ended(name_of(failure.code));
        log::warn("agents", "a call of a model failed",
                  {{"session", request_.session}, {"model", current().ref.str()},
                   {"class", name_of(failure.code)}, {"error", failure.message}});
        const auto next = state_.on_error(failure, watch.shown(), with_.random);
        if (next.next == turn_state::step::give_up) co_return next.why;
        if (next.wait.count() > 0) {
            asio::steady_timer timer(co_await asio::this_coro::executor, next.wait);
            co_await timer.async_wait(asio::use_awaitable);
        }
    }
}

task<result<completion>> turn::call_model(call_watch& watch) {
    const auto& chosen = current();
    completion_request request;
    request.model = chosen.ref.model;
    request.system = system_;
    request.tools = tools_;
    request.choice = choice_;
    request.sampling = request_.sampling;
    // What the model cannot give is not asked for, and would only drive the history out.
    request.max_tokens = std::min<std::int64_t>(
        request_.sampling.max_tokens.value_or(chosen.model.max_tokens), chosen.model.max_tokens);
    request.messages = fitting(chosen.model, request.max_tokens);
    co_return co_await chosen.provider->complete(request, watch);
}

task<result<void>> turn::run_tools(std::vector<tool_call> calls) {
    for (const auto& call : calls) {
        auto answer = co_await run_tool(call);
        chat_message row;
        row.role = role::tool;
        row.parts.push_back(std::move(answer));
        if (auto kept = co_await keep(std::move(row)); !kept) co_return kept.error();
    }
    co_return result<void>{};
}

task<tool_result> turn::run_tool(const tool_call& call) {
    const tools::tool_context context{request_.agent->id, request_.session, request_.run_id,
                                      request_.who};
    observer_.on_tool_started(call);
    auto answer = co_await tools::run_call(with_.tools, call, context);
    with_.figures.on_tool(answer.is_error);
    observer_.on_tool_ended(call, answer);
    co_return answer;
}

// A step counts once the journal has it.
task<result<void>> turn::keep(chat_message row) {
    if (row.role == role::tool) complete(row);
    context_.push_back(std::move(row));
    co_return co_await journal_.on_step(context_.back());
}

task<result<void>> turn::hear() {
    auto words = co_await journal_.take_words();
    if (!words) co_return words.error();
    for (auto& row : *words) context_.push_back(std::move(row));
    co_return result<void>();
}

void turn::complete(chat_message& row) const {
    row.timestamp_ms = with_.time.unix_ms();
    row.run_id = request_.run_id;
    if (row.role != role::assistant) return;
    row.provider = current().ref.provider_name;
    row.model = current().ref.model;
}

// Known without a look at each row, as it is in most conversations.
bool turn::fits_whole(const window_budget& budget) const {
    if (before_.empty() || request_.history_tokens == 0) return false;
    auto sum = request_.history_tokens + budget.max_tokens + budget.fixed;
    for (const auto& row : context_) sum += estimate_tokens(row);
    return sum <= budget.context_window;
}

conversation turn::fitting(const config::model_settings& model, std::int64_t max_tokens) const {
    const std::span<const chat_message> all(context_);
    const auto past = before_.empty() ? all.first(history_) : before_;
    const auto rest = all.subspan(history_);
    const window_budget budget{
        .context_window = model.context_window / state_.window_divisor(),
        .max_tokens = max_tokens,
        .fixed = estimate_tokens(std::string_view(system_)) + estimate_tokens(tools_)};
    return {past.subspan(fits_whole(budget) ? first_user(past) : fit_window(past, rest, budget)), rest};
}

// The rows after those that were asked.
std::span<const chat_message> turn::own_rows() const {
    return std::span<const chat_message>(context_).subspan(own_);
}

std::uint32_t turn::steps_done() const {
    const auto rows = own_rows();
    return static_cast<std::uint32_t>(
        std::ranges::count_if(rows, [](const auto& r) { return r.role == role::assistant; }));
}

const candidate& turn::current() const {
    return candidates_of(request_)[state_.candidate()];
}

turn_outcome turn::outcome(std::string stop_reason) {
    turn_outcome out;
    out.rows.assign(std::make_move_iterator(context_.begin() + static_cast<std::ptrdiff_t>(own_)),
                    std::make_move_iterator(context_.end()));
    for (const auto& row : out.rows) {
        out.usage += row.usage;
        if (row.role != role::assistant) continue;
        out.provider = row.provider;
        out.model = row.model;
    }
    // Only what the client asked for: some services have words of their own here.
    const auto& asked = request_.sampling.stop;
    if (stop_reason == "stop" && std::ranges::find(asked, stop_sequence_) != asked.end()) {
        out.stop_sequence = std::move(stop_sequence_);
    }
    out.stop_reason = std::move(stop_reason);
    return out;
}

// The user gets words, not silence, and the transcript an answer to go on from.
turn_outcome turn::stopped_by_steps() {
    auto row = assistant_message("I stopped after " + std::to_string(steps_done()) +
                                 " steps without coming to an end. Say \"continue\" and I go on.");
    row.stop_reason = "length";
    complete(row);
    observer_.on_text(row.text());
    context_.push_back(std::move(row));
    return outcome("steps");
}

}  // namespace openclaw::agents
