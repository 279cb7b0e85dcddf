#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

constexpr std::size_t few = 5;   // rows of a list without --all

// The elements of the array `key`; nothing when there is none.
std::vector<json> items(const json& object, std::string_view key) {
    const auto* list = find(object, key);
    return list != nullptr && list->is_array() ? list->get<std::vector<json>>() : std::vector<json>();
}

// An entry of a list, whether it is a text or an object that has a name.
std::string name_of_item(const json& item) {
    if (item.is_string()) return item.get<std::string>();
    for (const auto* key : {"id", "agentId", "name", "path", "message"}) {
        if (const auto text = find_string(item, key)) return *text;
    }
    return dump(item);
}

class page {
public:
    explicit page(context& x) : x_(x) {}

    void line(std::string_view label, const std::string& text) {
        x_.io.out << painted(label, paint::bold, x_.colour())
                  << std::string(label.size() < 10 ? 10 - label.size() : 1, ' ') << one_line(text)
                  << '\n';
    }
    void list(std::string_view label, const std::vector<json>& all, std::size_t limit) {
        for (std::size_t i = 0; i < std::min(limit, all.size()); ++i) {
            line(i == 0 ? label : "", name_of_item(all[i]));
        }
        if (all.size() > limit) {
            line("", "and " + std::to_string(all.size() - limit) + " more; see --all");
        }
    }

private:
    context& x_;
};

std::string agent_text(const json& agent) {
    auto text = name_of_item(agent);
    const auto* model = find(agent, "model");
    if (model == nullptr) return text;
    const auto primary = model->is_string() ? model->get<std::string>() : string_or(*model, "primary");
    return primary.empty() ? text : text + " (" + primary + ")";
}

std::string count_of(const json& object, std::string_view key) {
    return std::to_string(find_int(object, key).value_or(0));
}

void print_sessions(context& x, const json& sessions, std::size_t limit) {
    const auto now = system_time().unix_ms();
    table t({"SESSION", "UPDATED", "TOKENS", "MODEL"});
    std::size_t shown = 0;
    for (const auto& s : items(sessions, "recent")) {
        if (shown++ == limit) break;
        t.add({string_or(s, "key"), age(find_int(s, "updatedAt").value_or(0), now),
               count_of(s, "totalTokens"), string_or(s, "model")});
    }
    if (t.empty()) return;
    x.io.out << '\n';
    t.print(x.io.out, x.colour());
}

void print_status(context& x, const json& s, bool all) {
    const auto limit = all ? std::size_t{1000} : few;
    page p(x);
    const auto up = std::chrono::seconds(find_int(s, "uptimeMs").value_or(0) / 1000);
    p.line("gateway", "running, pid " + count_of(s, "pid") + ", up " + format_uptime(up) +
                          ", version " + string_or(s, "runtimeVersion"));
    p.line("address", string_or(s, "address", "-"));
    if (const auto* memory = find(s, "memory")) {
        const auto bytes = find_int(*memory, "rssBytes").value_or(0);
        p.line("memory", format_size(static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes))));
    }
    if (const auto* queue = find(s, "queue")) {
        p.line("queue", count_of(*queue, "running") + " running, " + count_of(*queue, "waiting") +
                            " waiting, " + count_of(*queue, "lanes") + " sessions in memory");
    }
    std::vector<json> agents;
    for (const auto& a : items(s, "agents")) agents.emplace_back(agent_text(a));
    p.list("agents", agents, limit);
    p.list("providers", items(s, "providers"), limit);
    p.list("channels", items(s, "channelSummary"), limit);
    p.list("config", items(s, "configIssues"), limit);
    std::vector<json> waiting;
    for (const auto& path : items(s, "restartNeeded")) {
        waiting.emplace_back("needed for " + name_of_item(path) + ": openclaw gateway restart");
    }
    p.list("restart", waiting, limit);
    const auto idle = items(s, "notInEffect");
    if (all) p.list("no effect", idle, limit);
    else if (!idle.empty()) p.line("no effect", std::to_string(idle.size()) + " settings; see --all");
    const auto* sessions = find(s, "sessions");
    if (sessions == nullptr) return;
    p.line("sessions", count_of(*sessions, "count"));
    print_sessions(x, *sessions, limit);
}

int show(context& x, bool all) {
    const auto answer = call_gateway(x, "status", json::object());
    if (!answer) return report(x, answer.error());
    if (x.flags.json) print_json(x, *answer);
    else print_status(x, *answer, all);
    return done;
}

}  // namespace

void add_status_command(command_tree& tree) {
    const auto all = std::make_shared<bool>(false);
    auto& command = tree.add(tree.root(), "status",
                             "One page: gateway, agents, channels, queue, sessions.",
                             "openclaw status --all", [all](context& x) { return show(x, *all); });
    command.add_flag("--all", *all, "leave nothing out");
}

}  // namespace openclaw::cli
