#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"

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

}  // namespace

void add_channel_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "channels", "The channels' connections.",
                           "openclaw channels status");
    tree.add(group, "status", "How each channel account is doing.", "openclaw channels status",
             [](context& x) { return show(x, true); });
    tree.add(group, "list", "Which channel accounts there are.", "openclaw channels list --json",
             [](context& x) { return show(x, false); });
}

}  // namespace openclaw::cli
