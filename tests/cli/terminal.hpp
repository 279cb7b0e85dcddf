#pragma once

#include "cli/command_tree.hpp"
#include "support/temp_dir.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace openclaw::cli::test {

// Runs commands as a process would, with a state folder of their own and no environment.
class terminal {
public:
    std::map<std::string, std::string> environment;
    std::istringstream in;
    std::ostringstream out, err;
    bool is_terminal = false;

    // With --state-dir and --config of the test; the exit code.
    int run(std::vector<std::string> args) {
        args.insert(args.end(), {"--state-dir", dir.path().string(), "--config", config().string()});
        return run_plain(args);
    }
    int run_plain(const std::vector<std::string>& args) {
        out.str("");
        err.str("");
        console io{in, out, err, is_terminal, is_terminal,
                   [this](const std::string& name) -> std::optional<std::string> {
                       const auto it = environment.find(name);
                       if (it == environment.end()) return std::nullopt;
                       return it->second;
                   }};
        return make_command_tree()->run(args, io);
    }
    std::filesystem::path config() const { return dir.path() / "openclaw.json"; }

    openclaw::test::temp_dir dir;
};

}  // namespace openclaw::cli::test
