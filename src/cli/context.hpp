#pragma once

#include "openclaw/config/loader.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace openclaw::cli {

// product.md §4.
enum exit_code : int { done = 0, failed = 1, wrong_usage = 2, unreachable = 3, unauthorized = 4 };

// What a process has around it; tests bring their own.
struct console {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    std::function<std::optional<std::string>(const std::string&)> env;
};

// The options that every command takes.
struct global_flags {
    std::string config, state_dir, url, token;
    bool json = false;
    bool no_color = false;
};

// What a command runs in. Lives for one command, on the main thread.
struct context {
    console& io;
    global_flags flags;

    bool colour() const;
    config::locations where() const;
};

exit_code exit_code_for(errc code);

// Says on stderr what happened and what to do (with --json also as the one document on stdout);
// the exit code for it.
int report(context& x, const error& e);

// A wait for a run's answer that has run out; the run goes on.
error no_answer_yet(const std::string& waited, const std::string& run);

// The one JSON document of --json.
void print_json(context& x, const openclaw::json& document);

}  // namespace openclaw::cli
