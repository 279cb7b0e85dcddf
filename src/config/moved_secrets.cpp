#include "config/moved_secrets.hpp"

#include "config/findings.hpp"
#include "config/path.hpp"
#include "config/placeholders.hpp"
#include "config/secrets.hpp"

#include "openclaw/config/editor.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace openclaw::config {

namespace {

// Names of settings that say where the secrets beside them go: to a service, or to a program.
constexpr std::string_view addresses[] = {"baseUrl", "url",        "apiUrl",  "endpoint",
                                          "issuer",  "server",     "host",    "homeserver",
                                          "command", "args",       "program", "executable",
                                          "script",  "interpreter", "cwd"};

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
    explicit finder(findings& found)
        : found_(found) {}

    void walk(const json5_value& now, const json5_value* before, const json5_value* asked,
              const place& at, const std::string& path) {
        const bool moved = before != nullptr && before->kind == json5_kind::object &&
                           now.kind == json5_kind::object && has_moved(now, *before);
        for (const auto& m : now.members) {
            const auto* old = below(before, m.key);
            const auto* wish = below(asked, m.key);
            const auto m_at = place_of_member(at, m);
            const auto m_path = join_path(path, m.key);
            if (moved) look_at(m.value, old, wish, m_at, m_path, true);
            walk(m.value, old, wish, m_at, m_path);
        }
        for (std::size_t i = 0; i < now.items.size(); ++i) {
            walk(now.items[i], counterpart(now, i, before), element(asked, i), place_of_item(at, now, i),
                 join_path(path, i));
        }
    }

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
            look_at(now.items[i], element(before, i), element(asked, i), place_of_item(at, now, i),
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

    findings& found_;
};

// A secret by its file or variable, and where it goes.
struct reference {
    std::string path;
    std::size_t begin;
    std::string text;
    std::string address;
};

bool names_variable(const json5_value& value) {
    return value.kind == json5_kind::text && value.text.find("${") != std::string::npos;
}

// The address that an object has of its own, as text; empty: none.
std::string own_address(const json5_value& object) {
    json all = json::object();
    for (const auto key : addresses) {
        const auto* value = object.find(key);
        if (value != nullptr && to_json(*value) != "") all[std::string(key)] = to_json(*value);
    }
    return all.empty() ? std::string() : dump(all);
}

// The references of a tree that go to an address which stands there too. The usual address of a
// service is nobody's choice and counts as none.
class reference_list {
public:
    explicit reference_list(const json5_value& root) { walk(root, {&field_table(), ""}, "", "", false); }

    std::vector<reference> all;

private:
    void walk(const json5_value& value, const place& at, const std::string& path,
              const std::string& above, bool in_address) {
        const auto address = above + own_address(value);
        const bool file = is_file(value, at);
        const bool variable = names_variable(value) && (in_address || is_hidden(value, at));
        if (!address.empty() && (file || variable)) {
            all.push_back({path, value.begin, dump(to_json(value)), address});
        }
        if (file) return;
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            walk(value.items[i], place_of_item(at, value, i), join_path(path, i), address, in_address);
        }
        for (const auto& m : value.members) {
            walk(m.value, place_of_member(at, m), join_path(path, m.key), address,
                 in_address || is_address(m.key));
        }
    }
};

// Whoever may not read a file or a variable of the gateway could have its content sent to a server
// of his own by naming it: what is named together with an address has to stand in the file already.
void find_new_references(const json5_value& now, const json5_value& before, findings& found) {
    std::set<std::pair<std::string, std::string>> known;
    for (auto& r : reference_list(before).all) known.emplace(std::move(r.text), std::move(r.address));
    for (auto& r : reference_list(now).all) {
        if (known.contains({r.text, r.address})) continue;
        found.error(r.path, r.begin,
                    "a file or variable of the gateway cannot be sent to this address from afar",
                    "Send the secret itself, or change the file on the gateway's machine.");
    }
}

} // namespace

std::vector<issue> moved_secrets(std::string_view made, std::string_view stored,
                                 std::string_view asked) {
    const auto now = tree_of(made);
    const auto before = tree_of(stored);
    const auto wish = tree_of(asked);
    findings found;
    finder(found).walk(now, &before, &wish, {&field_table(), ""}, "");
    // One reason is enough: what has moved is new where it is now.
    if (found.list(made).empty()) find_new_references(now, before, found);
    return found.list(made);
}

} // namespace openclaw::config
