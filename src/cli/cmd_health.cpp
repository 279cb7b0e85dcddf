#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

std::string text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return dump(value);
    std::string text;
    for (const auto& item : value) text += (text.empty() ? "" : " ") + text_of(item);
    return text.empty() ? "none" : text;
}

// "connected 3, total 5" of what a component says besides its status.
std::string rest_of(const json& component) {
    std::string text;
    for (const auto& [key, value] : component.items()) {
        if (key == "status") continue;
        text += (text.empty() ? "" : ", ") + key + ' ' + text_of(value);
    }
    return text;
}

void print_health(context& x, const json& health) {
    const auto overall = string_or(health, "status", "unknown");
    x.io.out << painted(one_line(overall), paint_of(overall), x.colour()) << '\n';
    const auto* components = find(health, "components");
    if (components == nullptr || !components->is_object()) return;
    table t({"COMPONENT", "STATUS", "FIGURES"});
    for (const auto& [name, component] : components->items()) {
        t.add({name, string_or(component, "status"), rest_of(component)});
    }
    t.print(x.io.out, x.colour());
}

result<json> ask_health(const context& x, bool detailed) {
    const auto to = find_endpoint(x);
    if (!to) return to.error();
    return run_on_context([&](asio::io_context& io) -> task<result<json>> {
        const std::string target = detailed ? "/health?detail=1" : "/health";
        auto response = co_await http_get(io, *to, target);
        if (!response) co_return response.error();
        if (response->status == 401 || response->status == 403) {
            co_return error(errc::unauthenticated,
                            "the gateway at " + to->shown + " does not know this credential",
                            "Give its token with --token or OPENCLAW_GATEWAY_TOKEN.");
        }
        auto health = parse_json(response->body);
        // 503 with the same document: the gateway is there, but not well.
        if (health && (response->status == 200 || response->status == 503)) co_return health;
        co_return error(errc::protocol,
                        "what answers at " + to->shown + " is no gateway (HTTP status " +
                            std::to_string(response->status) + ")",
                        "Check --url and the port.");
    });
}

int show(context& x, bool detailed) {
    const auto health = ask_health(x, detailed);
    if (!health) return report(x, health.error());
    if (x.flags.json) print_json(x, *health);
    else print_health(x, *health);
    const auto overall = string_or(*health, "status");
    return overall == "healthy" || overall == "degraded" ? done : failed;
}

}  // namespace

void add_health_command(command_tree& tree) {
    const auto detailed = std::make_shared<bool>(false);
    auto& command = tree.add(tree.root(), "health", "Ask the gateway how it is.",
                             "openclaw health --detailed",
                             [detailed](context& x) { return show(x, *detailed); });
    command.add_flag("--detailed", *detailed, "every component, also store, queue and providers");
}

}  // namespace openclaw::cli
