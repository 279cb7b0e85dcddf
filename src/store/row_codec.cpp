#include "store/row_codec.hpp"

namespace openclaw::store {

namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += ",\"";
    out += name;
    out += "\":";
    append_quoted(out, value);
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
    if (value == 0) return;
    out += ",\"";
    out += name;
    out += "\":";
    out += std::to_string(value);
}

std::string encode_open(const chat_message& row) {
    std::string out = R"({"parts":)";
    append_parts(out, row.parts);
    append_member(out, "provider", row.provider);
    append_member(out, "model", row.model);
    append_member(out, "stopReason", row.stop_reason);
    append_number(out, "input", row.usage.input);
    append_number(out, "output", row.usage.output);
    append_number(out, "cacheRead", row.usage.cache_read);
    append_number(out, "cacheWrite", row.usage.cache_write);
    return out;
}

}  // namespace

std::string encode_body(const chat_message& row) {
    auto out = encode_open(row);
    out += '}';
    return out;
}

std::string encode_step(const chat_message& row) {
    auto out = encode_open(row);
    append_member(out, "id", row.id);
    append_number(out, "at", row.timestamp_ms);
    out += '}';
    return out;
}

void decode_body(std::string_view body, chat_message& row) {
    const auto parsed = parse_json(body);
    if (!parsed) return;
    if (const auto* parts = find(*parsed, "parts")) row.parts = parts_from_json(*parts);
    row.provider = string_or(*parsed, "provider");
    row.model = string_or(*parsed, "model");
    row.stop_reason = string_or(*parsed, "stopReason");
    row.usage.input = find_int(*parsed, "input").value_or(0);
    row.usage.output = find_int(*parsed, "output").value_or(0);
    row.usage.cache_read = find_int(*parsed, "cacheRead").value_or(0);
    row.usage.cache_write = find_int(*parsed, "cacheWrite").value_or(0);
    if (auto id = find_string(*parsed, "id")) row.id = std::move(*id);
    if (auto at = find_int(*parsed, "at")) row.timestamp_ms = *at;
}

}  // namespace openclaw::store
