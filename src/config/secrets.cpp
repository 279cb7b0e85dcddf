#include "config/secrets.hpp"

#include "config/files.hpp"

#include <algorithm>
#include <cctype>

namespace openclaw::config {

namespace {

constexpr std::size_t max_secret_bytes = 64 << 10;

bool is_file_reference(const json5_value& value) {
    return value.kind == json5_kind::object && value.members.size() == 1 &&
           value.members[0].key == "file";
}

const field_node* below(const field_node* node, const std::string& key) {
    return node == nullptr ? nullptr : node->child(key);
}

// In blocks by name: { headers: { "X-Y": … } } and { env: { … } } hold secrets under any name.
bool holds_secrets(std::string_view key) {
    return key == "headers" || key == "env";
}

// "signing_key" and "signingKey" are the same name.
std::string letters_of(std::string_view key) {
    std::string name;
    for (const char c : key) {
        if (c != '_' && c != '-')
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return name;
}

// "https://user:password@host/": an address that holds a secret, wherever it stands.
bool has_credentials(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto begin = scheme + 3;
    const auto end = std::min(text.find_first_of("/?# \t\r\n\"'", begin), text.size());
    const auto authority = text.substr(begin, end - begin);
    return authority.find('@') != std::string_view::npos;
}

// The names of the parameters that are secrets in an address, besides those that are anywhere.
bool is_secret_parameter(std::string_view name) {
    static constexpr std::string_view names[] = {"key", "sig", "signature", "auth", "pass", "pwd"};
    return is_secret_name(name) || std::ranges::find(names, letters_of(name)) != std::end(names);
}

// "https://host/path?api_key=…", also behind the '#'.
bool has_secret_parameter(std::string_view text) {
    const auto scheme = text.find("://");
    auto at = scheme == std::string_view::npos ? scheme : text.find_first_of("?#", scheme);
    while (at != std::string_view::npos) {
        const auto next = text.find_first_of("?#&;", at + 1);
        const auto parameter = text.substr(at + 1, next - at - 1);
        const auto equals = parameter.find('=');
        if (equals != std::string_view::npos && equals + 1 < parameter.size() &&
            is_secret_parameter(parameter.substr(0, equals))) {
            return true;
        }
        at = next;
    }
    return false;
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// What the keys of known services begin with; a digit is among the many characters after it.
bool has_key_shape(std::string_view text) {
    static constexpr std::string_view prefixes[] = {
        "sk-",  "sk_",         "rk_",    "xai-",  "gsk_",  "AIza", "AKIA", "ghp_", "gho_",
        "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xapp-", "hf_",  "npm_", "eyJ"};
    for (const auto prefix : prefixes) {
        for (auto at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
            if (at > 0 && is_word(text[at - 1])) continue;
            const auto rest = text.substr(at + prefix.size());
            const auto end = std::ranges::find_if_not(rest, is_word);
            const std::string_view word(rest.begin(), end);
            const bool digit = word.find_first_of("0123456789") != std::string_view::npos;
            if (word.size() >= 16 && digit) return true;
        }
    }
    return false;
}

// "--max-tokens" tells an amount.
bool names_secret(std::string_view option) {
    return is_secret_name(option) && !letters_of(option).ends_with("tokens");
}

// "--token=…", "API_KEY=…" and "Authorization: …" among the arguments of a program.
bool is_secret_argument(std::string_view text) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_word) - text.begin());
    if (end == 0 || end + 1 >= text.size() || (text[end] != '=' && text[end] != ':')) return false;
    return names_secret(text.substr(0, end));
}

// "--token", which the secret follows.
bool announces_secret(const json5_value& before, const json5_value& value) {
    return before.kind == json5_kind::text && before.text.starts_with('-') &&
           before.text.find('=') == std::string::npos && names_secret(before.text) &&
           !(value.kind == json5_kind::text && value.text.starts_with("--"));
}

class file_reader {
public:
    file_reader(const environment& env, findings& issues)
        : env_(env)
        , issues_(issues) {}

