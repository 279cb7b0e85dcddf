#include "ingress/audit.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

// Params and results that say what a call was about.
constexpr std::array named{"requestId", "deviceId", "nodeId", "role", "scopes",
                           "runId",     "agentId",  "name",   "id",   "jobId"};

constexpr std::size_t max_text = 256, max_list = 16;

// Nobody has checked these: what a client sent must not fill the disk, nor garble what shows the trail.
json short_text(const json& value) {
    return value.is_string() ? json(printable(value.get_ref<const std::string&>(), max_text)) : json();
}

void take_names(const json& from, json& into) {
    for (const char* name : named) {
        const auto* value = find(from, name);
        if (value == nullptr) continue;
        // `scopes` is the one that is a list.
        auto taken = short_text(*value);
        for (std::size_t i = 0; value->is_array() && i < std::min(value->size(), max_list); ++i) {
            taken.push_back(short_text((*value)[i]));
        }
        if (!taken.is_null()) into[name] = std::move(taken);
    }
}

// What a change came to: the settings by path, and the device of a request.
void take_result(const json& result, json& into) {
    take_names(result, into);
    for (const char* whole : {"device", "node"}) {
        if (const auto* row = find(result, whole)) take_names(*row, into);
    }
    if (const auto* hash = find(result, "hash")) into["hash"] = *hash;
    const auto* changed = find(result, "changed");
    if (changed == nullptr || !changed->is_array()) return;
    for (const auto& setting : *changed) into["settings"].push_back(string_or(setting, "path"));
}

}  // namespace

void keep_record(const gateway_context& gateway, store::audit_record record) {
    const auto now = gateway.in_effect.get();
    const auto& wanted = now->settings.gateway.logging.audit;
    const auto& kinds = wanted.events;
    if (!wanted.enabled || std::ranges::find(kinds, record.kind) == kinds.end()) return;
    gateway.d.store.audit(std::move(record));
}

void record_pairing(const gateway_context& gateway, const auth::device& paired) {
    store::audit_record record;
    record.kind = "admin_action";
    record.who = "device:" + paired.as.id;
    record.what = "device.pair";
    record.outcome = "ok";
    record.detail = {{"deviceId", paired.as.id}, {"role", paired.as.role}};
    keep_record(gateway, std::move(record));
}

task<result<json>> run_method(const method& m, method_call call) {
    if (m.audited_as.empty()) co_return co_await m.handler(std::move(call));
    auto& gateway = call.gateway;
    store::audit_record record;
    record.kind = m.audited_as;
    record.who = call.who.subject();
    record.what = m.name;
    // A caller that goes away ends its wait by an exception; what it asked for may be done.
    record.outcome = "unknown";
    take_names(call.params, record.detail);
    try {
        auto outcome = co_await m.handler(std::move(call));
        record.outcome = outcome ? "ok" : name_of(outcome.error().code);
        if (outcome) take_result(*outcome, record.detail);
        keep_record(gateway, std::move(record));
        co_return outcome;
    } catch (...) {
        keep_record(gateway, std::move(record));
        throw;
    }
}

}  // namespace openclaw::ingress
