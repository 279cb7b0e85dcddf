#include "config/moved_secrets.hpp"

#include "config/findings.hpp"
#include "config/path.hpp"
#include "config/placeholders.hpp"
#include "config/secrets.hpp"

#include "openclaw/config/editor.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

// Names of settings that say where the secrets beside them go.
constexpr std::string_view addresses[] = {"baseUrl", "url",    "apiUrl", "endpoint",
                                          "issuer",  "server", "host",   "homeserver"};

bool is_address(std::string_view key) {
    return std::ranges::find(addresses, key) != std::end(addresses);
}

const json5_value* below(const json5_value* value, std::string_view key) {
    return value == nullptr ? nullptr : value->find(key);
}

const json5_value* element(const json5_value* list, std::size_t i) {
    return list == nullptr || i >= list->items.size() ? nullptr : &list->items[i];
}

// Absent and empty mean the same: the usual address.
bool differs(const json5_value* now, const json5_value* before) {
    const auto of = [](const json5_value* v) { return v == nullptr ? json("") : to_json(*v); };
    return of(now) != of(before);
}

bool has_moved(const json5_value& now, const json5_value& before) {
    return std::ranges::any_of(addresses, [&](std::string_view key) {
        return differs(now.find(key), before.find(key));
    });
}

bool is_file(const json5_value& value, const place& at) {
    return value.kind == json5_kind::object && value.find("file") != nullptr &&
           is_secret_field(at.node, at.key);
}

class finder {
public:
    void walk(const json5_value& now, const json5_value* before, const json5_value* asked,
              const place& at, const std::string& path) {
        const bool moved = before != nullptr && before->kind == json5_kind::object &&
                           now.kind == json5_kind::object && has_moved(now, *before);
        for (const auto& m : now.members) {
            const auto* old = below(before, m.key);
            const auto* wish = below(asked, m.key);
            const auto m_at = place_of_member(at, m);
            const auto m_path = join_path(path, m.key);
            if (moved && !is_address(m.key)) look_at(m.value, old, wish, m_at, m_path, true);
            walk(m.value, old, wish, m_at, m_path);
        }
        for (std::size_t i = 0; i < now.items.size(); ++i) {
            walk(now.items[i], counterpart(now, i, before), element(asked, i), place_of_item(at),
                 join_path(path, i));
        }
    }

    std::vector<issue> list(std::string_view text) const { return found_.list(text); }

private:
    // A secret, or with `inside` a list or map of them.
    void look_at(const json5_value& now, const json5_value* before, const json5_value* asked,
                 const place& at, const std::string& path, bool inside) {
        if (is_hidden(now, at) || is_file(now, at)) {
            if (!is_given(before, asked)) refuse(now, path);
            return;
        }
        if (!inside) return;
        for (std::size_t i = 0; i < now.items.size(); ++i) {
            look_at(now.items[i], element(before, i), element(asked, i), place_of_item(at),
                    join_path(path, i), false);
        }
        for (const auto& m : now.members) {
            look_at(m.value, below(before, m.key), below(asked, m.key), place_of_member(at, m),
                    join_path(path, m.key), false);
        }
    }

    // A reference to a file is shown, so that sending it back tells nothing of knowing the secret.
    static bool is_given(const json5_value* before, const json5_value* asked) {
        if (asked == nullptr) return false;
        if (asked->kind == json5_kind::object) {
            return before == nullptr || to_json(*before) != to_json(*asked);
        }
        return asked->kind != json5_kind::text || asked->text != redacted;
    }

    void refuse(const json5_value& now, const std::string& path) {
        found_.error(path, now.begin,
                     "the address beside this secret changes, so the secret has to be given anew",
                     "Send it in the same change, or change the file on the gateway's machine.");
    }

    findings found_;
};

} // namespace

std::vector<issue> moved_secrets(std::string_view made, std::string_view stored,
                                 std::string_view asked) {
    const auto now = tree_of(made);
    const auto before = tree_of(stored);
    const auto wish = tree_of(asked);
    finder f;
    f.walk(now, &before, &wish, {&field_table(), ""}, "");
    return f.list(made);
}

} // namespace openclaw::config
