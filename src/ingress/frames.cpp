#include "ingress/frames.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_id = 256;       // bytes
constexpr std::size_t max_method = 128;   // bytes
constexpr std::size_t max_depth_to_answer = 512;

std::string problem_of(const json& frame) {
    if (!frame.is_object()) return "must be an object";
    if (const auto* type = find(frame, "type"); type == nullptr || *type != "req") {
        return "at /type: must be \"req\"";
    }
    const auto id = find_string(frame, "id");
    if (!id || id->empty() || id->size() > max_id) return "at /id: must be a non-empty string";
    const auto method = find_string(frame, "method");
    if (!method || method->empty() || method->size() > max_method) {
        return "at /method: must be a non-empty string";
    }
    for (const auto& [key, value] : frame.items()) {
        if (key == "type" || key == "id" || key == "method" || key == "params") continue;
        if (key == "traceparent" && value.is_string()) continue;
        return "at root: unexpected property '" + key.substr(0, 64) + "'";
    }
    return {};
}

}  // namespace

parsed_frame parse_frame(std::string_view text) {
    parsed_frame out;
    auto parsed = parse_json(text);
    if (!parsed) {
        // Nested too deep is a request still, whose caller waits for an answer.
        parsed = parse_json(text, max_depth_to_answer);
        if (!parsed || !parsed->is_object()) return out;
        out.problem = "nested deeper than " + std::to_string(max_json_depth) + " levels";
    } else {
        out.problem = problem_of(*parsed);
    }
    if (!out.problem.empty()) {
        out.what = parsed_frame::kind::invalid;
        const auto* id = find(*parsed, "id");
        out.id = id != nullptr && !id->is_structured() && !id->is_null() ? *id : json("invalid");
        return out;
    }
    out.what = parsed_frame::kind::request;
    out.request.id = (*parsed)["id"].get<std::string>();
    out.request.method = (*parsed)["method"].get<std::string>();
    if (auto params = parsed->find("params"); params != parsed->end() && !params->is_null()) {
        out.request.params = std::move(*params);
    }
    return out;
}

std::string response_frame(const json& id, const json& payload) {
    return R"({"type":"res","id":)" + dump(id) + R"(,"ok":true,"payload":)" + dump(payload) + "}";
}

std::string error_frame(const json& id, const json& error) {
    return R"({"type":"res","id":)" + dump(id) + R"(,"ok":false,"error":)" + dump(error) + "}";
}

std::string event_body(std::string_view event, const json& payload) {
    std::string out = R"({"type":"event","event":)";
    append_quoted(out, event);
    return out + R"(,"payload":)" + dump(payload);
}

std::string plain_event(std::string_view event, const json& payload) {
    return event_body(event, payload) + "}";
}

}  // namespace openclaw::ingress
