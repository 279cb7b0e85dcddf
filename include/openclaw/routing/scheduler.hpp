#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/store/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::routing {

// What a job is chosen by; it points into the scheduler.
struct job_view {
    const std::string& id;
    const std::string& name;
    const std::string& description;
    const std::string& agent;            // empty: the default one
    std::string_view schedule, last;     // kind and status, as rows have them; `last` may be empty
    bool enabled;
    std::int64_t updated_ms;
    std::optional<std::int64_t> next_ms;
};
struct row_page {
    std::size_t offset = 0, limit = static_cast<std::size_t>(-1);
};

// Runs jobs by the clock: those that clients have added, which it keeps in the store, and those of the
// configuration. A run is a message to the router. What begins is committed first, with a name that the
// message then has too, so that an occurrence runs once however often the process ends.
//
// Owned by app; any thread may call. Its state sits on one strand. After start(), stop() must be awaited
// before it is destroyed, and before the router and the store stop.
class scheduler {
public:
    struct dependencies {
        asio::io_context& io;
        store::store& store;
        const time_source& time;
        random_source& random;
        // router::submit_own and router::wait.
        std::function<task<result<admission>>(inbound_message message)> submit;
        std::function<task<run_report>(std::string run_id, milliseconds limit)> wait;
        // The account that sends on a channel, its first for an empty one. not_found: there is none.
        std::function<result<std::string>(const std::string& channel, const std::string& account)>
            find_account;
        std::function<void(const json& payload)> tell;   // the `cron` event (protocol.md §9)
    };
    // `configured` are the elements of cron.jobs.
    scheduler(dependencies d, json configured);
    ~scheduler();

    // What is wrong with jobs of the configuration; those don't run.
    static std::vector<std::string> problems_of(const json& configured);

    void start();
    // Begins nothing any more. Runs in progress are the router's: how they ended is found out at the
    // next start.
    task<> stop();
    // Other elements of cron.jobs: those that are gone are forgotten, the others begin as they are now
    // written, and a run in progress goes on. Errors: unavailable (stopping), and those of the store, after
    // which the next start does what is left.
    task<result<void>> configure(json configured);
    // Looks at the clock now: it was put.
    void look();

    // CronJob rows (protocol.md §8). Errors of all: not_found, invalid_input, unavailable (stopping), and
    // those of the store; conflict for a change of a job of the configuration.
    task<result<json>> add(json job);
    task<result<json>> update(std::string id, json patch);
    task<result<void>> remove(std::string id);
    enum class run_when { always, if_enabled, if_due };
    // `run_id` is empty if it does not begin; why says `reason`.
    struct manual_run { std::string run_id, reason; };
    task<result<manual_run>> run(std::string id, run_when when);
    task<result<json>> get(std::string id);
    struct summary {
        std::size_t jobs = 0;
        std::optional<std::int64_t> next_ms;     // when the next job is due
    };
    task<result<summary>> status();
    struct listing {
        std::vector<json> rows;                  // of the page
        std::size_t total = 0;
        std::string revision;                    // another one after each change
    };
    // `choose` takes out what is not wanted and sorts the rest, which comes by id.
    using job_choice = std::function<void(std::vector<const job_view*>& jobs)>;
    task<result<listing>> list(job_choice choose = {}, row_page page = {});
    // CronRunLogEntry rows, the newest first; `choose` as above.
    using run_choice = std::function<void(std::vector<const json*>& runs)>;
    task<result<listing>> runs(run_choice choose = {}, row_page page = {});

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace openclaw::routing
