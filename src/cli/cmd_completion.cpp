#include "cli/commands.hpp"
#include "cli/completion.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

void add_completion_command(command_tree& tree) {
    const auto shell = std::make_shared<std::string>();
    auto& command = tree.add(
        tree.root(), "completion", "Print the completion script of a shell.",
        "openclaw completion bash > ~/.local/share/bash-completion/completions/openclaw",
        [shell, &tree](context& x) -> int {
            const auto script = completion_script(*shell, completion_entries(tree));
            if (!script) return report(x, script.error());
            if (x.flags.json) print_json(x, {{"shell", *shell}, {"script", *script}});
            else x.io.out << *script;
            return done;
        });
    command.add_option("SHELL", *shell, "bash, zsh or fish")->required();
}

}  // namespace openclaw::cli
