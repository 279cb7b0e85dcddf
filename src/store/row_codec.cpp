#include "store/row_codec.hpp"

namespace openclaw::store {

namespace {

void put(json_writer& out, std::string_view name, std::string_view value) {
    if (!value.empty()) out.member(name, value);
}

void put(json_writer& out, std::string_view name, std::int64_t value) {
    if (value != 0) out.member(name, value);
}

void put_members(json_writer& out, const chat_message& row) {
    write_parts(out.key("parts"), row.parts);
    put(out, "provider", row.provider);
    put(out, "model", row.model);
    put(out, "stopReason", row.stop_reason);
    put(out, "failure", row.failure);
    put(out, "input", row.usage.input);
    put(out, "output", row.usage.output);
    put(out, "cacheRead", row.usage.cache_read);
    put(out, "cacheWrite", row.usage.cache_write);
}

}  // namespace

std::string encode_body(const chat_message& row) {
    std::string text;
    json_writer out(text);
    out.begin_object();
    put_members(out, row);
    out.end_object();
    return text;
}

std::string encode_step(const chat_message& row) {
    std::string text;
    json_writer out(text);
    out.begin_object();
    put_members(out, row);
    put(out, "id", row.id);
    put(out, "at", row.timestamp_ms);
    out.end_object();
    return text;
}

void decode_body(std::string_view body, chat_message& row) {
    const auto parsed = parse_json(body);
    if (!parsed) return;
    if (const auto* parts = find(*parsed, "parts")) row.parts = parts_from_json(*parts);
    row.provider = string_or(*parsed, "provider");
    row.model = string_or(*parsed, "model");
    row.stop_reason = string_or(*parsed, "stopReason");
    row.failure = string_or(*parsed, "failure");
    row.usage.input = find_int(*parsed, "input").value_or(0);
    row.usage.output = find_int(*parsed, "output").value_or(0);
    row.usage.cache_read = find_int(*parsed, "cacheRead").value_or(0);
    row.usage.cache_write = find_int(*parsed, "cacheWrite").value_or(0);
    if (auto id = find_string(*parsed, "id")) row.id = std::move(*id);
    if (auto at = find_int(*parsed, "at")) row.timestamp_ms = *at;
}

}  // namespace openclaw::store
