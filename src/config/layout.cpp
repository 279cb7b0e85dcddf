#include "config/layout.hpp"

#include "config/json5_scanner.hpp"
#include "config/json5_unicode.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

// An element of an object or list: what stands in the text for it.
struct span_of {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t comma = nowhere;
};

std::vector<span_of> elements_of(const json5_value& parent) {
    std::vector<span_of> spans;
    for (const auto& m : parent.members)
        spans.push_back({m.key_begin, m.value.end, m.value.comma});
    for (const auto& item : parent.items)
        spans.push_back({item.begin, item.end, item.comma});
    return spans;
}

std::size_t line_begin(std::string_view text, std::size_t offset) {
    const auto newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

// White space that the line of `offset` begins with.
std::string_view indent_at(std::string_view text, std::size_t offset) {
    const auto begin = line_begin(text, offset);
    const auto end = std::min(text.find_first_not_of(" \t", begin), text.size());
    return text.substr(begin, end - begin);
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

// What one level of indentation is in this text: of the first indented line, else two spaces.
std::string_view indent_unit(std::string_view text) {
    std::size_t at = 0;
    while ((at = text.find('\n', at)) != std::string_view::npos) {
        ++at;
        const auto end = std::min(text.find_first_not_of(" \t", at), text.size());
        const bool content =
            end < text.size() && text[end] != '\n' && text[end] != '\r' && text[end] != '*';
        if (end > at && content) return text.substr(at, end - at);
    }
    return "  ";
}

std::string_view line_end_style(std::string_view text) {
    return text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
}

// A text that is JSON stays JSON: other programs may read it.
bool is_strict(std::string_view text) {
    return text.find('"') != std::string_view::npos && json::accept(text);
}

// Behind a trailing comment on the line of `offset`, at the line's end. What follows on the line
// and is no comment ends it earlier, at `limit` at the latest.
std::size_t rest_of_line(std::string_view text, std::size_t offset, std::size_t limit) {
    std::size_t at = offset;
    while (at < limit && text[at] != '\n' && text[at] != '\r') {
        const auto two = text.substr(at, 2);
        if (two == "//") {
            const auto end = std::min(text.find_first_of("\r\n", at), limit);
            return end;
        }
        if (two == "/*") {
            at = text.find("*/", at) + 2;
        } else if (text[at] == ' ' || text[at] == '\t') {
            ++at;
        } else {
            return offset;
        }
    }
    return at >= limit ? offset : at;
}

std::string with_line_ends(std::string text, std::string_view style) {
    if (style == "\n") return text;
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += style;
        else
            out += c;
    }
    return out;
}

std::string splice(std::string_view text, std::size_t begin, std::size_t end, std::string_view by) {
    return std::string(text.substr(0, begin)).append(by).append(text.substr(end));
}

std::string key_text(std::string_view key, bool strict) {
    bool plain = !strict && !key.empty();
    for (std::size_t i = 0; plain && i < key.size();) {
        const auto c = decode_at(key, i);
        plain = i == 0 ? is_identifier_start(c.value) : is_identifier_part(c.value);
        i += c.bytes;
    }
    if (plain) return std::string(key);
    std::string quoted;
    append_quoted(quoted, key);
    return quoted;
}

// Places a new last element; `render` gives it for the indentation of its line.
template <class Render>
std::string append_element(std::string_view text, const json5_value& parent, Render render) {
    const auto spans = elements_of(parent);
    const auto eol = line_end_style(text);
    const auto close = parent.end - 1;
    const auto unit = indent_unit(text);
    if (spans.empty()) {
        const auto outer = std::string(indent_at(text, parent.begin));
        const auto inner = outer + std::string(unit);
        const auto own_line =
            is_blank(text.substr(line_begin(text, close), close - line_begin(text, close))) &&
            line_begin(text, close) > parent.begin;
        if (own_line) {
            // Comments may stand there; the new line comes last, before the closing bracket's.
            return splice(text, line_begin(text, close), line_begin(text, close),
                          inner + with_line_ends(render(inner), eol) + std::string(eol));
        }
        return splice(text, close, close,
                      std::string(eol) + inner + with_line_ends(render(inner), eol) +
                          std::string(eol) + outer);
    }
    const auto& last = spans.back();
    const bool trailing_comma = last.comma != nowhere;
    const bool multi_line =
        text.substr(parent.begin, spans.front().begin - parent.begin).find('\n') !=
        std::string_view::npos;
    const auto after = trailing_comma ? last.comma + 1 : last.end;
    const auto indent = std::string(indent_at(text, last.begin));
    const auto added = with_line_ends(render(indent), eol) + (trailing_comma ? "," : "");
    if (!multi_line) {
        return splice(text, after, after, (trailing_comma ? " " : ", ") + added);
    }
    const auto place = rest_of_line(text, after, close);
    auto changed = splice(text, place, place, std::string(eol) + indent + added);
    return trailing_comma ? changed : splice(changed, after, after, ",");
}

} // namespace

