#pragma once

#include "openclaw/config/loader.hpp"

#include <string>
#include <string_view>
#include <vector>

// What a changed file means for a gateway that runs.
namespace openclaw::config {

std::string_view name_of(reload_class r);

// The class of the setting at a path as a file has it, "agents.list[0].model"; `live` where the table has
// none, because somebody else reads what is below.
reload_class reload_class_of(std::string_view path);

// Whether two secrets are the same, in a time that depends on neither.
bool same_secret(const secret& a, const secret& b);

// `next`, but with each setting of class restart as `running` has it: what a gateway goes over to.
settings until_restart(settings next, const settings& running);
// The settings of class restart that are not what the gateway was started with, by path.
std::vector<std::string> waiting_for_restart(const settings& now, const settings& started_with);

// What becomes of each changed setting.
struct reload_plan {
    std::vector<std::string> live;      // holds from now on
    std::vector<std::string> restart;   // waits for the next start
    std::vector<std::string> idle;      // read and checked, but this version does not act on it
    bool empty() const { return live.empty() && restart.empty() && idle.empty(); }
};
reload_plan plan_of(const std::vector<changed_setting>& changes);

// Keeps a copy of a text that passed, for a start on one that does not. That it cannot be kept is no reason
// not to go on.
void keep_last_good(const locations& where, const std::string& text);

// How a reload ended.
struct reload_report {
    bool in_effect = false;             // the file passes; what can be live is
    reload_plan plan;                   // of what changed since the last time
    std::vector<std::string> pending;   // all that waits for the next start
    std::vector<std::string> problems;  // why the file is not in effect, each with path and place
};

}  // namespace openclaw::config
