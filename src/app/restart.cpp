#include "app/restart.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace openclaw::app {

namespace {

constexpr int first_given = 3;               // SD_LISTEN_FDS_START
constexpr int most_given = 2;
constexpr milliseconds longest_trial{10'000};
constexpr std::size_t most_words = 2'000;    // of what a trial says
constexpr const char* own_mark = "OPENCLAW_RESTARTED";   // the sockets are its own, not systemd's

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

int number_in(const std::string& text) {
    int n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? n : 0;
}

int option_of(int fd, int name) {
    int value = 0;
    socklen_t size = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

result<void> take(int fd, ingress::listening_sockets& out) {
    const auto domain = option_of(fd, SO_DOMAIN);
    const bool stream = option_of(fd, SO_TYPE) == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1;
    auto& place = domain == AF_UNIX ? out.local : out.tcp;
    const bool known = domain == AF_UNIX || domain == AF_INET || domain == AF_INET6;
    if (!stream || !known || place >= 0) {
        return error(errc::config, "LISTEN_FDS: descriptor " + std::to_string(fd) +
                                       " is not one listening TCP socket or one Unix socket",
                     "In the .socket unit, give one ListenStream= with a port, and at most one with a path.");
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    place = fd;
    return {};
}

std::vector<char*> as_argv(const std::vector<std::string>& arguments) {
    std::vector<char*> words;
    for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return words;
}

// Starts it with nothing to read, and with its words going to `out`.
result<pid_t> spawn(const std::string& program, const std::vector<std::string>& arguments, int out) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    pid_t child = 0;
    const int failure =
        posix_spawn(&child, program.c_str(), &actions, nullptr, as_argv(arguments).data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) return from_errno(failure, "cannot start " + program);
    return child;
}

// What it says, without the ends of lines, until it ends.
task<result<std::string>> read_all(asio::posix::stream_descriptor& from) {
    std::string text;
    while (true) {
        std::array<char, 1024> piece{};
        boost::system::error_code failure;
        const auto n = co_await from.async_read_some(asio::buffer(piece),
                                                     asio::redirect_error(asio::use_awaitable, failure));
        if (failure == asio::error::operation_aborted) co_return error(errc::cancelled, "it hangs");
        if (failure) break;
        if (text.size() < most_words) text.append(piece.data(), n);
    }
    while (text.ends_with('\n')) text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    co_return text;
}

// Moves the sockets to where the next program looks for them; how many.
int put_in_place(const ingress::listening_sockets& sockets) {
    constexpr int beyond = first_given + most_given;
    std::array<int, most_given> moved{-1, -1};
    int count = 0;
    for (const int fd : {sockets.tcp, sockets.local}) {
        if (fd >= 0) moved[static_cast<std::size_t>(count++)] = fcntl(fd, F_DUPFD, beyond);
    }
    int placed = 0;   // one that is missing is bound anew
    for (const int fd : moved) {
        if (fd >= 0 && dup2(fd, first_given + placed) >= 0) ++placed;
    }
    return placed;
}

}  // namespace

result<ingress::listening_sockets> take_given_sockets() {
    ingress::listening_sockets out;
    const bool ours = number_in(variable("LISTEN_PID")) == getpid();
    const auto count = ours ? number_in(variable("LISTEN_FDS")) : 0;
    out.fixed = count > 0 && variable(own_mark).empty();
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", own_mark}) unsetenv(name);
    for (int i = 0; i < std::clamp(count, 0, most_given + 1); ++i) {
        if (auto taken = take(first_given + i, out); !taken) return taken.error();
    }
    return out;
}

result<start_command> start_command::read() {
    start_command c;
    std::error_code failure;
    c.program_ = std::filesystem::read_symlink("/proc/self/exe", failure).string();
    if (failure) return from_errno(failure.value(), "cannot read /proc/self/exe");
    std::ifstream in("/proc/self/cmdline", std::ios::binary);
    for (std::string word; std::getline(in, word, '\0');) c.arguments_.push_back(word);
    if (c.arguments_.empty()) return error(errc::io, "cannot read /proc/self/cmdline");
    return c;
}

task<result<void>> start_command::try_out() const {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) co_return from_errno(errno, "cannot make a pipe");
    asio::posix::stream_descriptor words(co_await asio::this_coro::executor, ends[0]);
    auto with_flag = arguments_;
    with_flag.emplace_back("--check");
    const auto child = spawn(program_, with_flag, ends[1]);
    close(ends[1]);
    if (!child) co_return child.error();
    const auto said = co_await with_deadline(longest_trial, "the check of " + program_, read_all(words));
    if (!said) kill(*child, SIGKILL);
    int status = 0;
    waitpid(*child, &status, 0);
    if (!said) co_return said.error();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) co_return result<void>();
    co_return error(errc::config, said->empty() ? program_ + " ended at once" : printable(*said, most_words));
}

error start_command::run(const ingress::listening_sockets& sockets) const {
    const auto count = put_in_place(sockets);
    close_range(static_cast<unsigned>(first_given + count), ~0U, 0);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
    if (!sockets.fixed) setenv(own_mark, "1", 1);
    execv(program_.c_str(), as_argv(arguments_).data());
    return from_errno(errno, "cannot start " + program_);
}

}  // namespace openclaw::app