std::string format_json5(const json& value, std::string_view indent, std::string_view unit,
                         bool strict) {
    if (!value.is_structured() || value.empty()) return dump(value);
    const std::string inner = std::string(indent) + std::string(unit);
    const bool object = value.is_object();
    // Short lists of plain values read better on one line.
    const bool inline_list = !object && std::none_of(value.begin(), value.end(), [](const json& v) {
        return v.is_structured();
    }) && dump(value).size() <= 80;
    std::string out = object ? "{" : "[";
    bool first = true;
    for (const auto& [key, element] : value.items()) {
        if (!first) out += inline_list ? ", " : ",";
        if (!inline_list) out += "\n" + inner;
        if (object) out += key_text(key, strict) + ": ";
        out += format_json5(element, inner, unit, strict);
        first = false;
    }
    if (!inline_list) out.append(strict ? "\n" : ",\n").append(indent);
    return out + (object ? "}" : "]");
}

std::string replace_value(std::string_view text, const json5_value& old, const json& value) {
    const auto written =
        format_json5(value, indent_at(text, old.begin), indent_unit(text), is_strict(text));
    return splice(text, old.begin, old.end, with_line_ends(written, line_end_style(text)));
}

std::string insert_member(std::string_view text, const json5_value& object, std::string_view key,
                          const json& value) {
    const bool strict = is_strict(text);
    return append_element(text, object, [&](std::string_view indent) {
        return key_text(key, strict) + ": " +
               format_json5(value, indent, indent_unit(text), strict);
    });
}

std::string insert_item(std::string_view text, const json5_value& list, const json& value) {
    const bool strict = is_strict(text);
    return append_element(text, list, [&](std::string_view indent) {
        return format_json5(value, indent, indent_unit(text), strict);
    });
}

std::string remove_element(std::string_view text, const json5_value& parent,
                           const json5_value& value) {
    const auto spans = elements_of(parent);
    const auto it = std::find_if(spans.begin(), spans.end(),
                                 [&](const span_of& s) { return s.end == value.end; });
    std::string out(text);
    auto cut = [&](std::size_t begin, std::size_t end) { out.erase(begin, end - begin); };
    const bool last = it + 1 == spans.end();
    auto end = it->end;
    if (it->comma != nowhere) {
        // Comments between the value and its comma stay.
        cut(it->comma, it->comma + 1);
        if (is_blank(text.substr(it->end, it->comma - it->end))) end = it->comma;
    }
    const auto begin = line_begin(text, it->begin);
    const bool own_begin = is_blank(text.substr(begin, it->begin - begin));
    const auto newline = out.find('\n', end);
    const bool own_end =
        newline != std::string::npos && is_blank(std::string_view(out).substr(end, newline - end));
    if (own_begin && own_end)
        cut(begin, newline + 1);
    else if (own_begin || last)
        cut(it->begin, end);
    else
        cut(it->begin, std::min(out.find_first_not_of(" \t", end), out.size()));
    // Without a comma of its own the last element leaves the one before it with one too many.
    if (last && it->comma == nowhere && it != spans.begin()) {
        const auto before = (it - 1)->comma;
        cut(before, before + 1);
        const auto gap = out.find_first_not_of(" \t", before);
        const bool inline_close = gap != std::string::npos && (out[gap] == '}' || out[gap] == ']');
        if (inline_close) out.replace(before, gap - before, out[gap] == '}' ? " " : "");
    }
    return out;
}

} // namespace openclaw::config
