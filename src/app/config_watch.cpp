#include "app/config_watch.hpp"

#include "openclaw/core/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/inotify.h>

#include <cerrno>
#include <cstring>

namespace openclaw::app {

namespace {

constexpr std::uint32_t changes_of_names =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB |
    IN_ONLYDIR;
constexpr int longest_of_quiet = 10;   // times

}  // namespace

config_watch::config_watch(asio::io_context& io, std::function<task<>()> changed, milliseconds quiet)
    : strand_(asio::make_strand(io))
    , changed_(std::move(changed))
    , quiet_(quiet)
    , events_(strand_) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd >= 0) events_.assign(fd);
}

std::string config_watch::add_folder(const std::filesystem::path& folder, const std::string& name) {
    const auto path = folder.empty() ? std::filesystem::path(".") : folder;
    const int watch = events_.is_open()
                          ? ::inotify_add_watch(events_.native_handle(), path.c_str(), changes_of_names)
                          : -1;
    if (watch < 0) return "the folder " + path.string() + " cannot be watched: " + std::strerror(errno);
    names_[watch].insert(name);
    return {};
}

std::string config_watch::add(const std::filesystem::path& file) {
    auto problem = add_folder(file.parent_path(), file.filename());
    if (!problem.empty()) return problem;
    // Orchestrators put a whole folder in the place of another, by the link `..data`.
    problem = add_folder(file.parent_path(), "..data");
    std::error_code none;
    const auto real = std::filesystem::canonical(file, none);
    if (none || real == file) return problem;
    return add_folder(real.parent_path(), real.filename());
}

void config_watch::start() {
    if (names_.empty()) return;
    tasks_.spawn(strand_, "watch the configuration", listen());
    tasks_.spawn(strand_, "configuration changes", tell());
}

task<> config_watch::stop() {
    tasks_.stop();
    co_await tasks_.join();
}

// Whether one of the events is about a file that matters.
bool config_watch::take(std::string_view events) const {
    bool ours = false;
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event e{};
        std::memcpy(&e, events.data(), sizeof e);
        const auto whole = sizeof e + e.len;
        if (whole > events.size()) break;
        // The name is filled up with zeros.
        const std::string name(e.len == 0 ? "" : events.data() + sizeof e);
        const auto found = names_.find(e.wd);
        ours = ours || (e.mask & IN_Q_OVERFLOW) != 0 ||
               (found != names_.end() && found->second.contains(name));
        events.remove_prefix(whole);
    }
    return ours;
}

// Ends with stop().
task<> config_watch::listen() {
    std::string buffer(4096, '\0');
    while (true) {
        boost::system::error_code failure;
        const auto n = co_await events_.async_read_some(asio::buffer(buffer),
                                                        asio::redirect_error(asio::use_awaitable, failure));
        if (failure == asio::error::operation_aborted) co_return;
        if (failure) {
            log::warn("config", "changes of the file are not seen any more; SIGHUP has it read",
                      {{"reason", failure.message()}});
            co_return;
        }
        if (!take(std::string_view(buffer).substr(0, n))) continue;
        ++seen_;
        news_.open();
    }
}

// Ends with stop().
task<> config_watch::tell() {
    asio::steady_timer timer(strand_);
    std::uint64_t told = 0;
    while (true) {
        co_await news_.wait();
        for (int i = 0; i < longest_of_quiet; ++i) {
            const auto before = seen_;
            timer.expires_after(quiet_);
            boost::system::error_code stopped;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
            if (stopped) co_return;
            if (seen_ == before) break;
        }
        if (told == seen_) continue;   // the gate was opened by what has been told
        told = seen_;
        co_await changed_();
    }
}

}  // namespace openclaw::app
