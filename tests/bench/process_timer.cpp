#include "bench/process_timer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace openclaw::bench {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

double ms_since(clock::time_point start) {
    return std::chrono::duration<double, std::milli>(clock::now() - start).count();
}

// A process whose output goes nowhere.
class process {
public:
    explicit process(const std::vector<std::string>& command) {
        std::vector<char*> argv;
        for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&files, 1, 2);
        const int failed = posix_spawnp(&pid_, argv[0], &files, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        if (failed != 0) throw std::runtime_error("cannot start " + command[0] + ": " + strerror(failed));
    }
    ~process() {
        if (pid_ > 0) end();
    }
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    bool has_ended() {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
        pid_ = -1;
        return true;
    }

    void end() {
        ::kill(pid_, SIGTERM);
        const auto limit = clock::now() + 5s;
        while (!has_ended()) {
            if (clock::now() > limit) ::kill(pid_, SIGKILL);
            ::usleep(500);
        }
    }

private:
    pid_t pid_ = -1;
};

// Whether /health at `port` says 200 now.
bool is_up(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const timeval patience{2, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool up = false;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        constexpr std::string_view request =
            "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        std::array<char, 256> answer{};
        if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
            ::recv(fd, answer.data(), answer.size(), 0) > 12) {
            up = std::string_view(answer.data(), 12) == "HTTP/1.1 200";
        }
    }
    ::close(fd);
    return up;
}

// remove_all() on a path from the command line wants a second look.
void fill_anew(const std::filesystem::path& folder, const std::string& from) {
    if (folder.filename() != "boot-state") {
        throw std::runtime_error("the state folder must be called boot-state; it is deleted");
    }
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    if (!from.empty()) std::filesystem::copy(from, folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

}  // namespace

std::vector<double> time_command(const std::vector<std::string>& command, int runs) {
    std::vector<double> figures;
    for (int i = 0; i < runs; ++i) {
        const auto start = clock::now();
        process p(command);
        const int code = p.wait();
        figures.push_back(ms_since(start));
        if (code != 0) throw std::runtime_error(command[0] + " exited with " + std::to_string(code));
    }
    return figures;
}

std::vector<double> time_boot(const std::vector<std::string>& command, const std::string& state,
                              const std::string& from, std::uint16_t port, int runs) {
    std::vector<double> figures;
    for (int i = 0; i < runs; ++i) {
        if (!state.empty()) fill_anew(state, from);
        if (is_up(port)) throw std::runtime_error("the port is already in use");
        const auto start = clock::now();
        process p(command);
        while (!is_up(port)) {
            if (p.has_ended()) throw std::runtime_error(command[0] + " ended before it was up");
            if (ms_since(start) > 30'000) throw std::runtime_error("not up after 30 s");
            ::sched_yield();
        }
        figures.push_back(ms_since(start));
        p.end();
    }
    return figures;
}

}  // namespace openclaw::bench
