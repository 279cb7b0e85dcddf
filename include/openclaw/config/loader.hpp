#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::config {

enum class severity { notice, warning, error };

// One finding about a configuration file.
struct issue {
    openclaw::config::severity severity = severity::error;
    std::string path;     // "gateway.network.port"; empty: the file as a whole
    int line = 0;         // from 1; 0: no place in the text
    int column = 0;       // from 1, in characters
    std::string message;  // what was found and what is allowed
    std::string hint;     // the nearest valid key, the command that helps, …
};

// "file:line:column: path: message. hint" with the parts that there are.
std::string to_string(const issue& i, std::string_view file);

struct json5_value;

struct load_outcome {
    config::settings settings;      // usable only when ok()
    std::vector<issue> issues;      // all of them, in the order of the file
    std::string raw;                // the text that was read
    std::string hash;               // SHA-256 of the text, hex
    // The values of the text with variables expanded, for get_value and diff; null: no JSON5.
    std::shared_ptr<const json5_value> tree;
    bool ok() const;                // no issue is an error
};

// Looks up an environment variable; nullopt when unset.
using environment = std::function<std::optional<std::string>(const std::string&)>;
// The process's environment with the variables of `dotenv` below it (KEY=VALUE lines).
environment process_environment(const std::filesystem::path& dotenv);

// Parses, expands ${VAR}, and checks a whole text. Never throws.
load_outcome load_text(std::string_view text, const environment& env);
// The same for a file, with its permissions checked. io or not_found when it cannot be read.
result<load_outcome> load_file(const std::filesystem::path& file, const environment& env);

// Where everything lives: --config, --state-dir, OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR,
// OPENCLAW_HOME, else ~/.openclaw.
struct locations {
    std::filesystem::path home;         // ~/.openclaw
    std::filesystem::path config_file;
    std::filesystem::path state_dir;
    std::filesystem::path socket() const { return state_dir / "gateway.sock"; }
    std::filesystem::path last_good() const { return state_dir / "last-good.json5"; }
};
locations find_locations(const std::string& config_flag, const std::string& state_flag);

// What a gateway starts on.
struct startup_config {
    load_outcome outcome;           // of the text that is in effect
    bool degraded = false;          // the file did not pass; the last good one is in effect
    std::vector<issue> rejected;    // the errors of the file that did not pass
    bool created = false;           // a first file was written
};
// Writes a first file with a generated token (mode 0600) when there is none; falls back to the
// last good one when the file does not pass, and keeps a copy of one that does.
// Error `config` when neither passes: the process exits with 78.
result<startup_config> load_for_start(const locations& where, const environment& env);

// When a changed setting takes effect: at once, when its module starts anew, or with the process.
enum class reload_class { live, module, restart };

struct changed_setting {
    std::string path;
    reload_class reload = reload_class::live;
};
// The settings that differ between two texts, as far as they are written there.
std::vector<changed_setting> diff(const load_outcome& before, const load_outcome& after);

// Settings that are read but not acted on in this version and that `text` sets: "path: why", in the
// order of the text.
std::vector<std::string> not_in_effect(const settings& s, std::string_view text);

}  // namespace openclaw::config
