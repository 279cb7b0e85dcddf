#include "cli/manual.hpp"

#include "openclaw/core/version.hpp"

#include <CLI/App.hpp>

#include <cctype>

namespace openclaw::cli {

namespace {

// A line of text. man(7) would take a dot or an apostrophe at its start for a macro, and sets a bare
// hyphen as one that nobody can search for or paste.
std::string roff(const std::string& text) {
    std::string out;
    if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
    for (const char c : text) {
        if (c == '\\') out += "\\e";
        else if (c == '-') out += "\\-";
        else if (c == '\'') out += "\\(aq";
        else if (c == '`') out += "\\(ga";
        else if (c == '~') out += "\\(ti";
        else if (c == '^') out += "\\(ha";
        else if (c == '\n') out += ' ';
        else out += c;
    }
    return out;
}

std::string page_name(const CLI::App& command) {
    auto name = full_name(command);
    for (auto& c : name) c = c == ' ' ? '-' : c;
    return name;
}

// "Run the gateway." as it stands after a name: "run the gateway".
std::string phrase(std::string text) {
    if (text.ends_with('.')) text.pop_back();
    const bool word = text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0;
    if (word) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::string entry(const std::string& label, const std::string& text) {
    return ".TP\n.B " + roff(label) + '\n' + roff(text) + '\n';
}

std::string literal(const std::string& text) { return ".PP\n.nf\n.B " + roff(text) + "\n.fi\n"; }

std::string options(const CLI::App& command) {
    std::string text;
    for (const auto* option : command.get_options()) {
        text += entry(label_of(*option), option->get_description());
    }
    return text;
}

// A command below the page's own, and what is below that.
std::string sections(const command_tree& tree, const CLI::App& parent) {
    std::string text;
    for (const auto* child : members(parent)) {
        text += ".SS " + roff(full_name(*child)) + '\n' + roff(child->get_description()) + '\n';
        if (members(*child).empty()) {
            text += literal(usage_of(*child)) + options(*child);
            if (const auto shown = tree.example(*child); !shown.empty()) {
                text += ".PP\nExample:\n" + literal(shown);
            }
        } else {
            text += sections(tree, *child);
        }
    }
    return text;
}

std::string head(const CLI::App& command, const std::string& what) {
    auto title = page_name(command);
    for (auto& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return ".TH " + roff(title) + " 1 \"\" \"openclaw " + std::string(version()) + "\" \"User Commands\"\n"
           ".SH NAME\n" + roff(page_name(command)) + " \\- " + roff(phrase(what)) +
           "\n.SH SYNOPSIS\n.B " + roff(usage_of(command)) + '\n';
}

constexpr std::string_view exit_status =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nDone.\n"
    ".TP\n.B 1\nFailed; the text on the standard error says what, where, and what to do.\n"
    ".TP\n.B 2\nWrong usage.\n"
    ".TP\n.B 3\nThe gateway cannot be reached.\n"
    ".TP\n.B 4\nNot authorized.\n";

constexpr std::string_view surroundings =
    ".SH ENVIRONMENT\n"
    ".TP\n.B OPENCLAW_CONFIG_PATH\nThe configuration file, unless \\-\\-config names one.\n"
    ".TP\n.B OPENCLAW_STATE_DIR\nWhere the state is kept, unless \\-\\-state\\-dir names a folder.\n"
    ".TP\n.B OPENCLAW_HOME\nThe folder instead of \\(ti/.openclaw.\n"
    ".TP\n.B OPENCLAW_GATEWAY_URL\nThe gateway to talk to, unless \\-\\-url names one.\n"
    ".TP\n.B OPENCLAW_GATEWAY_TOKEN\nThe credential for it, unless \\-\\-token gives one.\n"
    ".SH FILES\n"
    ".TP\n.I \\(ti/.openclaw/openclaw.json\nThe configuration, in JSON5.\n"
    ".TP\n.I \\(ti/.openclaw/.env\nVariables that the configuration may name.\n";

std::string own_page(const command_tree& tree) {
    const auto& root = tree.root();
    auto text = head(root, root.get_description()) + ".SH COMMANDS\n";
    std::string also;
    for (const auto* child : members(root)) {
        text += entry(child->get_name(), child->get_description());
        also += (also.empty() ? ".BR " : " ,\n.BR ") + roff(page_name(*child)) + " (1)";
    }
    text += ".SH OPTIONS\nThey stand before or after a command.\n" + options(root);
    text += ".SH EXAMPLE\n" + literal(tree.example(root));
    text.append(surroundings).append(exit_status);
    return text + ".SH SEE ALSO\n" + also + '\n';
}

std::string page(const command_tree& tree, const CLI::App& command) {
    auto text = head(command, command.get_description()) + ".SH DESCRIPTION\n" +
                roff(command.get_description()) + '\n';
    if (members(command).empty()) text += ".SH OPTIONS\n" + options(command);
    else text += ".SH COMMANDS\n" + sections(tree, command);
    text += ".PP\nThe options that every command takes stand in\n.BR openclaw (1).\n";
    if (const auto shown = tree.example(command); !shown.empty()) {
        text += ".SH EXAMPLE\n" + literal(shown);
    }
    return text.append(exit_status) + ".SH SEE ALSO\n.BR openclaw (1)\n";
}

}  // namespace

std::vector<manual_page> manual_pages(const command_tree& tree) {
    std::vector<manual_page> pages{{"openclaw", own_page(tree)}};
    for (const auto* command : members(tree.root())) {
        pages.push_back({page_name(*command), page(tree, *command)});
    }
    return pages;
}

}  // namespace openclaw::cli
