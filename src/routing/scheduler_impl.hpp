#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/routing/scheduler.hpp"
#include "routing/job_history.hpp"
#include "routing/job_spec.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <map>
#include <set>

namespace openclaw::routing {

struct configured_job {
    std::string id;
    job_spec spec;
};
struct configured_jobs {
    std::vector<configured_job> jobs;
    std::vector<std::string> problems;
};
// The elements of cron.jobs.
configured_jobs read_configured(const json& list);

planned_job planned_from(const std::string& id, const job_spec& spec);

struct job_entry {
    job_spec spec;
    std::int64_t created_ms = 0, updated_ms = 0;
    bool configured = false;
    std::string key{};   // the one that it was added with: added again, it is the same job
};
// What a step changes besides what the planner decides.
struct addition {
    std::string id{};
    std::optional<job_entry> entry{};   // of the job `id`
    std::vector<json> ended{};          // rows for the history
    bool forgets = false;               // the history of the job `id`
};

// The state behind a scheduler, on its strand. Whatever changes it is a step, and steps are taken one after
// the other: the planner decides, its decision is committed, then it is carried out.
class scheduler::impl : public std::enable_shared_from_this<impl> {
public:
    impl(dependencies d, json configured);

    void start();
    task<> stop();
    void look();
    task<result<void>> configure(json configured);

    task<result<json>> add(json job);
    task<result<json>> update(std::string id, json patch);
    task<result<void>> remove(std::string id);
    task<result<manual_run>> run(std::string id, run_when when);
    task<result<json>> get(std::string id);
    task<result<summary>> status();
    task<result<listing>> list(job_choice choose, row_page page);
    task<result<listing>> runs(run_choice choose, row_page page);

    // Runs `work` on the strand, in the scheduler's own group: a caller that goes away must not leave a
    // step behind that was taken by half.
    template <class T>
    task<result<T>> on_strand(task<result<T>> work) {
        if (stopping_) co_return stopping();
        auto told = std::make_shared<promise<result<T>>>();
        auto call = answer(std::move(work), answer_guard<T>{told});
        tasks_.spawn(strand_, "cron call", std::move(call));
        co_return co_await told->get();
    }

private:
    // Tells its caller that the scheduler stops, unless he has heard something else.
    template <class T>
    struct answer_guard {
        explicit answer_guard(std::shared_ptr<promise<result<T>>> p) : told(std::move(p)) {}
        answer_guard(answer_guard&&) noexcept = default;
        answer_guard& operator=(answer_guard&&) = delete;
        ~answer_guard() {
            if (told) told->set(stopping());
        }
        std::shared_ptr<promise<result<T>>> told;
    };
    template <class T>
    static task<> answer(task<result<T>> work, answer_guard<T> guard) {
        guard.told->set(co_await std::move(work));
    }
    static error stopping();

    task<> drive();
    task<bool> load();
    task<result<void>> take_all(const configured_jobs& configured, std::size_t& taken);
    std::optional<planned_job> take_row(const store::record& row);
    task<result<void>> take_stored(const configured_jobs& configured);
    task<result<void>> take_configured(const configured_job& job);
    task<bool> pause(milliseconds time);
    task<result<void>> step(job_event what, addition more);
    task<result<void>> step(job_event what) { return step(std::move(what), addition()); }
    void collect(const job_plan& plan, addition& more, job_history::change& out);
    store::record record_of(const std::string& id, const job_entry& e) const;
    void carry_out(const job_plan& plan);
    task<> attend(std::string id, job_spec spec, running_job run, std::string name, bool resumed);
    task<result<run_report>> follow(std::string id, const job_spec& spec, const std::string& name,
                                    bool resumed);
    task<result<run_report>> look_up(const std::string& name, milliseconds limit);
    void begin(const std::string& id, const running_job& run, bool resumed);
    // The turn, for what a client asks.
    task<result<semaphore::ticket>> client_turn();
    result<job_entry> changeable(const std::string& id) const;
    result<void> check_channel(const job_spec& spec) const;
    std::vector<job_view> views() const;
    json row_of(const std::string& id) const;
    void tell(const std::string& id, std::string_view action, json more, bool with_job = false);

    static constexpr const char* job_kind = "cron_job";
    static constexpr milliseconds retry_pause{30'000};   // after the store refused

    dependencies d_;
    json configured_;
    bool configured_anew_ = false;   // while the jobs were not loaded yet
    strand strand_;
    asio::steady_timer alarm_;
    semaphore turn_{1};
    std::atomic<bool> stopping_ = false;
    bool loaded_ = false;
    job_planner planner_;
    std::map<std::string, job_entry> jobs_;   // those of the planner
    std::set<std::string> unread_;            // rows of the store that are no jobs any more
    job_history history_;
    std::optional<std::int64_t> wake_ms_;
    std::uint64_t changes_ = 0;
    task_group tasks_;
};

}  // namespace openclaw::routing
