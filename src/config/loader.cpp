#include "openclaw/config/loader.hpp"

#include "config/aliases.hpp"
#include "config/consistency.hpp"
#include "config/files.hpp"
#include "config/findings.hpp"
#include "config/json5_parser.hpp"
#include "config/reader.hpp"
#include "config/secrets.hpp"
#include "config/variables.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

// The text as a tree with an object at its root; what is wrong goes to `issues`.
std::shared_ptr<json5_value> parse_root(std::string_view text, findings& issues) {
    auto parsed = parse_json5(text);
    if (const auto* failure = std::get_if<json5_failure>(&parsed)) {
        issues.error("", failure->offset, failure->message);
        return nullptr;
    }
    auto& root = std::get<json5_value>(parsed);
    if (root.kind != json5_kind::object) {
        issues.error("", root.begin,
                     "found " + describe_found(root, true) + "; an object { … } is expected");
        return nullptr;
    }
    return std::make_shared<json5_value>(std::move(root));
}

void check_mode(const std::filesystem::path& file, mode_t mode, std::vector<issue>& issues) {
    const std::string hint = "Run: chmod 600 " + file.string();
    if ((mode & 0002) != 0) {
        issues.insert(issues.begin(), {severity::error, "", 0, 0,
                                       "every user of this machine can change the file", hint});
    } else if ((mode & 0066) != 0) {
        issues.insert(issues.begin(), {severity::warning, "", 0, 0,
                                       "other users of this machine can read the file", hint});
    }
}

} // namespace

bool load_outcome::ok() const {
    return std::none_of(issues.begin(), issues.end(),
                        [](const issue& i) { return i.severity == severity::error; });
}

std::string to_string(const issue& i, std::string_view file) {
    std::string text(file);
    if (i.line > 0) text += ":" + std::to_string(i.line) + ":" + std::to_string(i.column);
    if (!text.empty()) text += ": ";
    if (!i.path.empty()) text += i.path + ": ";
    text += i.message;
    if (i.hint.empty()) return text;
    if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
    return text + ' ' + i.hint;
}

load_outcome load_text(std::string_view text, const environment& env) {
    load_outcome out;
    out.raw = text;
    out.hash = to_hex(sha256(text));
    findings issues;
    if (const auto root = parse_root(text, issues)) {
        apply_aliases(*root, issues);
        expand_tree(*root, "", env, issues);
        read_secret_files(*root, env, issues);
        reader(issues).read_root(*root, out.settings);
        check_consistency(out.settings, *root, issues);
        out.tree = root;
    }
    out.issues = issues.list(text);
    return out;
}

result<load_outcome> load_file(const std::filesystem::path& file, const environment& env) {
    auto read = read_file(file, max_text_bytes);
    if (!read) {
        auto e = read.error();
        if (e.code != errc::not_found) e.code = errc::io;
        return e;
    }
    auto out = load_text(read->text, env);
    check_mode(file, read->mode, out.issues);
    return out;
}

} // namespace openclaw::config
