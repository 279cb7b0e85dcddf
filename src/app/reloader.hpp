#pragma once

#include "openclaw/agents/directory.hpp"
#include "openclaw/config/history.hpp"
#include "openclaw/config/reload.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/ingress/server.hpp"
#include "openclaw/metrics/health.hpp"
#include "app/config_watch.hpp"
#include "app/reload_parts.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace openclaw::app {

// What a gateway goes over to: whole, so that no part of it sees half of a change.
struct next_configuration {
    std::shared_ptr<const config::settings> settings;     // what is for a restart alone is as it was
    std::shared_ptr<const agents::directory> agents;      // null: they are as they were
    std::set<part> touched;
    ingress::config_notes notes;
};

// Takes up the configuration file while the gateway runs: reads and checks it, and has the parts go over
// to what can be live. A file that does not pass changes nothing. One at a time, on one strand; the file is
// read beside it. Owned by the gateway; after start(), stop() must be awaited before it is destroyed.
class reloader {
public:
    struct dependencies {
        asio::io_context& io;
        const time_source& time;
        metrics::health_board& health;
        config::locations where;
        // The environment as it is at the time: `.env` may have changed too.
        std::function<config::environment()> environment;
        // Why a gateway may not go on with these; blocks.
        std::function<result<void>(const config::settings&)> check;
        std::function<std::shared_ptr<const agents::directory>(const config::settings&)> make_agents;
        std::function<task<>(next_configuration)> apply;
        std::function<void(ingress::config_notes)> note;
    };
    // What the gateway was started with: the settings as they run, the file as it was read.
    reloader(dependencies d, config::settings running, config::load_outcome begun_with);
    ~reloader();

    // From then on the file is watched. `trial_until_ms`: when one ends that was under way at the start.
    void start(std::optional<std::int64_t> trial_until_ms);
    task<> stop();

    // Takes up the file; `who` goes into the log and the history. It is taken up also when the caller has
    // gone meanwhile. After stop() nothing is, and the report has no problem.
    task<config::reload_report> reload(std::string who);
    // The same for a signal.
    void wake(std::string who);

private:
    struct prepared;
    struct answer;
    task<> take_up(std::string who, answer told);
    task<> end_trial_at(std::int64_t until_ms);
    prepared prepare();
    void keep(const std::string& who, const config::reload_plan& plan);
    void watch_trial(const config::trial_verdict& trial);
    void refuse(const prepared& p, config::reload_report& report);
    void tell(const prepared& p, const std::string& who, const config::reload_report& report,
              milliseconds took) const;
    ingress::config_notes notes_of(const config::load_outcome& loaded, const config::settings& s) const;

    dependencies d_;
    const strand strand_;
    semaphore turn_{1};
    config::settings running_;                 // what is in effect; in turn_
    config::load_outcome taken_;               // the file that it is from; in turn_
    const config::settings begun_with_;        // the file at the start, without the flags
    std::atomic<bool> woken_ = false;          // by wake(), and not begun
    bool trial_again_ = false;                 // a look at a trial failed, and is done again
    std::int64_t trial_until_ms_ = 0;          // that somebody waits for; in turn_
    std::optional<asio::thread_pool> beside_;  // made with the first reload; in turn_
    config_watch watch_;
    task_group tasks_;
};

}  // namespace openclaw::app
