// exec.approval.* and exec.approvals.*: permission to run a command. No tool of this version runs one, so
// there is nobody to decide and nothing to permit; who asks is told at once.

#include "ingress/methods.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_id = 256;          // bytes
constexpr std::size_t max_command = 65'536;  // bytes
constexpr std::int64_t default_patience_ms = 120'000;
constexpr std::int64_t longest_patience_ms = 86'400'000;

error no_approval(const method_call& c, const std::string& id) {
    c.refusal["code"] = "APPROVAL_NOT_FOUND";
    return error(errc::not_found, "there is no approval \"" + id + "\"");
}

// The command is said in one of three ways.
result<void> check_command(const method_call& c) {
    auto line = optional_text(c, "command", max_command);
    if (!line) return line.error();
    const auto* words = find(c.params, "commandArgv");
    const auto* plan = find(c.params, "systemRunPlan");
    if (words != nullptr && !words->is_array()) return bad_params(c, "at /commandArgv: must be array");
    if (plan != nullptr && !plan->is_object()) return bad_params(c, "at /systemRunPlan: must be object");
    if (!line->empty() || words != nullptr || plan != nullptr) return {};
    return bad_params(c, "must have required property 'command'");
}

json nothing_permitted() {
    return {{"version", 1}, {"defaults", json::object()}, {"agents", json::object()}};
}

json snapshot(const method_call& c) {
    const auto file = nothing_permitted();
    return {{"path", c.gateway.d.identity.state_dir + "/exec-approvals.json"},
            {"exists", false},
            {"hash", to_hex(sha256(dump(file)))},
            {"file", file}};
}

}  // namespace

task<result<json>> call_exec_approval_request(method_call c) {
    auto id = optional_text(c, "id", max_id);
    if (!id) co_return id.error();
    if (auto said = check_command(c); !said) co_return said.error();
    auto patience = optional_int(c, "timeoutMs", 1, longest_patience_ms, default_patience_ms);
    if (!patience) co_return patience.error();
    const auto now = c.gateway.d.time.unix_ms();
    co_return json{{"id", id->empty() ? make_uuid(c.gateway.d.random) : *id},
                   {"decision", nullptr},
                   {"createdAtMs", now},
                   {"expiresAtMs", now + *patience}};
}

task<result<json>> call_exec_approval_resolve(method_call c) {
    constexpr std::array decisions{"allow-once", "allow-always", "deny"};
    auto id = required_text(c, "id", max_id);
    if (!id) co_return id.error();
    auto decision = required_text(c, "decision", 64);
    if (!decision) co_return decision.error();
    if (std::ranges::find(decisions, *decision) == decisions.end()) {
        co_return bad_params(c, "at /decision: must be allow-once, allow-always or deny");
    }
    co_return no_approval(c, *id);
}

task<result<json>> call_exec_approval_wait(method_call c) {
    auto id = required_text(c, "id", max_id);
    if (!id) co_return id.error();
    co_return no_approval(c, *id);
}

task<result<json>> call_exec_approvals_get(method_call c) {
    co_return snapshot(c);
}

// What there is may be written again; permissions would change nothing, and so are refused.
task<result<json>> call_exec_approvals_set(method_call c) {
    const auto* file = find(c.params, "file");
    if (file == nullptr) co_return bad_params(c, "must have required property 'file'");
    if (!file->is_object() || file->value("version", json()) != 1) {
        co_return bad_params(c, "at /file/version: must be 1");
    }
    auto hash = optional_text(c, "baseHash", 128);
    if (!hash) co_return hash.error();
    auto now = snapshot(c);
    if (!hash->empty() && *hash != now["hash"]) {
        co_return error(errc::invalid_input,
                        "exec approvals changed since last load; re-run exec.approvals.get and retry");
    }
    for (const char* part : {"defaults", "agents"}) {
        if (const auto* said = find(*file, part); said != nullptr && !said->empty()) {
            co_return error(errc::invalid_input, "exec approvals are not in effect in this version: no tool "
                                                 "runs commands");
        }
    }
    co_return now;
}

}  // namespace openclaw::ingress
