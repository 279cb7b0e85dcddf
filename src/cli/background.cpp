#include "cli/background.hpp"

#include "cli/program.hpp"
#include "openclaw/core/descriptor.hpp"
#include "openclaw/net/service_manager.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace openclaw::cli {

namespace {

constexpr std::size_t shown_lines = 10;
constexpr std::size_t most_kept = 64 << 10;   // of what it says before it is ready

// What belongs to our own start is not the child's.
std::vector<std::string> environment_with(const std::string& notify_address) {
    std::vector<std::string> out;
    for (char** v = environ; *v != nullptr; ++v) {
        const std::string_view text(*v);
        const auto is = [&](std::string_view name) { return text.starts_with(name); };
        if (is("NOTIFY_SOCKET=") || is("WATCHDOG_") || is("LISTEN_")) continue;
        out.emplace_back(text);
    }
    out.push_back("NOTIFY_SOCKET=" + notify_address);
    out.emplace_back("OPENCLAW_BACKGROUND=1");
    return out;
}

result<pid_t> spawn(const std::vector<std::string>& arguments, const std::string& notify_address, int out) {
    const auto variables = environment_with(notify_address);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID);
    pid_t child = 0;
    const int failure = posix_spawn(&child, arguments[0].c_str(), &actions, &how,
                                    pointers_to(arguments).data(), pointers_to(variables).data());
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) return from_errno(failure, "cannot start " + arguments[0]);
    return child;
}

// Takes what is there; false at the end.
bool drain(int from, std::string& into) {
    std::array<char, 4096> piece{};
    while (true) {
        const auto n = read(from, piece.data(), piece.size());
        if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
        into.append(piece.data(), static_cast<std::size_t>(n));
        if (into.size() > most_kept) into.erase(0, into.size() - most_kept);
    }
}

// "openclaw: what happened", and in the lines after it what to do.
void find_reason(background_start& s, int status) {
    constexpr std::string_view mark = "openclaw: ";
    s.problem = WIFSIGNALED(status)
                    ? "the gateway was ended by signal " + std::to_string(WTERMSIG(status))
                    : "the gateway ended with " + std::to_string(WEXITSTATUS(status));
    const auto line = std::find_if(s.last_lines.rbegin(), s.last_lines.rend(),
                                   [&](const auto& l) { return l.starts_with(mark); });
    if (line == s.last_lines.rend()) return;
    s.problem = "the gateway does not start: " + line->substr(mark.size());
    for (auto next = line.base(); next != s.last_lines.end(); ++next) {
        s.hint += (s.hint.empty() ? "" : " ") + *next;
    }
    s.last_lines.clear();   // all is said
}

enum class outcome { ready, ended, late };

outcome wait_for(pid_t child, net::notify_listener& news, int words, int process, std::string& said,
                 std::chrono::milliseconds limit) {
    std::array<pollfd, 3> any{{{news.handle(), POLLIN, 0}, {process, POLLIN, 0}, {words, POLLIN, 0}}};
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        const int n = poll(any.data(), any.size(), static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (n == 0) return outcome::late;
        if (n < 0) continue;
        if (any[2].revents != 0 && !drain(words, said)) any[2].fd = -1;
        if (any[0].revents != 0 && ("\n" + news.take(child)).find("\nREADY=1\n") != std::string::npos) {
            return outcome::ready;
        }
        if (any[1].revents != 0) return outcome::ended;
    }
}

}  // namespace

result<background_start> start_in_background(const std::vector<std::string>& arguments,
                                             std::chrono::milliseconds limit) {
    auto news = net::notify_listener::open();
    if (!news) return news.error();
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return from_errno(errno, "cannot make a pipe");
    const descriptor words(ends[0]);
    fcntl(words.get(), F_SETFL, O_NONBLOCK);
    result<pid_t> child = error(errc::io);
    {
        const descriptor its_end(ends[1]);
        child = spawn(arguments, news->address(), its_end.get());
    }
    if (!child) return child.error();
    background_start s;
    s.pid = *child;
    const descriptor process(static_cast<int>(syscall(SYS_pidfd_open, *child, 0)));
    if (!process) return from_errno(errno, "cannot look at the gateway");
    std::string said;
    const auto came = wait_for(*child, *news, words.get(), process.get(), said, limit);
    if (came == outcome::ready) return s;
    drain(words.get(), said);
    s.last_lines = last_lines(said, shown_lines);
    if (came == outcome::late) {
        s.problem = "the gateway (pid " + std::to_string(*child) + ") is not ready after " +
                    std::to_string(limit.count() / 1000) + " s";
        s.hint = "It goes on starting; openclaw gateway status and its log say more.";
        return s;
    }
    int status = 0;
    while (waitpid(*child, &status, 0) < 0 && errno == EINTR) {}
    find_reason(s, status);
    return s;
}

}  // namespace openclaw::cli
