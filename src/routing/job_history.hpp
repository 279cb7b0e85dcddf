#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/store/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace openclaw::routing {

// How the last runs went: CronRunLogEntry rows (protocol.md §8), each with a number that is its id in the
// store. Pure; whoever calls writes what changes.
class job_history {
public:
    static constexpr std::size_t per_job = 50, in_all = 2'000;
    static constexpr const char* kind = "cron_run";

    // Takes what is stored; what could not be read or is too much, to be removed there.
    std::vector<store::record> load(const std::vector<store::record>& rows);

    struct change {
        std::vector<store::record> put, drop;
    };
    // Adds a row, and puts into `out` what that changes in the store.
    void add(json entry, change& out);
    // The rows that add() put into `c` could not be written. What had to go for them stays gone.
    void take_back(const change& c);
    // All rows of a job.
    void forget(const std::string& job, change& out);

    // Whether a run of that name has ended.
    bool has(const std::string& run) const;
    // The newest first; until the next change.
    std::vector<const json*> list() const;

private:
    void trim(const std::string& job, std::vector<store::record>& drop);

    std::map<std::int64_t, json> rows_;
    std::map<std::string, std::size_t> count_;   // of each job's rows
};

}  // namespace openclaw::routing
