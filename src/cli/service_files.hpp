#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// The files that make the gateway a service. Pure text; none of them holds a secret.
namespace openclaw::cli {

enum class service_scope { user, system };

// The system service has places of its own.
inline constexpr const char* system_config = "/etc/openclaw/openclaw.json";
inline constexpr const char* system_state = "/var/lib/openclaw";

struct service_paths {
    std::string program;     // absolute
    std::string config = system_config;
    std::string state_dir = system_state;
    std::string home;        // OPENCLAW_HOME, where it is set; of a user's service
};

// openclaw.service. packaging/systemd/openclaw.service is that of the system with /usr/bin/openclaw.
std::string systemd_service(service_scope scope, const service_paths& p);
// openclaw.socket: systemd listens at `address` ("127.0.0.1:18789") and keeps what comes while the gateway
// is restarted.
std::string systemd_socket(const std::string& address);
// The user of the system service, for systemd-sysusers.
std::string systemd_sysusers();
// ai.openclaw.gateway.plist, an agent of a user.
std::string launchd_plist(const service_paths& p);

// What a unit starts: the words of its ExecStart=, without systemd's escapes; none when it has none.
std::vector<std::string> exec_start(std::string_view unit);
// The word after `flag`; empty when it is not there.
std::string word_after(const std::vector<std::string>& words, std::string_view flag);

}  // namespace openclaw::cli
