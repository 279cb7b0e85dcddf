#include "config/field_table.hpp"

#include "openclaw/config/editor.hpp"
#include "openclaw/core/units.hpp"

// docs/configuration.md
namespace openclaw::config {

namespace {

constexpr std::string_view introduction = R"(# Configuration

<!-- Generated from the field table in src/config; tests/config/generated_test.cpp compares them. -->

One JSON5 file, `~/.openclaw/openclaw.json` unless `--config` or `OPENCLAW_CONFIG_PATH` names another:
comments, keys without quotes, single quotes, trailing commas and hexadecimal numbers are fine. The first
`openclaw gateway run` writes one with a generated token, for its owner alone (mode 0600).

- **Variables**: `${NAME}` and `${NAME:-default}` in any text, from the environment and from the file
  `.env` beside the configuration; `$${` is a plain `${`. A variable that is not set and has no default
  is an error.
- **Secrets** may stand in a file of their own: `{ file: "/run/secrets/token" }`.
- **Durations**: `500ms`, `30s`, `5m`, `1h`, `7d`, or a number of milliseconds.
- **Sizes**: `100m`, `2g`, `512KB`, or a number of bytes.
- **Problems** are reported all at once, each with its path, line and column: `openclaw config validate`,
  which also warns of what passes and yet will not do: what the start would refuse, or warn of.
  A file that others can read is a warning, one that everybody can write is an error. A gateway whose
  file does not pass starts on the last one that did, and says so in `/health`.
- **Changes**: `openclaw config set PATH VALUE` checks first, keeps comments and layout, and leaves what
  was there in `openclaw.json.bak`.
- **Reload** tells when a changed setting takes effect in a running gateway, which takes up the file by itself
  ([operations.md](operations.md#changing-the-configuration)): *live* at once, *module* when the part that it
  belongs to starts anew, which happens by itself, *restart* with the next start: `openclaw gateway restart`.

In paths `*` stands for a name of your choice and `[]` for each element of a list. A setting marked ○ is
read and checked, but this version does not act on it yet; `openclaw config validate` names those that
a file uses.
)";

std::string_view reload_name(reload_class r) {
    switch (r) {
    case reload_class::live:
        return "live";
    case reload_class::module:
        return "module";
    case reload_class::restart:
        return "restart";
    }
    return "";
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

// "gateway.network" of "gateway.network.https.cert": what one table of the manual holds.
std::string chapter_of(const std::string& path) {
    const auto first = path.find_first_of(".[");
    if (path.substr(0, first) != "gateway") return path.substr(0, first);
    return path.substr(0, path.find('.', first + 1));
}

std::string default_text(const std::string& path, const field_node& node) {
    if (node.row->required) return "required";
    const auto value = default_value(path);
    if (value.is_null() || value == "" || value == json::array() || value == json::object())
        return "";
    if (node.row->kind == field_kind::size)
        return "`" + format_size(value.get<std::uint64_t>()) + "`";
    return "`" + escaped(value.is_string() ? value.get<std::string>() : dump(value)) + "`";
}

std::string allowed(const field_node& node) {
    const auto& row = *node.row;
    std::string text = describe(node);
    const bool listed = row.kind == field_kind::text_list || row.kind == field_kind::map;
    if (listed && !row.choices.empty()) text += ": " + any_of(row.choices);
    return escaped(text);
}

} // namespace

std::string manual_markdown() {
    std::string out(introduction);
    std::string chapter;
    for_each_row([&](const std::string& path, const field_node& node) {
        if (chapter_of(path) != chapter) {
            chapter = chapter_of(path);
            out += "\n## " + chapter +
                   "\n\n| setting | value | default | reload | what it does |\n"
                   "| --- | --- | --- | --- | --- |\n";
        }
        const auto& row = *node.row;
        const bool block = row.kind == field_kind::group || row.kind == field_kind::list ||
                           row.kind == field_kind::map;
        out += "| `" + path + "`" + (row.in_effect || block ? "" : " ○") + " | " + allowed(node) +
               " | " + default_text(path, node) + " | " +
               std::string(block ? "" : reload_name(row.reload)) + " | " + escaped(row.doc) +
               " |\n";
    });
    return out;
}

} // namespace openclaw::config
