#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/encoding.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

std::string state_of(const json& account) {
    if (const auto state = find_string(account, "state")) return *state;
    if (find_bool(account, "connected").value_or(false)) return "connected";
    return string_or(account, "lastError").empty() ? "stopped" : "failed";
}

// Calls `each(channel, account)` for the rows of channels.status.
template <class F>
void for_each_account(const json& answer, F each) {
    const auto* channels = find(answer, "channelAccounts");
    if (channels == nullptr || !channels->is_object()) return;
    for (const auto& [channel, accounts] : channels->items()) {
        for (const auto& account : accounts) each(channel, account);
    }
}

int show(context& x, bool with_state) {
    const auto answer = call_gateway(x, "channels.status", json::object());
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto now = system_time().unix_ms();
    table full({"CHANNEL", "ACCOUNT", "STATE", "LAST IN", "LAST OUT", "ERROR"});
    table names({"CHANNEL", "ACCOUNT"});
    for_each_account(*answer, [&](const std::string& channel, const json& account) {
        const auto id = string_or(account, "accountId", "default");
        names.add({channel, id});
        full.add({channel, id, state_of(account),
                  age(find_int(account, "lastInboundAt").value_or(0), now),
                  age(find_int(account, "lastOutboundAt").value_or(0), now),
                  string_or(account, "lastError")});
    });
    if (names.empty()) x.io.out << "No channels.\n";
    else (with_state ? full : names).print(x.io.out, x.colour());
    return done;
}

struct wanted_deliveries {
    std::string run, state;
    int limit = 50;
};

// What there is to say of one: when it is tried next, or why it did not arrive.
std::string remark_of(const json& row, std::int64_t now) {
    auto text = string_or(row, "reason");
    if (const auto next = find_int(row, "nextAttemptAt"); next && *next > now) {
        const auto wait = "again in " + std::to_string((*next - now + 999) / 1000) + " s";
        text = wait + (text.empty() ? "" : ": ") + text;
    }
    return one_line(utf8_prefix(text, 80));
}

int list_deliveries(context& x, const wanted_deliveries& wanted) {
    json params{{"limit", wanted.limit}};
    if (!wanted.run.empty()) params["runId"] = wanted.run;
    if (!wanted.state.empty()) params["state"] = wanted.state;
    const auto answer = call_gateway(x, "deliveries.list", params);
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto now = system_time().unix_ms();
    table t({"RUN", "CHANNEL", "PEER", "STATE", "ATTEMPTS", "SINCE", "REMARK"});
    if (const auto* rows = find(*answer, "deliveries"); rows != nullptr && rows->is_array()) {
        for (const auto& r : *rows) {
            t.add({string_or(r, "runId"), string_or(r, "channel"), one_line(string_or(r, "peer")),
                   string_or(r, "state"), std::to_string(find_int(r, "attempts").value_or(0)),
                   age(find_int(r, "updatedAt").value_or(0), now), remark_of(r, now)});
        }
    }
    if (t.empty()) x.io.out << "No replies.\n";
    else t.print(x.io.out, x.colour());
    if (find_int(*answer, "nextCursor")) x.io.out << "There are more: raise --limit.\n";
    return done;
}

void add_deliveries(command_tree& tree, CLI::App& group) {
    const auto wanted = std::make_shared<wanted_deliveries>();
    auto& list = tree.add(group, "deliveries", "What became of replies, the newest first.",
                          "openclaw channels deliveries --state failed",
                          [wanted](context& x) { return list_deliveries(x, *wanted); });
    list.add_option("--run", wanted->run, "the reply to this run alone")->type_name("RUN");
    list.add_option("--state", wanted->state, "pending, sent, failed or unknown")
        ->type_name("STATE")
        ->check(CLI::IsMember({"pending", "sent", "failed", "unknown"}));
    list.add_option("--limit", wanted->limit, "how many, at most (50)")
        ->type_name("N")
        ->check(CLI::Range(1, 200));
}

}  // namespace

void add_channel_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "channels", "The channels' connections.",
                           "openclaw channels status");
    tree.add(group, "status", "How each channel account is doing.", "openclaw channels status",
             [](context& x) { return show(x, true); });
    tree.add(group, "list", "Which channel accounts there are.", "openclaw channels list --json",
             [](context& x) { return show(x, false); });
    add_deliveries(tree, group);
}

}  // namespace openclaw::cli
