#include "app/reloader.hpp"

#include "openclaw/config/foreseen.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/routing/scheduler.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::app {

namespace {

constexpr std::size_t most_listed = 20;
constexpr std::int64_t trial_pause_ms = 5'000;   // until a way back that failed is tried again

std::string listed(const std::vector<std::string>& paths) {
    std::string text;
    for (std::size_t i = 0; i < std::min(paths.size(), most_listed); ++i) {
        text += (i == 0 ? "" : ", ") + paths[i];
    }
    const auto more = paths.size() - std::min(paths.size(), most_listed);
    return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

std::vector<std::string> all_of(const config::reload_plan& plan) {
    auto paths = plan.live;
    for (const auto* more : {&plan.restart, &plan.idle}) {
        paths.insert(paths.end(), more->begin(), more->end());
    }
    return paths;
}

}  // namespace

// What the thread beside found out.
struct reloader::prepared {
    config::load_outcome loaded;
    std::vector<std::string> problems;   // not empty: nothing else counts
    config::reload_plan plan;
    std::vector<std::string> warnings;   // what the next start would say
    next_configuration next;
    config::trial_verdict trial;
    std::string trial_trouble;
};

// Tells its caller also when the work was never begun.
struct reloader::answer {
    explicit answer(std::shared_ptr<promise<config::reload_report>> p) : told(std::move(p)) {}
    answer(answer&&) noexcept = default;
    answer& operator=(answer&&) = delete;
    ~answer() {
        if (told) told->set({});
    }
    std::shared_ptr<promise<config::reload_report>> told;
};

reloader::reloader(dependencies d, config::settings running, config::load_outcome begun_with)
    : d_(std::move(d))
    , strand_(asio::make_strand(d_.io))
    , running_(std::move(running))
    , taken_(std::move(begun_with))
    , begun_with_(config::load_text(taken_.raw, d_.environment()).settings)
    , watch_(d_.io, [this]() -> task<> { co_await reload("the file was changed"); }) {}

reloader::~reloader() {
    if (beside_) beside_->join();
}

void reloader::start(std::optional<std::int64_t> trial_until_ms) {
    for (const auto& file : {d_.where.config_file, d_.where.home / ".env"}) {
        const auto problem = watch_.add(file);
        if (problem.empty() || file != d_.where.config_file) continue;
        log::warn("config", "changes of the file are not seen by themselves; SIGHUP has it read",
                  {{"reason", problem}});
    }
    watch_.start();
    if (trial_until_ms) watch_trial({config::trial_state::waits, *trial_until_ms});
}

task<> reloader::stop() {
    co_await watch_.stop();
    tasks_.stop();
    co_await tasks_.join();
}

task<config::reload_report> reloader::reload(std::string who) {
    auto told = std::make_shared<promise<config::reload_report>>();
    auto work = take_up(std::move(who), answer(told));
    tasks_.spawn(strand_, "reload", std::move(work));
    co_return co_await told->get();
}

void reloader::wake(std::string who) {
    if (woken_.exchange(true)) return;   // one that has not begun yet sees it all
    auto work = take_up(std::move(who), answer(nullptr));
    tasks_.spawn(strand_, "reload", std::move(work));
}

// In the turn, on the thread beside.
reloader::prepared reloader::prepare() {
    prepared p;
    auto trial = config::settle_trial(d_.where, d_.time.unix_ms());
    if (trial) p.trial = *trial;
    else p.trial_trouble = trial.error().to_string();
    const auto file = d_.where.config_file.string();
    auto loaded = config::load_file(d_.where.config_file, d_.environment());
    if (!loaded) {
        p.problems.push_back(loaded.error().to_string());
        return p;
    }
    p.loaded = std::move(*loaded);
    for (const auto& i : p.loaded.issues) {
        if (i.severity == config::severity::error) p.problems.push_back(config::to_string(i, file));
    }
    if (!p.problems.empty()) return p;
    auto next = std::make_shared<config::settings>(config::until_restart(p.loaded.settings, running_));
    // One way in does not go without the other.
    auto& auth = next->gateway.auth;
    if (p.loaded.settings.gateway.auth.type != auth.type) auth = running_.gateway.auth;
    if (auto fit = d_.check(*next); !fit) {
        p.problems.push_back(fit.error().to_string());
        return p;
    }
    p.plan = config::plan_of(config::diff(taken_, p.loaded));
    p.next.touched = parts_of(p.plan.live);
    if (p.next.touched.contains(part::agents)) p.next.agents = d_.make_agents(*next);
    p.next.notes = notes_of(p.loaded, *next);
    p.next.settings = std::move(next);
    for (const auto& i : config::foreseen(p.loaded)) p.warnings.push_back(config::to_string(i, file));
    return p;
}

ingress::config_notes reloader::notes_of(const config::load_outcome& loaded,
                                         const config::settings& s) const {
    ingress::config_notes notes;
    notes.not_in_effect = config::not_in_effect(s, loaded.raw);
    notes.needs_restart = config::waiting_for_restart(loaded.settings, begun_with_);
    notes.issues = routing::scheduler::problems_of(s.cron.value("jobs", json::array()));
    return notes;
}

task<> reloader::take_up(std::string who, answer told) {
    const auto turn = co_await turn_.acquire();
    woken_ = false;
    if (!turn) co_return;
    const auto begun = d_.time.steady();
    if (!beside_) beside_.emplace(1);
    const auto done = std::make_shared<promise<std::shared_ptr<prepared>>>();
    asio::post(*beside_, [this, done] { done->set(std::make_shared<prepared>(prepare())); });
    const auto p = co_await done->get();
    config::reload_report report;
    if (!p->problems.empty()) {
        refuse(*p, report);
    } else {
        report.in_effect = true;
        report.plan = p->plan;
        report.pending = p->next.notes.needs_restart;
        running_ = *p->next.settings;
        taken_ = std::move(p->loaded);
        auto next = std::move(p->next);
        co_await d_.apply(std::move(next));
        d_.health.set("gateway", metrics::health::healthy);
        keep(who, report.plan);
    }
    watch_trial(p->trial);
    if (!p->trial_trouble.empty() && !std::exchange(trial_again_, true)) {
        tasks_.spawn(strand_, "trial", end_trial_at(d_.time.unix_ms() + trial_pause_ms));
    }
    tell(*p, who, report, std::chrono::duration_cast<milliseconds>(d_.time.steady() - begun));
    if (told.told) told.told->set(std::move(report));
}

// Nobody waits for it: what holds holds without it.
void reloader::keep(const std::string& who, const config::reload_plan& plan) {
    config::kept_version v{0, d_.time.unix_ms(), who, all_of(plan), {}, taken_.raw};
    asio::post(*beside_, [where = d_.where, v = std::move(v)] {
        config::keep_last_good(where, v.text);
        (void)config::keep_version(where.state_dir, v);
    });
}

// Nothing changes but what is said.
void reloader::refuse(const prepared& p, config::reload_report& report) {
    report.problems = p.problems;
    auto notes = notes_of(taken_, running_);
    for (const auto& problem : p.problems) notes.issues.push_back(problem);
    d_.note(std::move(notes));
    d_.health.set("gateway", metrics::health::degraded,
                  "the configuration file does not pass; the gateway goes on with what it has");
}

void reloader::tell(const prepared& p, const std::string& who, const config::reload_report& report,
                    milliseconds took) const {
    if (p.trial.state == config::trial_state::rolled_back) {
        log::warn("config", "nobody confirmed the change in time; the file is again as it was before");
    }
    if (p.trial.state == config::trial_state::overtaken) {
        log::warn("config", "the file was changed since; what was on trial needs no confirmation any more");
    }
    if (!p.trial_trouble.empty()) {
        log::error("config", "the change on trial cannot be looked at", {{"error", p.trial_trouble}});
    }
    for (const auto& problem : report.problems) log::error("config", problem);
    if (!report.in_effect) {
        log::error("config", "the configuration file does not pass; the gateway goes on with what it has",
                   {{"who", who}, {"problems", report.problems.size()}});
        return;
    }
    const auto& plan = report.plan;
    if (plan.empty()) {
        log::info("config", "read again: nothing changed", {{"who", who}, {"ms", took.count()}});
        return;
    }
    log::info("config", "read again",
              {{"who", who}, {"in effect", listed(plan.live)}, {"ms", took.count()}});
    for (const auto& path : plan.idle) log::warn("config", "not in effect: " + path);
    for (const auto& path : report.pending) log::warn("config", "restart needed for " + path);
    for (const auto& warning : p.warnings) log::warn("config", warning);
}

void reloader::watch_trial(const config::trial_verdict& trial) {
    if (trial.state != config::trial_state::waits || trial.until_ms == trial_until_ms_) return;
    trial_until_ms_ = trial.until_ms;
    log::info("config", "a change is on trial: `openclaw config confirm` keeps it",
              {{"seconds left", (trial.until_ms - d_.time.unix_ms()) / 1000}});
    tasks_.spawn(strand_, "trial", end_trial_at(trial.until_ms));
}

task<> reloader::end_trial_at(std::int64_t until_ms) {
    asio::steady_timer timer(strand_);
    // The clock may be put meanwhile.
    while (d_.time.unix_ms() < until_ms) {
        timer.expires_after(std::min(milliseconds(until_ms - d_.time.unix_ms()), milliseconds(5'000)));
        boost::system::error_code stopped;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
        if (stopped) co_return;
    }
    trial_again_ = false;
    trial_until_ms_ = 0;
    wake("the end of a trial");
}

}  // namespace openclaw::app
