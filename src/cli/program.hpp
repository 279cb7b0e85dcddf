#pragma once

#include "openclaw/core/error.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace openclaw::cli {

struct program_result {
    int code = 0;        // of the exit; 128 and more: ended by that signal
    std::string out;     // what it wrote to stdout, and apart from it to stderr
    std::string err;
};

// Runs a program by its arguments (no shell; the first is looked up in PATH) with our stdin, so that it may
// ask for a password, and waits until it has ended. not_found: there is no such program; timed_out: it was
// killed after `limit`. `environment` as NAME=value; empty: this program's own.
result<program_result> run_program(const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit,
                                   const std::vector<std::string>& environment = {});

// As exec(3) wants them: valid as long as `texts` is and stays as it is.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);

// The absolute path of this program. io without /proc.
result<std::string> own_program();

// At most `count` last lines of a text, without empty ones.
std::vector<std::string> last_lines(const std::string& text, std::size_t count);

}  // namespace openclaw::cli
