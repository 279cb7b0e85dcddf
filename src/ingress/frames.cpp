#include "ingress/frames.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_id = 256;       // bytes
constexpr std::size_t max_method = 128;   // bytes
constexpr std::size_t max_trace = 128;    // bytes
constexpr std::size_t max_depth_to_answer = 512;

std::string problem_of(const json& frame) {
    if (!frame.is_object()) return "must be an object";
    if (const auto* type = find(frame, "type"); type == nullptr || *type != "req") {
        return "at /type: must be \"req\"";
    }
    const auto id = find_string(frame, "id");
    if (!id || id->empty() || id->size() > max_id) return "at /id: must be a non-empty string";
    const auto method = find_string(frame, "method");
    if (!method || method->empty()) return "at /method: must be a non-empty string";
    if (method->size() > max_method) {
        return "at /method: must not be longer than " + std::to_string(max_method) + " bytes";
    }
    for (const auto& [key, value] : frame.items()) {
        if (key == "type" || key == "id" || key == "method" || key == "params") continue;
        if (key == "traceparent") {
            const bool fits = value.is_string() && value.get_ref<const std::string&>().size() <= max_trace;
            if (fits) continue;
            return "at /traceparent: must be a string of at most " + std::to_string(max_trace) + " bytes";
        }
        return "at root: unexpected property '" + key.substr(0, 64) + "'";
    }
    return {};
}

// The unit of UTF-16 that is escaped at `at`; 0 when there is no such escape.
unsigned escaped_unit(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) != "\\u" || text.size() < at + 6) return 0;
    unsigned unit = 0;
    const auto* end = text.data() + at + 6;
    const auto read = std::from_chars(text.data() + at + 2, end, unit, 16);
    return read.ptr == end ? unit : 0;
}

bool is_high(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

// With U+FFFD for each escaped half of a surrogate pair that has no other half; whether there was one.
bool mend_surrogates(std::string& text) {
    bool mended = false;
    for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
        const auto unit = escaped_unit(text, at);
        if (is_high(unit) && is_low(escaped_unit(text, at + 6))) {
            at += 12;
        } else if (is_high(unit) || is_low(unit)) {
            text.replace(at + 2, 4, "fffd");
            mended = true;
        } else {
            at += 2;
        }
    }
    return mended;
}

// A frame without what is inside of its members' objects and lists; nothing when nothing of it is nested
// deeper than `limit`. One pass: what is too deep to be read may be long as well.
std::optional<std::string> outermost(std::string_view text, std::size_t limit) {
    constexpr std::size_t members = 1;   // the depth at which they stand
    std::string kept;
    std::size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool opens = !quoted && (c == '{' || c == '[');
        const bool ends = !quoted && (c == '}' || c == ']') && depth > 0;
        if (ends) --depth;
        if (depth <= members) kept += c;
        if (opens) deepest = std::max(deepest, ++depth);
        if (c == '"') quoted = !quoted;
        if (!quoted || c != '\\' || i + 1 == text.size()) continue;
        ++i;
        if (depth <= members) kept += text[i];
    }
    return deepest > limit ? std::optional(std::move(kept)) : std::nullopt;
}

// What is no JSON for us and yet a request, whose caller waits for an answer: it is nested too deep,
// or has a text that JavaScript writes as JSON and that no UTF-8 can hold. `problem` says which.
result<json> parse_to_answer(std::string_view text, std::string& problem) {
    problem = "nested deeper than " + std::to_string(max_json_depth) + " levels";
    auto parsed = parse_json(text, max_depth_to_answer);
    if (parsed) return parsed;
    if (const auto frame = outermost(text, max_depth_to_answer)) return parse_json(*frame);
    std::string mended(text);
    if (!mend_surrogates(mended)) return parsed;
    problem = "a text has one half of a surrogate pair";
    return parse_json(mended, max_depth_to_answer);
}

}  // namespace

parsed_frame parse_frame(std::string_view text) {
    parsed_frame out;
    auto parsed = parse_json(text);
    if (!parsed) {
        parsed = parse_to_answer(text, out.problem);
        if (!parsed) return parsed_frame();
    } else {
        out.problem = problem_of(*parsed);
    }
    if (!out.problem.empty()) {
        out.what = parsed_frame::kind::invalid;
        const auto* id = find(*parsed, "id");
        out.id = id != nullptr && !id->is_null() ? *id : json("invalid");
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
