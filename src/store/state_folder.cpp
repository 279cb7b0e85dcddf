#include "store/state_folder.hpp"

#include "openclaw/core/log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace openclaw::store {

namespace fs = std::filesystem;

namespace {

constexpr const char* lock_name = "gateway.lock";
constexpr mode_t others = S_IRWXG | S_IRWXO;

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

// Whether the folder is the gateway's to restrict. `--state-dir /tmp` by mistake must not lock
// everybody else out of /tmp.
bool is_ours(const fs::path& dir) {
    std::error_code ec;
    return fs::is_empty(dir, ec) || fs::exists(dir / lock_name, ec) ||
           fs::exists(dir / "openclaw.json", ec);
}

result<void> make_private_folder(const fs::path& dir) {
    std::error_code ec;
    fs::create_directories(dir.parent_path(), ec);
    if (mkdir(dir.c_str(), S_IRWXU) == 0) return {};
    if (errno != EEXIST) return from_errno(errno, "cannot make the state folder " + quoted(dir));
    struct stat info {};
    if (stat(dir.c_str(), &info) != 0) {
        return from_errno(errno, "cannot look at the state folder " + quoted(dir));
    }
    if (!S_ISDIR(info.st_mode)) {
        return error(errc::io, "the state folder " + quoted(dir) + " is not a folder",
                     "Move that file away, or choose another place with --state-dir.");
    }
    if ((info.st_mode & others) == 0) return {};
    if (!is_ours(dir) || chmod(dir.c_str(), S_IRWXU) != 0) {
        log::warn("store", "other users can look into the state folder", {{"path", dir.string()}});
    }
    return {};
}

std::string read_pid(int fd) {
    std::array<char, 16> text{};
    const auto n = pread(fd, text.data(), text.size(), 0);
    std::string pid;
    for (ssize_t i = 0; i < n && text[static_cast<std::size_t>(i)] >= '0' &&
                        text[static_cast<std::size_t>(i)] <= '9';
         ++i) {
        pid += text[static_cast<std::size_t>(i)];
    }
    return pid;
}

void write_pid(int fd) {
    const auto text = std::to_string(getpid()) + "\n";
    // The pid only helps people; the lock is what counts.
    if (ftruncate(fd, 0) != 0 ||
        pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        log::warn("store", "the pid could not be written into the lock file");
    }
}

}  // namespace

result<state_folder> state_folder::claim(const fs::path& dir) {
    if (auto made = make_private_folder(dir); !made) return made.error();
    const auto path = dir / lock_name;
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) return from_errno(errno, "cannot open the lock file " + quoted(path));
    state_folder folder(dir, fd);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_pid(fd);
        return folder;
    }
    if (errno != EWOULDBLOCK) return from_errno(errno, "cannot lock " + quoted(path));
    const auto pid = read_pid(fd);
    return error(errc::in_use,
                 "another gateway" + (pid.empty() ? "" : " (pid " + pid + ")") +
                     " works on the state folder " + quoted(dir),
                 "Stop it with 'openclaw gateway stop'" +
                     (pid.empty() ? "" : " or 'kill " + pid + "'") +
                     ", or give this one a folder of its own with --state-dir.");
}

state_folder::~state_folder() {
    if (lock_ >= 0) close(lock_);
}

result<fs::path> state_folder::private_file(const std::string& name) const {
    const auto path = dir_ / name;
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) return from_errno(errno, "cannot open " + quoted(path));
    struct stat info {};
    if (fstat(fd, &info) == 0 && (info.st_mode & others) != 0) fchmod(fd, S_IRUSR | S_IWUSR);
    close(fd);
    return path;
}

}  // namespace openclaw::store