    void walk(json5_value& value, const field_node* node, const std::string& key,
              const std::string& path) {
        const bool map =
            node != nullptr && node->row != nullptr && node->row->kind == field_kind::text_map;
        if (is_file_reference(value) && !map && is_secret_field(node, key)) {
            replace(value, path);
            return;
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            const bool elements = node != nullptr && node->named("[]") != nullptr;
            walk(value.items[i], elements ? node->named("[]") : node, key, join_path(path, i));
        }
        for (auto& m : value.members) {
            walk(m.value, below(node, m.key), map && node->row->masked ? "secret" : m.key,
                 join_path(path, m.key));
        }
    }

private:
    void replace(json5_value& value, const std::string& path) {
        const auto& reference = value.members[0].value;
        value.unresolved = true;
        if (reference.unresolved) return;
        std::string file = reference.kind == json5_kind::text ? reference.text : "";
        if (file.starts_with("~/")) file = env_("HOME").value_or("") + file.substr(1);
        if (!file.starts_with('/')) {
            issues_.error(path, value.begin, "a secret's file needs an absolute path");
            return;
        }
        auto content = read_text_file(file, max_secret_bytes);
        if (!content) {
            issues_.error(path, value.begin, content.error().message, content.error().hint);
            return;
        }
        value.kind = json5_kind::text;
        value.text = content->substr(0, content->find_last_not_of("\r\n") + 1);
        value.members.clear();
        value.unresolved = false;
        value.from_variable = true;
        if (value.text.empty())
            issues_.error(path, value.begin, "the secret's file " + file + " is empty");
    }

    const environment& env_;
    findings& issues_;
};

// Whatever the setting is called.
bool holds_secret(std::string_view text) {
    return has_credentials(text) || has_secret_parameter(text) || has_key_shape(text);
}

} // namespace

bool is_secret_name(std::string_view key) {
    const auto name = letters_of(key);
    static constexpr std::string_view marks[] = {
        "token",      "secret",     "password",   "passphrase", "apikey",
        "credential", "privatekey", "signingkey", "accesskey",  "authorization"};
    return std::any_of(std::begin(marks), std::end(marks),
                       [&](std::string_view mark) { return name.find(mark) != std::string::npos; });
}

bool is_secret_field(const field_node* node, std::string_view key) {
    if (node == nullptr) return is_secret_name(key);
    if (node->row == nullptr) return false;
    const auto kind = node->row->kind;
    return kind == field_kind::secret || kind == field_kind::secret_list || node->row->masked;
}

void read_secret_files(json5_value& root, const environment& env, findings& issues) {
    file_reader(env, issues).walk(root, &field_table(), "", "");
}

bool is_closed(const field_node& node) {
    if (node.row == nullptr) return true;
    const auto kind = node.row->kind;
    return kind == field_kind::group || kind == field_kind::map || kind == field_kind::list;
}

place place_of_item(const place& at, const json5_value& list, std::size_t i) {
    if (i > 0 && announces_secret(list.items[i - 1], list.items[i])) return {nullptr, "secret", true};
    const auto* element = at.node == nullptr ? nullptr : at.node->named("[]");
    return {element == nullptr ? at.node : element, at.key, true};
}

place place_of_member(const place& object, const json5_member& member) {
    const auto* child = below(object.node, member.key);
    if (child != nullptr) return {child, member.key};
    // A map of secrets hides each of its values, whatever its name; and what is behind a key that
    // nobody knows may be a secret whose name was misspelled.
    const bool map = is_secret_field(object.node, object.key) ||
                     (object.node == nullptr && holds_secrets(object.key));
    const bool unknown = object.node != nullptr && is_closed(*object.node) && member.key != "$schema";
    return {nullptr, map || unknown ? std::string_view("secret") : std::string_view(member.key)};
}

bool is_hidden(const json5_value& value, const place& at) {
    const bool secret =
        is_secret_field(at.node, at.key) || (at.node == nullptr && holds_secrets(at.key));
    if (value.kind == json5_kind::text) {
        const bool misplaced = at.node != nullptr && is_closed(*at.node);
        const bool argument = at.in_list && is_secret_argument(value.text);
        return !value.text.empty() && (secret || misplaced || argument || holds_secret(value.text));
    }
    // A PIN may be a number; "maxTokens" is no secret.
    const bool amount = at.node == nullptr && letters_of(at.key).ends_with("tokens");
    return value.kind == json5_kind::number && secret && !amount;
}

namespace {

json shown(const json5_value& value, const place& at) {
    if (is_hidden(value, at)) return redacted;
    if (value.kind == json5_kind::array) {
        json list = json::array();
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            list.push_back(shown(value.items[i], place_of_item(at, value, i)));
        }
        return list;
    }
    if (value.kind == json5_kind::object) {
        json object = json::object();
        for (const auto& m : value.members) object[m.key] = shown(m.value, place_of_member(at, m));
        return object;
    }
    return to_json(value);
}

} // namespace

json masked_json(const json5_value& value, const field_node* node, std::string_view key) {
    return shown(value, {node, key});
}

} // namespace openclaw::config
