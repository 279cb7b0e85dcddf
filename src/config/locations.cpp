#include "openclaw/config/loader.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace openclaw::config {

namespace {

namespace fs = std::filesystem;

// The first that is not empty: a flag, then a variable of the environment.
std::string given(const std::string& flag, const char* variable) {
    if (!flag.empty()) return flag;
    const char* value = std::getenv(variable);
    return value == nullptr ? "" : value;
}

fs::path user_home() {
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home != '\0') return home;
    // A service without HOME still has a user.
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
        found != nullptr) {
        return found->pw_dir;
    }
    return "/";
}

// An absolute path; "~/x" is below the user's home.
fs::path resolve(const std::string& text) {
    fs::path path = text.starts_with("~/") ? user_home() / text.substr(2) : fs::path(text);
    std::error_code ec;
    const auto absolute = fs::absolute(path, ec);
    return ec ? path : absolute.lexically_normal();
}

} // namespace

locations find_locations(const std::string& config_flag, const std::string& state_flag) {
    locations where;
    const auto home = given("", "OPENCLAW_HOME");
    where.home = home.empty() ? user_home() / ".openclaw" : resolve(home);
    const auto config = given(config_flag, "OPENCLAW_CONFIG_PATH");
    where.config_file = config.empty() ? where.home / "openclaw.json" : resolve(config);
    const auto state = given(state_flag, "OPENCLAW_STATE_DIR");
    where.state_dir = state.empty() ? where.home : resolve(state);
    return where;
}

} // namespace openclaw::config
