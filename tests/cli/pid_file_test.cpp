#include "cli/pid_file.hpp"

#include "cli/terminal.hpp"
#include "openclaw/core/clock.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace openclaw::cli {
namespace {

TEST(pid_file, reads_the_record) {
    const auto r = parse_pid_record(
        R"({"pid":123,"startedMs":1700000000000,"address":"127.0.0.1:18789","version":"0.1.0"})");
    ASSERT_TRUE(r);
    EXPECT_EQ(r->pid, 123);
    EXPECT_EQ(r->started_ms, 1'700'000'000'000);
    EXPECT_EQ(r->address, "127.0.0.1:18789");
    for (const auto* bad : {"", "12", "{}", R"({"pid":0})", R"({"pid":1})", R"({"pid":-5})",
                            R"({"pid":"12"})", R"({"pid":99999999999})"}) {
        EXPECT_FALSE(parse_pid_record(bad)) << bad;
    }
}

TEST(pid_file, finds_the_start_behind_any_program_name) {
    const std::string rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
    EXPECT_EQ(parse_start_ticks("42 (openclaw)" + rest), 4711U);
    EXPECT_EQ(parse_start_ticks("42 (a b) S) c)" + rest), 4711U);
    EXPECT_EQ(parse_start_ticks("42 (openclaw) S 1 2"), std::nullopt);
    EXPECT_EQ(parse_start_ticks(""), std::nullopt);
}

TEST(pid_file, looks_at_a_living_process) {
    const auto facts = look_at_process(getpid());
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->program, "test_cli");
    EXPECT_LE(facts->started_ms, system_time().unix_ms() + 2000);
    EXPECT_GT(facts->started_ms, 1'600'000'000'000);
}

struct same_case {
    std::string name, program;
    std::int64_t started_ms;   // of the process; the record says 1,000,000
    bool locked, same;
};
std::ostream& operator<<(std::ostream& out, const same_case& c) { return out << c.name; }

class same_test : public testing::TestWithParam<same_case> {};
TEST_P(same_test, decides) {
    const auto& c = GetParam();
    pid_record record;
    record.pid = 42;
    record.started_ms = 1'000'000;
    EXPECT_EQ(is_same_process(record, {c.program, c.started_ms}, c.locked), c.same);
}
INSTANTIATE_TEST_SUITE_P(
    pid_file, same_test,
    testing::Values(same_case{"same", "openclaw", 999'900, false, true},
                    same_case{"rounded_clock", "openclaw", 1'000'900, false, true},
                    same_case{"slow_start", "openclaw", 940'000, false, true},
                    same_case{"number_given_to_a_later_gateway", "openclaw", 1'060'000, false, false},
                    same_case{"restarted_in_place", "openclaw", 500'000, false, true},
                    same_case{"another_program", "postgres", 999'900, false, false},
                    same_case{"the_lock_decides", "renamed", 5'000'000, true, true}),
    [](const auto& i) { return i.param.name; });

TEST(pid_file, reads_the_kernels_table_of_locks) {
    const std::string locks = "1: POSIX  ADVISORY  WRITE 77 fd:01:9001 0 EOF\n"
                              "2: FLOCK  ADVISORY  WRITE 42 fd:01:9002 0 EOF\n"
                              "2: -> FLOCK  ADVISORY  WRITE 43 fd:01:9002 0 EOF\n";
    EXPECT_TRUE(holds_lock(locks, 42, 9002));
    EXPECT_FALSE(holds_lock(locks, 42, 9001));
    EXPECT_FALSE(holds_lock(locks, 77, 9001)) << "not the kind that a gateway takes";
    EXPECT_FALSE(holds_lock(locks, 43, 9002)) << "it only waits for the lock";
    EXPECT_FALSE(holds_lock("", 42, 9002));
}

// A child that holds the lock of a state folder as a gateway does, and ends on SIGTERM.
class fake_gateway {
public:
    explicit fake_gateway(const std::filesystem::path& dir) {
        int ready[2];
        if (pipe(ready) != 0) std::abort();
        pid_ = fork();
        if (pid_ == 0) {
            const int fd = open((dir / "gateway.lock").c_str(), O_RDWR | O_CREAT, 0600);
            const bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
            signal(SIGTERM, SIG_DFL);
            const char byte = held ? '1' : '0';
            if (write(ready[1], &byte, 1) != 1) _exit(1);
            while (true) pause();
        }
        char byte = '0';
        locked_ = read(ready[0], &byte, 1) == 1 && byte == '1';
        close(ready[0]);
        close(ready[1]);
        std::ofstream(dir / "gateway.pid")
            << R"({"pid":)" << pid_ << R"(,"startedMs":)" << system_time().unix_ms()
            << R"(,"address":"127.0.0.1:18789","version":"0.1.0"})";
    }
    ~fake_gateway() {
        kill(pid_, SIGKILL);
        reap();
    }
    void reap() {
        if (!reaped_) waitpid(pid_, nullptr, 0);
        reaped_ = true;
    }
    pid_t pid() const { return pid_; }
    bool locked() const { return locked_; }

private:
    pid_t pid_ = -1;
    bool locked_ = false, reaped_ = false;
};

TEST(pid_file, status_and_stop_of_a_running_gateway) {
    test::terminal t;
    fake_gateway gateway(t.dir.path());
    ASSERT_TRUE(gateway.locked());
    EXPECT_EQ(t.run({"gateway", "status", "--json"}), done) << t.err.str();
    auto document = json::parse(t.out.str());
    EXPECT_EQ(document["running"], true);
    EXPECT_EQ(document["pid"], gateway.pid());
    EXPECT_EQ(t.run({"gateway", "status"}), done);
    EXPECT_NE(t.out.str().find("127.0.0.1:18789"), std::string::npos);

    EXPECT_EQ(t.run({"gateway", "stop"}), done) << t.err.str();
    EXPECT_NE(t.out.str().find("Stopped the gateway (pid " + std::to_string(gateway.pid()) + ")"),
              std::string::npos);
    int how = 0;
    EXPECT_EQ(waitpid(gateway.pid(), &how, WNOHANG), gateway.pid()) << "stop waits for the end";
    EXPECT_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGTERM);
    EXPECT_EQ(t.run({"gateway", "status"}), unreachable);
    EXPECT_EQ(t.run({"gateway", "stop"}), failed);
    EXPECT_NE(t.err.str().find("no gateway is running"), std::string::npos);
}

TEST(pid_file, a_file_left_behind_is_no_gateway) {
    test::terminal t;
    // This very process lives, but is neither called openclaw nor holds the lock.
    std::ofstream(t.dir.path() / "gateway.pid")
        << R"({"pid":)" << getpid() << R"(,"startedMs":)" << system_time().unix_ms() << "}";
    EXPECT_EQ(t.run({"gateway", "status", "--json"}), unreachable);
    EXPECT_EQ(json::parse(t.out.str())["running"], false);
    EXPECT_EQ(t.run({"gateway", "stop"}), failed);
}

}  // namespace
}  // namespace openclaw::cli
