#include "openclaw/cli/cli.hpp"

#include "cli/commands.hpp"

#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace openclaw::cli {

std::unique_ptr<command_tree> make_command_tree() {
    auto tree = std::make_unique<command_tree>();
    add_gateway_commands(*tree);
    add_health_command(*tree);
    add_status_command(*tree);
    add_agent_command(*tree);
    add_message_commands(*tree);
    add_session_commands(*tree);
    add_cron_commands(*tree);
    add_device_commands(*tree);
    add_channel_commands(*tree);
    add_model_commands(*tree);
    add_config_commands(*tree);
    add_completion_command(*tree);
    add_manual_command(*tree);
    add_version_command(*tree);
    return tree;
}

int run(int argc, char** argv) {
    std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (!args.empty() && args.front() == "--version") args.front() = "version";
    console io{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
               [](const std::string& name) -> std::optional<std::string> {
                   const char* value = std::getenv(name.c_str());
                   if (value == nullptr) return std::nullopt;
                   return std::string(value);
               }};
    try {
        const int code = make_command_tree()->run(args, io);
        std::cout.flush();
        if (code == done && !std::cout) {
            std::cerr << "error: the output could not be written (is the disk full?)\n";
            return failed;
        }
        return code;
    } catch (const std::exception& e) {
        std::cerr << "error: a bug of openclaw: " << e.what() << '\n';
        return failed;
    }
}

}  // namespace openclaw::cli
