#include "config/reader.hpp"

#include "config/json5_parser.hpp"
#include "config/secrets.hpp"
#include "config/suggest.hpp"

#include "openclaw/core/units.hpp"

#include <algorithm>
#include <cmath>

namespace openclaw::config {

namespace {

// Stores `value` when the member is of a type that takes it.
template <class Number> void store_number(const slot& target, Number value) {
    std::visit(
        [&](auto member) {
            using T = std::remove_pointer_t<decltype(member)>;
            if constexpr (std::is_same_v<T, milliseconds>) {
                *member = milliseconds(static_cast<std::int64_t>(value));
            } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
                *member = static_cast<T>(value);
            }
        },
        target);
}

double as_double(const json5_number& n) {
    return std::visit([](auto v) { return static_cast<double>(v); }, n);
}

// A text from the environment that reads as JSON5, so that `port: "${PORT}"` can be a number.
json5_value from_environment(const json5_value& value) {
    auto parsed = parse_json5(value.text);
    if (!value.from_variable || !std::holds_alternative<json5_value>(parsed)) return value;
    auto& literal = std::get<json5_value>(parsed);
    if (literal.kind != json5_kind::number && literal.kind != json5_kind::boolean) return value;
    literal.begin = value.begin;
    literal.from_variable = true;
    return std::move(literal);
}

} // namespace

bool value_reader::read(const json5_value& value) {
    switch (row_.kind) {
    case field_kind::group:
    case field_kind::map:
    case field_kind::open_object:
    case field_kind::list:
        return false;
    case field_kind::open_list:
        return value.kind == json5_kind::array;
    case field_kind::boolean:
        return read_boolean(value);
    case field_kind::integer:
    case field_kind::number:
        return read_number(value);
    case field_kind::duration:
    case field_kind::size:
        return read_quantity(value);
    case field_kind::choice:
        return read_choice(value);
    case field_kind::text:
    case field_kind::secret:
        return read_text(value);
    case field_kind::text_list:
    case field_kind::secret_list:
        return read_list(value);
    case field_kind::text_map:
        return read_map(value);
    }
    return false;
}

bool value_reader::is_secret() const {
    return row_.kind == field_kind::secret || row_.kind == field_kind::secret_list || row_.masked;
}

void value_reader::fail(const json5_value& value, const std::string& path, std::string message,
                        std::string hint) {
    issues_.error(path, value.begin, std::move(message), std::move(hint));
}

bool value_reader::read_boolean(const json5_value& value) {
    const auto v = value.from_variable ? from_environment(value) : value;
    if (v.kind != json5_kind::boolean) return false;
    if (auto* const* member = std::get_if<bool*>(&target_)) **member = v.boolean;
    return true;
}

bool value_reader::in_range(double number, const json5_value& value, const std::string& shown) {
    if (number >= row_.min && number <= row_.max) return true;
    field_node node;
    node.row = &row_;
    std::string limit = describe(node);
    if (row_.kind == field_kind::duration || row_.kind == field_kind::size) {
        const auto name = [&](double n) {
            return row_.kind == field_kind::size
                       ? format_size(static_cast<std::uint64_t>(n))
                       : format_duration(milliseconds(static_cast<std::int64_t>(n)));
        };
        limit = row_.max == no_limit ? "at least " + name(row_.min)
                                     : name(row_.min) + " to " + name(row_.max);
    }
    fail(value, path_, "found " + shown + "; " + limit + " is expected");
    return false;
}

bool value_reader::read_number(const json5_value& value) {
    const auto v = value.from_variable ? from_environment(value) : value;
    if (v.kind != json5_kind::number) return false;
    const double number = as_double(v.number);
    if (!std::isfinite(number)) return false;
    if (row_.kind == field_kind::integer && number != std::floor(number)) return false;
    if (in_range(number, value, describe_found(v, is_secret()))) store_number(target_, number);
    return true;
}

bool value_reader::read_quantity(const json5_value& value) {
    const auto v = value.from_variable ? from_environment(value) : value;
    double number = 0;
    if (v.kind == json5_kind::number) {
        number = as_double(v.number);
        // Up to 2^53 a double holds each whole number; more milliseconds or bytes mean nothing.
        if (!std::isfinite(number) || number != std::floor(number) || std::abs(number) > 0x1p53)
            return false;
    } else if (v.kind != json5_kind::text) {
        return false;
    } else if (row_.kind == field_kind::size) {
        const auto size = parse_size(v.text);
        if (!size || *size > 1ULL << 53) return false;
        number = static_cast<double>(*size);
    } else {
        const auto duration = parse_duration(v.text);
        if (!duration || duration->count() > 1LL << 53) return false;
        number = static_cast<double>(duration->count());
    }
    if (in_range(number, value, describe_found(v, false))) store_number(target_, number);
    return true;
}

