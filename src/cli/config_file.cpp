#include "cli/config_file.hpp"

#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "openclaw/config/history.hpp"
#include "openclaw/config/reload.hpp"
#include "openclaw/core/clock.hpp"

#include <ostream>

namespace openclaw::cli {

bool is_running(context& x) {
    const auto running = find_gateway(x.where().state_dir);
    return running && *running;
}

std::string when_applied(context& x, const std::optional<std::string>& path) {
    if (!is_running(x)) return "It applies when the gateway starts.";
    if (!path) return "The running gateway takes it up; `openclaw status` names what waits for a restart.";
    if (config::reload_class_of(*path) != config::reload_class::restart) {
        return "The running gateway takes it up by itself.";
    }
    return "Restart the gateway to apply it: openclaw gateway restart.";
}

void print_config_news(context& x) {
    const auto status = call_gateway(x, "status", json::object());
    if (!status) return;
    const auto print = [&](const char* member, std::string_view before) {
        const auto* list = find(*status, member);
        if (list == nullptr || !list->is_array()) return;
        for (const auto& line : *list) {
            if (line.is_string()) x.io.out << before << one_line(line.get<std::string>()) << '\n';
        }
    };
    print("configIssues", "config   ");
    print("restartNeeded", "restart  needed for ");
}

result<std::string> config_text(const config::locations& where) {
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    auto loaded = config::load_file(where.config_file, nothing);
    if (!loaded) return loaded.error();
    return std::move(loaded->raw);
}

void keep_text(const config::locations& where, const std::string& text, const std::string& who) {
    (void)config::keep_version(where.state_dir, {0, system_time().unix_ms(), who, {}, {}, text});
}

}  // namespace openclaw::cli
