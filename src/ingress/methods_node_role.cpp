// What nodes call themselves (protocol.md §8, node role). `c.device` is the node, proven by its key.

#include "ingress/methods.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_event = 128;
constexpr std::size_t max_chunk = 16'384;
constexpr std::size_t max_error_text = 4096;
constexpr std::size_t max_answer = 8 << 20;   // bytes of a payload
constexpr std::size_t max_acked = 256;

// A node speaks for itself alone.
result<void> check_own_id(const method_call& c) {
    auto id = required_text(c, "nodeId", max_device_id);
    if (!id) return id.error();
    if (*id != c.device) return error(errc::invalid_input, "nodeId mismatch");
    return {};
}

result<void> read_failure(const method_call& c, node_answer& out) {
    const auto* failure = find(c.params, "error");
    if (failure == nullptr || failure->is_null()) return {};
    if (!failure->is_object()) return bad_params(c, "at /error: must be object");
    for (const char* key : {"code", "message"}) {
        const auto* value = find(*failure, key);
        if (value != nullptr && !value->is_string()) {
            return bad_params(c, std::string("at /error/") + key + ": must be string");
        }
    }
    out.error_code = string_or(*failure, "code").substr(0, max_device_id);
    out.error_message = string_or(*failure, "message").substr(0, max_error_text);
    return {};
}

// payload, or payloadJSON, which is read.
result<void> read_payload(const method_call& c, node_answer& out) {
    if (const auto* payload = find(c.params, "payload"); payload != nullptr) out.payload = *payload;
    const auto* text = find(c.params, "payloadJSON");
    if (text != nullptr && !text->is_null()) {
        if (!text->is_string()) return bad_params(c, "at /payloadJSON: must be string");
        out.payload_json = text->get<std::string>();
    }
    out.bytes = out.payload.is_null() ? 0 : dump(out.payload).size();
    if (out.payload_json) out.bytes += out.payload_json->size();
    if (out.bytes <= max_answer && out.payload.is_null() && out.payload_json) {
        if (auto parsed = parse_json(*out.payload_json)) out.payload = std::move(*parsed);
    }
    return {};
}

node_answer too_large() {
    node_answer a;
    a.error_code = "PAYLOAD_TOO_LARGE";
    a.error_message = "the node's answer is larger than " + std::to_string(max_answer) + " bytes";
    return a;
}

}  // namespace

task<result<json>> call_node_invoke_result(method_call c) {
    auto id = required_text(c, "id", max_device_id);
    if (!id) co_return id.error();
    if (auto own = check_own_id(c); !own) co_return own.error();
    const auto ok = find_bool(c.params, "ok");
    if (!ok) co_return bad_params(c, "at /ok: must be boolean");
    node_answer a;
    a.ok = *ok;
    if (auto read = read_failure(c, a); !read) co_return read.error();
    if (auto read = read_payload(c, a); !read) co_return read.error();
    const bool fits = a.bytes <= max_answer;
    if (!fits) a = too_large();
    auto answer = std::make_shared<const node_answer>(std::move(a));
    const bool awaited = c.gateway.nodes.answer(*id, c.device, std::move(answer));
    if (!fits) co_return bad_params(c, "the payload is larger than " + std::to_string(max_answer) + " bytes");
    json out{{"ok", true}};
    if (!awaited) out["ignored"] = true;  // too late, or never asked of this node
    co_return out;
}

// Nobody listens to progress in this version, and the answer says so.
task<result<json>> call_node_invoke_progress(method_call c) {
    auto id = required_text(c, "invokeId", max_device_id);
    if (!id) co_return id.error();
    if (auto own = check_own_id(c); !own) co_return own.error();
    const auto seq = find_int(c.params, "seq");
    if (!seq || *seq < 0) co_return bad_params(c, "at /seq: must be integer >= 0");
    if (find(c.params, "chunk") == nullptr) co_return bad_params(c, "must have required property 'chunk'");
    auto chunk = optional_text(c, "chunk", max_chunk);
    if (!chunk) co_return chunk.error();
    co_return json{{"ok", true}, {"ignored", true}};
}

task<result<json>> call_node_event(method_call c) {
    auto event = required_text(c, "event", max_event);
    if (!event) co_return event.error();
    const auto* text = find(c.params, "payloadJSON");
    if (text != nullptr && !text->is_null() && !text->is_string()) {
        co_return bad_params(c, "at /payloadJSON: must be string");
    }
    co_return json{{"ok", true},
                   {"event", *event},
                   {"handled", false},
                   {"reason", "events of nodes are not in effect in this version"}};
}

// Commands are sent to a node that is here and are not kept for one that is not.
task<result<json>> call_node_pending_pull(method_call c) {
    co_return json{{"nodeId", c.device}, {"actions", json::array()}};
}

task<result<json>> call_node_pending_drain(method_call c) {
    auto most = optional_int(c, "maxItems", 1, 10, 10);
    if (!most) co_return most.error();
    co_return json{{"nodeId", c.device}, {"revision", 0}, {"items", json::array()}, {"hasMore", false}};
}

task<result<json>> call_node_pending_ack(method_call c) {
    const auto* ids = find(c.params, "ids");
    if (ids == nullptr) co_return bad_params(c, "must have required property 'ids'");
    const bool texts = ids->is_array() && !ids->empty() && ids->size() <= max_acked &&
                       std::all_of(ids->begin(), ids->end(), [](const json& v) {
                           return v.is_string() && !v.get_ref<const std::string&>().empty();
                       });
    if (!texts) co_return bad_params(c, "at /ids: must be an array of 1 to 256 non-empty strings");
    co_return json{{"nodeId", c.device}, {"ackedIds", json::array()}, {"remainingCount", 0}};
}

task<result<json>> call_skills_bins(method_call) {
    co_return json{{"bins", json::array()}};
}

}  // namespace openclaw::ingress
