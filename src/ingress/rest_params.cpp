#include "ingress/rest.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace openclaw::ingress {

namespace {

error bad_value(std::string_view where, std::string_view name, const std::string& problem) {
    return error(errc::invalid_input,
                 std::string(where) + " \"" + printable(name, 64) + "\" " + problem);
}

std::string_view must_be(value_kind kind) {
    switch (kind) {
    case value_kind::integer: return "must be an integer";
    case value_kind::boolean: return "must be true or false";
    case value_kind::boolean_or_all: return "must be true, false or all";
    case value_kind::texts: return "must be a list of strings";
    case value_kind::object: return "must be an object";
    case value_kind::tag: return "must be one strong entity tag, in quotes";
    case value_kind::text: break;
    }
    return "must be a string";
}

// A value that came as text; nothing when it is none of its kind.
std::optional<json> read_text(std::string_view text, value_kind kind) {
    if (kind == value_kind::text) return is_utf8(text) ? std::optional(json(text)) : std::nullopt;
    if (kind == value_kind::tag) {
        const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
        const auto inside = quoted ? text.substr(1, text.size() - 2) : std::string_view();
        if (!quoted || inside.find('"') != std::string_view::npos) return std::nullopt;
        return json(inside);
    }
    if (kind == value_kind::integer) {
        std::int64_t number = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return json(number);
    }
    if (text == "true") return json(true);
    if (text == "false") return json(false);
    if (text == "all" && kind == value_kind::boolean_or_all) return json("all");
    return std::nullopt;
}

bool is_of(const json& value, value_kind kind) {
    switch (kind) {
    case value_kind::text: return value.is_string();
    case value_kind::integer: return value.is_number_integer();
    case value_kind::boolean: return value.is_boolean();
    case value_kind::boolean_or_all: return value.is_boolean() || value == "all";
    case value_kind::object: return value.is_object();
    case value_kind::tag: return false;
    case value_kind::texts: break;
    }
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const json& v) { return v.is_string(); });
}

const rest_param* find_param(const rest_route& row, value_place in, std::string_view name) {
    const auto found = std::find_if(row.params.begin(), row.params.end(), [&](const auto& p) {
        return p.in == in && p.name == name;
    });
    return found == row.params.end() ? nullptr : &*found;
}

std::string name_for_method(const rest_param& p) {
    return std::string(p.as.empty() ? p.name : p.as);
}

std::string names_of(const rest_route& row, value_place in) {
    std::string names;
    for (const auto& p : row.params) {
        if (p.in != in) continue;
        if (!names.empty()) names += ", ";
        names += p.name;
    }
    return names.empty() ? "none is known here" : "known here: " + names;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

result<void> read_path(const rest_match& match, json& out) {
    const auto names = names_in(match.found->at.path);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto text = percent_decode(match.values[i]);
        if (!text) return bad_value("path parameter", names[i], "has a broken %-escape");
        if (text->size() > max_path_value) {
            return bad_value("path parameter", names[i],
                             "is longer than " + std::to_string(max_path_value) + " bytes");
        }
        if (!is_utf8(*text) || std::any_of(text->begin(), text->end(), is_control)) {
            return bad_value("path parameter", names[i], "must be text without control characters");
        }
        const auto* p = find_param(*match.found, value_place::path, names[i]);
        out[p == nullptr ? std::string(names[i]) : name_for_method(*p)] = *text;
    }
    return {};
}

result<void> read_query(const rest_route& row, std::string_view query, json& out) {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto split = std::min(pair.find('='), pair.size());
        const auto name = percent_decode(pair.substr(0, split), true);
        const auto text = percent_decode(pair.substr(std::min(split + 1, pair.size())), true);
        if (!name || !text) {
            return bad_value("query parameter", pair.substr(0, split), "has a broken %-escape");
        }
        const auto* p = find_param(row, value_place::query, *name);
        if (p == nullptr) {
            return bad_value("query parameter", *name,
                             "is unknown; " + names_of(row, value_place::query));
        }
        auto value = read_text(*text, p->kind);
        if (!value) return bad_value("query parameter", *name, std::string(must_be(p->kind)));
        if (!out.emplace(name_for_method(*p), std::move(*value)).second) {
            return bad_value("query parameter", *name, "is there twice");
        }
    }
    return {};
}

result<void> read_fields(const rest_route& row, const net::header_list& fields, json& out) {
    for (const auto& p : row.params) {
        if (p.in != value_place::header || !fields.has(p.name)) continue;
        if (fields.count(p.name) > 1) return bad_value("header", p.name, "is there twice");
        auto value = read_text(fields.get(p.name), p.kind);
        if (!value) return bad_value("header", p.name, std::string(must_be(p.kind)));
        out[name_for_method(p)] = std::move(*value);
    }
    return {};
}

result<void> read_body(const rest_route& row, const std::string& body, json& out) {
    if (body.empty()) return {};
    for (const auto& p : row.params) {
        if (p.in != value_place::whole) continue;
        if (!is_utf8(body)) return error(errc::invalid_input, "the body is no UTF-8");
        out[name_for_method(p)] = body;
        return {};
    }
    auto members = parse_json(body);
    if (!members) {
        return error(errc::invalid_input, "the body is no JSON: " + members.error().message);
    }
    if (!members->is_object()) return error(errc::invalid_input, "the body must be a JSON object");
    for (auto& [name, value] : members->items()) {
        const auto* p = find_param(row, value_place::body, name);
        if (p == nullptr) {
            return bad_value("body member", name, "is unknown; " + names_of(row, value_place::body));
        }
        if (!is_of(value, p->kind) && (p->required || !value.is_null())) {
            return bad_value("body member", name, std::string(must_be(p->kind)));
        }
        out[name_for_method(*p)] = std::move(value);
    }
    return {};
}

result<void> complete(const rest_route& row, random_source& random, json& out) {
    for (const auto& p : row.params) {
        const auto name = name_for_method(p);
        if (out.contains(name)) continue;
        if (p.made) out[name] = make_uuid(random);
        if (p.required) {
            if (p.in == value_place::whole) return error(errc::invalid_input, "the body is missing");
            const auto* where = p.in == value_place::query ? "query parameter" : "body member";
            return bad_value(where, p.name, "is missing");
        }
    }
    return {};
}

}  // namespace

std::optional<std::string> body_form_problem(const net::http_request& request) {
    if (request.body.empty()) return std::nullopt;
    const auto coding = request.headers.get("content-encoding");
    if (!coding.empty() && !net::equals_ignoring_case(coding, "identity")) {
        return "Send the body without a coding.";
    }
    auto type = request.headers.get("content-type");
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    if (net::equals_ignoring_case(type, "application/json")) return std::nullopt;
    return "Send the body as Content-Type: application/json.";
}

result<json> rest_params(const rest_match& match, const net::http_request& request,
                         random_source& random) {
    const auto& row = *match.found;
    json out = json::object();
    if (auto done = read_query(row, request.query(), out); !done) return done.error();
    if (auto done = read_fields(row, request.headers, out); !done) return done.error();
    if (auto done = read_body(row, request.body, out); !done) return done.error();
    // Last, so that nothing in a query or a body can speak over the path.
    if (auto done = read_path(match, out); !done) return done.error();
    if (auto done = complete(row, random, out); !done) return done.error();
    if (row.defaults.empty()) return out;
    auto all = parse_json(row.defaults).value();
    all.update(out);
    return all;
}

}  // namespace openclaw::ingress
