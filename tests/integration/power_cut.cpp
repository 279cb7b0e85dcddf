// A library for LD_PRELOAD that cuts the power: what was written to the database's files since their last
// sync is lost, or some of it, when the process dies. At the POWER_CUT_AT-th write or sync it puts the files
// back to what a disk may hold then, and kills the process. POWER_CUT_SEED draws which of the unsynced
// sectors are kept.

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <list>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

using pwrite_call = ssize_t (*)(int, const void*, size_t, off64_t);
using pread_call = ssize_t (*)(int, void*, size_t, off64_t);
using truncate_call = int (*)(int, off64_t);
using sync_call = int (*)(int);

template <class F>
F real(const char* name) {
    return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

// One write, or one change of size, that a sync has not made good yet.
struct unsynced {
    int fd;
    ino_t file;
    off64_t at;
    std::string before, after;
    off64_t size_before;
    bool truncates;
};

std::mutex mutex;
std::list<unsynced> writes;
long calls = 0;

long number(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? 0 : std::atol(text);
}

// The inode, if it is one of the database's files; 0: any other.
ino_t watched(int fd) {
    char path[512];
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    const auto n = readlink(link.c_str(), path, sizeof(path));
    const std::string_view name(path, n > 0 ? static_cast<std::size_t>(n) : 0);
    if (!name.ends_with("/openclaw.db") && !name.ends_with("/openclaw.db-wal")) return 0;
    struct stat info {};
    return fstat(fd, &info) == 0 ? info.st_ino : 0;
}

off64_t size_of(int fd) {
    struct stat info {};
    return fstat(fd, &info) == 0 ? info.st_size : 0;
}

std::string bytes_at(int fd, off64_t at, size_t count) {
    std::string bytes(count, '\0');
    const auto n = real<pread_call>("pread64")(fd, bytes.data(), count, at);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

void write_all(int fd, const std::string& bytes, off64_t at) {
    static const auto put = real<pwrite_call>("pwrite64");
    if (!bytes.empty() && put(fd, bytes.data(), bytes.size(), at) < 0) _exit(99);
}

void set_size(int fd, off64_t size) {
    static const auto cut = real<truncate_call>("ftruncate64");
    if (cut(fd, size) != 0) _exit(99);
}

// All of it is undone, and then a part of the writes done again. A sector comes whole or not at all.
[[noreturn]] void cut() {
    constexpr std::size_t sector = 512;
    std::mt19937_64 chance(static_cast<unsigned long>(number("POWER_CUT_SEED")));
    for (auto w = writes.rbegin(); w != writes.rend(); ++w) {
        if (w->truncates) set_size(w->fd, w->size_before);
        write_all(w->fd, w->before, w->at);
        if (!w->truncates) set_size(w->fd, w->size_before);
    }
    const bool keeps_some = chance() % 2 == 0;
    for (const auto& w : writes) {
        if (!keeps_some || w.truncates) continue;
        for (std::size_t i = 0; i < w.after.size(); i += sector) {
            if (chance() % 2 == 0) write_all(w.fd, w.after.substr(i, sector), w.at + static_cast<off64_t>(i));
        }
    }
    kill(getpid(), SIGKILL);
    while (true) pause();
}

// With the mutex held.
void count_call() {
    static const long last = number("POWER_CUT_AT");
    if (last > 0 && ++calls == last) cut();
}

ssize_t write_at(int fd, const void* data, size_t count, off64_t at) {
    static const auto put = real<pwrite_call>("pwrite64");
    const auto file = watched(fd);
    if (file == 0) return put(fd, data, count, at);
    std::lock_guard lock(mutex);
    writes.push_back({fd, file, at, bytes_at(fd, at, count),
                      std::string(static_cast<const char*>(data), count), size_of(fd), false});
    const auto done = put(fd, data, count, at);
    count_call();
    return done;
}

int truncate_to(int fd, off64_t size) {
    static const auto cut_to = real<truncate_call>("ftruncate64");
    const auto file = watched(fd);
    if (file == 0) return cut_to(fd, size);
    std::lock_guard lock(mutex);
    const auto before = size_of(fd);
    const auto lost = before > size ? static_cast<std::size_t>(before - size) : 0;
    writes.push_back({fd, file, size, bytes_at(fd, size, lost), {}, before, true});
    return cut_to(fd, size);
}

int sync_file(int fd, const char* name) {
    const auto call = real<sync_call>(name);
    const auto file = watched(fd);
    if (file == 0) return call(fd);
    std::lock_guard lock(mutex);
    count_call();   // before it has taken effect
    const auto done = call(fd);
    if (done == 0) writes.remove_if([&](const unsynced& w) { return w.file == file; });
    return done;
}

}  // namespace

extern "C" {
ssize_t pwrite(int fd, const void* data, size_t count, off_t at) { return write_at(fd, data, count, at); }
ssize_t pwrite64(int fd, const void* data, size_t count, off64_t at) { return write_at(fd, data, count, at); }
int ftruncate(int fd, off_t size) noexcept { return truncate_to(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return truncate_to(fd, size); }
int fsync(int fd) { return sync_file(fd, "fsync"); }
int fdatasync(int fd) { return sync_file(fd, "fdatasync"); }
}
