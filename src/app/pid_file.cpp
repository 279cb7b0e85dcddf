#include "app/pid_file.hpp"

#include "openclaw/core/log.hpp"
#include "openclaw/core/version.hpp"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace openclaw::app {

result<pid_file> pid_file::write(const std::filesystem::path& state_dir, std::int64_t started_ms,
                                 const std::string& address) {
    const auto path = state_dir / "gateway.pid";
    json record{{"pid", getpid()}, {"startedMs", started_ms}, {"address", address}, {"version", version()}};
    if (auto written = put(path, record); !written) return written.error();
    return pid_file(path, std::move(record));
}

result<void> pid_file::put(const std::filesystem::path& path, const json& record) {
    const auto fresh = path.string() + ".new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << dump(record) << '\n';
        if (!out.flush()) return from_errno(errno, "cannot write " + fresh);
    }
    std::error_code failure;
    std::filesystem::rename(fresh, path, failure);
    if (failure) return from_errno(failure.value(), "cannot write " + path.string());
    return {};
}

void pid_file::note_refusal(const std::string& why, std::int64_t at_ms) {
    record_["refusal"] = why;
    record_["refusedMs"] = at_ms;
    if (auto written = put(path_, record_); !written) log::warn("app", written.error().message);
}

pid_file::~pid_file() {
    if (path_.empty()) return;
    // The store is closed by now, so another gateway may have the folder and its own file there.
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    const auto written = parse_json(text.str());
    if (!written || find_int(*written, "pid") != getpid()) return;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace openclaw::app
