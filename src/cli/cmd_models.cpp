#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

std::string joined(const json* list) {
    std::string text;
    if (list == nullptr || !list->is_array()) return text;
    for (const auto& item : *list) {
        if (item.is_string()) text += (text.empty() ? "" : ", ") + item.get<std::string>();
    }
    return text;
}

int show(context& x) {
    const auto answer = call_gateway(x, "models.list", json::object());
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    table t({"MODEL", "PROVIDER", "NAME", "TAGS"});
    if (const auto* models = find(*answer, "models"); models != nullptr && models->is_array()) {
        for (const auto& m : *models) {
            t.add({string_or(m, "id"), string_or(m, "provider"), string_or(m, "name"),
                   joined(find(m, "tags"))});
        }
    }
    if (t.empty()) x.io.out << "No models.\n";
    else t.print(x.io.out, x.colour());
    return done;
}

}  // namespace

void add_model_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "models", "The configured models.", "openclaw models list");
    tree.add(group, "list", "Which models the agents can use.", "openclaw models list", show);
}

}  // namespace openclaw::cli
