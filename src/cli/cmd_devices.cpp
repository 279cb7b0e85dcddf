#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

struct device_options {
    std::string id;
    std::string role = "operator";
};

std::string scopes_of(const json& row) {
    std::string text;
    const auto* scopes = find(row, "scopes");
    if (scopes == nullptr || !scopes->is_array()) return text;
    for (const auto& s : *scopes) {
        if (s.is_string()) text += (text.empty() ? "" : " ") + s.get<std::string>();
    }
    return text;
}

bool is_revoked(const json& row) {
    const auto* tokens = find(row, "tokens");
    return tokens != nullptr && tokens->is_array() && !tokens->empty() &&
           find(tokens->front(), "revokedAtMs") != nullptr;
}

void print_pending(context& x, const json& rows, std::int64_t now) {
    table t({"REQUEST", "DEVICE", "NAME", "CLIENT", "FROM", "ASKS FOR", "SINCE"});
    for (const auto& r : rows) {
        t.add({string_or(r, "requestId"), string_or(r, "deviceId").substr(0, 12),
               string_or(r, "displayName", "-"), string_or(r, "clientId"),
               string_or(r, "remoteIp", "-"), scopes_of(r),
               age(find_int(r, "ts").value_or(0), now)});
    }
    if (t.empty()) return;
    x.io.out << "Waiting for approval (openclaw devices approve REQUEST):\n";
    t.print(x.io.out, x.colour());
    x.io.out << '\n';
}

void print_paired(context& x, const json& rows, std::int64_t now) {
    table t({"DEVICE", "LABEL", "CLIENT", "ROLE", "MAY", "APPROVED", "TOKEN"});
    for (const auto& d : rows) {
        t.add({string_or(d, "deviceId"), string_or(d, "label", string_or(d, "displayName", "-")),
               string_or(d, "clientId"), string_or(d, "role"), scopes_of(d),
               age(find_int(d, "approvedAtMs").value_or(0), now), is_revoked(d) ? "revoked" : "good"});
    }
    if (t.empty()) x.io.out << "No devices are paired.\n";
    else t.print(x.io.out, x.colour());
}

int list_devices(context& x) {
    const auto answer = call_gateway(x, "device.pair.list", json::object());
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto now = system_time().unix_ms();
    print_pending(x, answer->value("pending", json::array()), now);
    print_paired(x, answer->value("paired", json::array()), now);
    return done;
}

int change(context& x, const std::string& method, const json& params, const std::string& says) {
    const auto answer = call_gateway(x, method, params);
    if (!answer) return report(x, answer.error());
    if (x.flags.json) print_json(x, *answer);
    else x.io.out << says << '\n';
    return done;
}

}  // namespace

void add_device_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "devices", "Devices that may connect, and those that want to.",
                           "openclaw devices list");
    tree.add(group, "list", "Paired devices, and requests that wait for approval.",
             "openclaw devices list", [](context& x) { return list_devices(x); });

    const auto o = std::make_shared<device_options>();
    auto& approve = tree.add(group, "approve", "Lets a device in that asked for it.",
                             "openclaw devices approve 3f0c9a52-7d1e-4a6b-9c55-0b8f6f1d2e34",
                             [o](context& x) {
                                 return change(x, "device.pair.approve", {{"requestId", o->id}},
                                               "Approved. The device is let in when it connects again.");
                             });
    auto& reject = tree.add(group, "reject", "Refuses a device that asked to be let in.",
                            "openclaw devices reject 3f0c9a52-7d1e-4a6b-9c55-0b8f6f1d2e34",
                            [o](context& x) {
                                return change(x, "device.pair.reject", {{"requestId", o->id}}, "Rejected.");
                            });
    auto& remove = tree.add(group, "remove", "Forgets a device and closes its connections.",
                            "openclaw devices remove DEVICE", [o](context& x) {
                                return change(x, "device.pair.remove", {{"deviceId", o->id}}, "Removed.");
                            });
    auto& revoke = tree.add(group, "revoke", "Makes a device's token worthless and closes its connections.",
                            "openclaw devices revoke DEVICE", [o](context& x) {
                                return change(x, "device.token.revoke",
                                              {{"deviceId", o->id}, {"role", o->role}}, "Revoked.");
                            });
    for (auto* command : {&approve, &reject}) {
        command->add_option("REQUEST", o->id, "the request, as `devices list` shows it")->required();
    }
    for (auto* command : {&remove, &revoke}) {
        command->add_option("DEVICE", o->id, "the whole id of the device")->required();
    }
    revoke.add_option("--role", o->role, "in this role (operator)")->type_name("ROLE");
}

}  // namespace openclaw::cli
