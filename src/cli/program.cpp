#include "cli/program.hpp"

#include "openclaw/core/descriptor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace openclaw::cli {

namespace {

constexpr std::size_t most_kept = 64 << 10;   // of what a program says

struct pipe_ends {
    descriptor from, to;
};

result<pipe_ends> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return from_errno(errno, "cannot make a pipe");
    return pipe_ends{descriptor(ends[0]), descriptor(ends[1])};
}

// False at the end of the pipe.
bool read_some(int from, std::string& into) {
    std::array<char, 4096> piece{};
    const auto n = read(from, piece.data(), piece.size());
    if (n < 0) return errno == EINTR;
    if (into.size() < most_kept) into.append(piece.data(), static_cast<std::size_t>(n));
    return n > 0;
}

// Until both pipes have ended; false: `limit` came first.
bool read_both(int out, int err, program_result& into, std::chrono::milliseconds limit) {
    std::array<pollfd, 2> open{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    const auto end = std::chrono::steady_clock::now() + limit;
    while (open[0].fd >= 0 || open[1].fd >= 0) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        const int n = poll(open.data(), open.size(), static_cast<int>(left.count()));
        if (n < 0 && errno != EINTR) return false;
        if (open[0].revents != 0 && !read_some(out, into.out)) open[0].fd = -1;
        if (open[1].revents != 0 && !read_some(err, into.err)) open[1].fd = -1;
        open[0].revents = open[1].revents = 0;
    }
    return true;
}

}  // namespace

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

result<program_result> run_program(const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit,
                                   const std::vector<std::string>& environment) {
    auto out = make_pipe();
    if (!out) return out.error();
    auto err = make_pipe();
    if (!err) return err.error();
    auto words = pointers_to(arguments), variables = pointers_to(environment);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out->to.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err->to.get(), STDERR_FILENO);
    pid_t child = 0;
    const int failure = posix_spawnp(&child, words[0], &actions, nullptr, words.data(),
                                    environment.empty() ? environ : variables.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failure == ENOENT) return error(errc::not_found, "there is no program " + arguments[0]);
    if (failure != 0) return from_errno(failure, "cannot start " + arguments[0]);
    { const descriptor closed_out(std::move(out->to)), closed_err(std::move(err->to)); }
    program_result r;
    const bool ended = read_both(out->from.get(), err->from.get(), r, limit);
    if (!ended) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!ended) {
        return error(errc::timed_out, arguments[0] + " has not ended after " +
                                          std::to_string(limit.count() / 1000) + " s");
    }
    r.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return r;
}

result<std::string> own_program() {
    std::error_code failure;
    auto path = std::filesystem::read_symlink("/proc/self/exe", failure).string();
    if (failure) return from_errno(failure.value(), "cannot read /proc/self/exe");
    return path;
}

std::vector<std::string> last_lines(const std::string& text, std::size_t count) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (!line.empty()) lines.push_back(line);
    }
    if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    return lines;
}

}  // namespace openclaw::cli
