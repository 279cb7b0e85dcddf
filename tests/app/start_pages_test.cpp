#include "app/start_pages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace openclaw::app {
namespace {

// Resident pages of files, in KB (proc(5)).
long mapped_file_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
    }
    return -1;
}

TEST(start_pages, go_back_and_the_program_goes_on) {
    const auto before = mapped_file_kb();
    ASSERT_GT(before, 0);
    release_start_pages();
    EXPECT_LT(mapped_file_kb(), before);
}

}  // namespace
}  // namespace openclaw::app
