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

json masked_json(const json5_value& value, const field_node* node, std::string_view key) {
    const bool hidden = is_secret_field(node, key) || (node == nullptr && holds_secrets(key));
    switch (value.kind) {
    case json5_kind::array: {
        json list = json::array();
        const bool elements = node != nullptr && node->named("[]") != nullptr;
        for (const auto& item : value.items) {
            list.push_back(masked_json(item, elements ? node->named("[]") : node, key));
        }
        return list;
    }
    case json5_kind::object: {
        json object = json::object();
        for (const auto& m : value.members) {
            const auto* child = below(node, m.key);
            // A map of secrets hides each of its values, whatever its name.
            const auto name =
                hidden && child == nullptr ? std::string_view("secret") : std::string_view(m.key);
            object[m.key] = masked_json(m.value, child, name);
        }
        return object;
    }
    case json5_kind::text:
        if (hidden && !value.text.empty()) return redacted;
        return value.text;
    case json5_kind::number: {
        // A PIN may be a number; "maxTokens" is no secret.
        const bool amount = node == nullptr && letters_of(key).ends_with("tokens");
        return hidden && !amount ? json(redacted) : to_json(value);
    }
    default:
        return to_json(value);
    }
}

} // namespace openclaw::config
