#pragma once

#include "cli/context.hpp"
#include "cli/program.hpp"
#include "cli/service_files.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The installed service, and its service manager: systemd.
namespace openclaw::cli {

inline constexpr const char* service_name = "openclaw.service";
inline constexpr const char* socket_name = "openclaw.socket";

// --user and --system of a command; neither: by who asks.
struct scope_flags {
    bool user = false, system = false;
};

struct installed_service {
    service_scope scope = service_scope::user;
    std::filesystem::path unit;
    bool has_socket = false;                    // systemd listens for it
    std::filesystem::path config, state_dir;    // that the unit gives the gateway
    std::vector<std::string> command;           // what it starts, without --check
};

// "user" or "system".
std::string_view name_of(service_scope scope);
// Of root the system, of others their own.
service_scope scope_of(const scope_flags& flags);
// Where install-daemon puts the unit files.
std::filesystem::path unit_folder(const context& x, service_scope scope);

// The service of that kind, whatever a command is about.
std::optional<installed_service> installed(const context& x, service_scope scope);
// The service that a command is about: that of the state folder which was given (flag or environment), else
// the one of the user, else the one of the machine; of root the other way round. Nothing: none is installed.
std::optional<installed_service> find_service(const context& x, const scope_flags& flags = {});
// The same, but the machine's service does not hide a gateway of one's own that runs.
std::optional<installed_service> service_in_charge(const context& x);

// What the service manager says of it.
struct service_state {
    std::string active = "unknown", sub, enabled, result;   // systemd's words
    int restarts = 0;
    int main_pid = 0;
    std::string problem;       // why nothing is known
    // It has it, or is about to.
    bool is_up() const { return active == "active" || active == "activating" || active == "reloading"; }
};
service_state ask_service(const installed_service& s);
json to_json(const installed_service& s, const service_state& now);

// systemctl [--user] words…; unavailable with what it said when it failed.
result<void> systemctl(service_scope scope, const std::vector<std::string>& words);
// One of start, stop, restart, with the socket where there is one. The error of a start has the last
// lines of the journal.
result<void> control_service(const installed_service& s, const std::string& verb);
// Whether the program of the service would start with its configuration as it is; config when not.
result<void> check_service_start(const installed_service& s);

}  // namespace openclaw::cli