bool value_reader::read_choice(const json5_value& value) {
    if (value.kind != json5_kind::text) return false;
    const auto found = std::find(row_.choices.begin(), row_.choices.end(), value.text);
    if (found == row_.choices.end()) {
        const auto near = nearest(value.text, row_.choices);
        fail(value, path_,
             "found " + describe_found(value, false) + "; " + any_of(row_.choices) + " is expected",
             near.empty() ? "" : "Did you mean \"" + std::string(near) + "\"?");
        return true;
    }
    const auto index = found - row_.choices.begin();
    std::visit(
        [&](auto member) {
            using T = std::remove_pointer_t<decltype(member)>;
            if constexpr (std::is_enum_v<T>) *member = static_cast<T>(index);
            if constexpr (std::is_same_v<T, std::string>) *member = value.text;
        },
        target_);
    return true;
}

// What holds for a text by itself and as an element of a list.
bool value_reader::check_text(const json5_value& value, const std::string& path, bool element) {
    const auto shown = describe_found(value, is_secret());
    if (is_secret() && value.text == redacted) {
        fail(value, path, "this is the mask that stands for a secret, not a secret",
             "Put the secret itself here, or ${NAME} of an environment variable.");
        return false;
    }
    if (value.text.find('\0') != std::string::npos) {
        fail(value, path, "a text cannot hold a null character");
        return false;
    }
    if (value.text.empty() && (row_.min > 0 || element)) {
        fail(value, path, "cannot be empty");
        return false;
    }
    if (static_cast<double>(value.text.size()) > row_.max) {
        fail(value, path,
             "longer than " + std::to_string(static_cast<std::size_t>(row_.max)) + " bytes");
        return false;
    }
    const char* wrong =
        row_.rule == nullptr || value.text.empty() ? nullptr : row_.rule(value.text);
    if (wrong != nullptr) fail(value, path, "found " + shown + "; " + wrong);
    return wrong == nullptr;
}

bool value_reader::read_text(const json5_value& value) {
    if (value.kind != json5_kind::text) return false;
    if (!check_text(value, path_, false)) return true;
    std::visit(
        [&](auto member) {
            using T = std::remove_pointer_t<decltype(member)>;
            if constexpr (std::is_same_v<T, std::string>) *member = value.text;
            if constexpr (std::is_same_v<T, secret>) *member = secret(value.text);
            if constexpr (std::is_same_v<T, std::vector<secret>>) member->emplace_back(value.text);
        },
        target_);
    return true;
}

bool value_reader::read_list(const json5_value& value) {
    if (value.kind != json5_kind::array) return false;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const auto& item = value.items[i];
        const auto path = join_path(path_, i);
        if (item.unresolved) continue;
        if (item.kind != json5_kind::text) {
            fail(item, path, "found " + describe_found(item, is_secret()) + "; a text is expected");
        } else if (!row_.choices.empty() && std::find(row_.choices.begin(), row_.choices.end(),
                                                      item.text) == row_.choices.end()) {
            const auto near = nearest(item.text, row_.choices);
            fail(item, path,
                 "found " + describe_found(item, false) + "; " + any_of(row_.choices) +
                     " is expected",
                 near.empty() ? "" : "Did you mean \"" + std::string(near) + "\"?");
        } else if (check_text(item, path, true)) {
            texts.push_back(item.text);
        }
    }
    if (auto* const* list = std::get_if<std::vector<std::string>*>(&target_))
        **list = std::move(texts);
    else if (auto* const* secrets = std::get_if<std::vector<secret>*>(&target_)) {
        for (auto& text : texts)
            (*secrets)->emplace_back(std::move(text));
    }
    return true;
}

bool value_reader::read_map(const json5_value& value) {
    if (value.kind != json5_kind::object) return false;
    std::map<std::string, std::string> texts;
    for (const auto& m : value.members) {
        const auto path = join_path(path_, m.key);
        if (m.value.unresolved) continue;
        if (m.value.kind != json5_kind::text) {
            fail(m.value, path,
                 "found " + describe_found(m.value, is_secret()) + "; a text is expected");
        } else if (check_text(m.value, path, false)) {
            texts[m.key] = m.value.text;
        }
    }
    if (auto* const* map = std::get_if<std::map<std::string, std::string>*>(&target_))
        **map = std::move(texts);
    return true;
}

} // namespace openclaw::config
