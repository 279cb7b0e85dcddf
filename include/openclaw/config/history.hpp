#pragma once

#include "openclaw/config/loader.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The texts that a configuration file had, and a change that is on trial. Both lie in the state folder, for
// their owner alone: they hold what the file holds. Everything here reads or writes files and blocks.
namespace openclaw::config {

struct kept_version {
    int number = 0;                     // from 1, in the order of time
    std::int64_t time_ms = 0;           // Unix time when it was first seen
    std::string who;                    // and what brought it
    std::vector<std::string> changed;   // paths, against the one before it
    std::string hash, text;
};

inline constexpr std::size_t most_versions = 50;

// The newest first; a file of them that cannot be read is left out. Errors: io.
result<std::vector<kept_version>> read_versions(const std::filesystem::path& state_dir);
// not_found names those that there are.
result<kept_version> find_version(const std::filesystem::path& state_dir, int number);
// Keeps a text, unless it is the newest already; of too many the oldest go. Number and hash are found
// here, and what changed if that is not said. Errors: io.
result<void> keep_version(const std::filesystem::path& state_dir, kept_version v);

// A text that is in effect until a time and has to be confirmed by then.
struct trial {
    std::int64_t until_ms = 0;   // Unix time
    std::string hash;            // of the text on trial
    std::string before;          // the text that comes back without a confirmation
};
// Written before the file is, so that no moment is without a way back. Errors: io.
result<void> begin_trial(const std::filesystem::path& state_dir, const trial& t);
result<std::optional<trial>> read_trial(const std::filesystem::path& state_dir);
// not_found: none is under way.
result<void> end_trial(const std::filesystem::path& state_dir);

enum class trial_state {
    none,          // nothing is on trial
    waits,         // there is time left
    rolled_back,   // the time was over: the text from before is in the file again
    overtaken,     // somebody has changed the file since, which ends the trial
};
struct trial_verdict {
    trial_state state = trial_state::none;
    std::int64_t until_ms = 0;   // while it waits
};
// Ends a trial whose time is over. Errors: io, and then it stays under way.
result<trial_verdict> settle_trial(const locations& where, std::int64_t now_ms);

}  // namespace openclaw::config
