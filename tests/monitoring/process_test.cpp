#include "openclaw/monitoring/process.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace openclaw::monitoring {
namespace {

TEST(process_figures, are_those_of_this_process) {
    const auto f = read_process_figures();
    EXPECT_GT(f.resident_bytes, 100U << 10);
    EXPECT_GE(f.virtual_bytes, f.resident_bytes);
    EXPECT_GE(f.memory_limit_bytes, f.resident_bytes);
    EXPECT_GE(f.threads, 1U);
    EXPECT_GT(f.max_fds, f.open_fds);
}

TEST(process_figures, follow_what_is_opened) {
    const auto before = read_process_figures().open_fds;
    std::vector<int> held;
    for (int i = 0; i < 10; ++i) held.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(read_process_figures().open_fds, before + 10);
    for (const int fd : held) close(fd);
    EXPECT_EQ(read_process_figures().open_fds, before);
}

TEST(process_figures, processor_time_grows_with_work) {
    const auto before = read_process_figures().cpu_seconds;
    volatile unsigned sum = 0;
    while (read_process_figures().cpu_seconds < before + 0.01) {
        for (unsigned i = 0; i < 100'000; ++i) sum = sum + i;
    }
    EXPECT_GE(read_process_figures().cpu_seconds, before + 0.01);
}

}  // namespace
}  // namespace openclaw::monitoring
