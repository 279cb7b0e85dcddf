#include "app/last_exit.hpp"

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"

#include <fstream>

namespace openclaw::app {

namespace fs = std::filesystem;

void note_exit(const fs::path& state_dir, int code, std::string_view reason) {
    std::error_code failure;
    if (!fs::is_directory(state_dir, failure)) return;
    const auto fresh = state_dir / "last-exit.json.new";
    std::ofstream out(fresh, std::ios::trunc);
    out << dump(json{{"code", code}, {"reason", reason}, {"atMs", system_time().unix_ms()}}) << '\n';
    out.close();
    if (out) fs::rename(fresh, state_dir / "last-exit.json", failure);
    else fs::remove(fresh, failure);
}

void note_forced_exit(const fs::path& state_dir, std::string_view reason) {
    note_exit(state_dir, 1, reason);
    std::error_code ignored;
    // One that is left behind means an end that noted nothing.
    fs::remove(state_dir / "gateway.pid", ignored);
}

void note_refused_start(const fs::path& state_dir, int code, const error& why) {
    std::error_code failure;
    if (fs::exists(state_dir / "gateway.pid", failure)) return;
    note_exit(state_dir, code, why.message);
}

void note_sudden_end(const fs::path& state_dir) {
    std::error_code failure;
    if (!fs::exists(state_dir / "gateway.pid", failure)) return;
    note_exit(state_dir, -1, "killed or crashed");
}

}  // namespace openclaw::app
