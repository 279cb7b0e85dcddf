#pragma once

#include "channels/outbox_plan.hpp"
#include "openclaw/channels/channel.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/metrics/registry.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace openclaw::channels {

// Works off the stored replies of one account: in order per peer, several peers at once, until
// each is sent, failed or of unknown outcome. Sleeps until somebody calls or a retry is due.
// Owned by the account; its coroutines run on the manager's strand and belong to its task group.
class outbox {
public:
    static constexpr std::size_t max_senders = 16;        // peers served at the same time
    static constexpr std::size_t first_page = 256;        // rows looked at
    static constexpr std::size_t largest_page = 16'384;   // when many rows wait behind retries
    static constexpr std::chrono::seconds send_deadline{30};

    struct dependencies {
        executor ex;                     // the manager's strand
        task_group& tasks;
        channel& link;
        store::store& store;
        const time_source& time;
        random_source& random;
        metrics::registry& metrics;
        std::function<void()> on_sent;   // on the strand
        when_unknown unknown = when_unknown::record;   // as configured
    };
    explicit outbox(dependencies d);

    // Ends after stop() once no reply is on its way, or when it is cancelled.
    task<> run();
    // Any thread.
    void wake() { gate_.open(); }
    // Any thread. Begins nothing new.
    void stop();
    // After run() has ended: it may be run again.
    void reopen() { stopping_ = false; }
    // One attempt with its deadline; on the strand.
    task<send_outcome> attempt(store::delivery d);

private:
    when_unknown policy() const;
    task<std::optional<std::int64_t>> begin_due();
    task<> send_batch(std::vector<store::delivery> batch);
    task<std::optional<send_outcome>> attempt_once(const store::delivery& d);
    task<result<void>> record(const store::delivery& d, const attempt_end& end);
    task<> pause(unsigned failures);
    metrics::counter outcome_counter(const std::string& outcome) const;

    dependencies d_;
    std::set<std::string> busy_;         // peers with a sender
    std::size_t page_ = first_page;
    unsigned read_failures_ = 0;
    std::atomic<bool> stopping_ = false;
    gate gate_;
};

}  // namespace openclaw::channels
