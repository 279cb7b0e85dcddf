#include "cli/command_tree.hpp"

#include "cli/nearest.hpp"
#include "cli/output.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <ostream>
#include <sstream>

namespace openclaw::cli {

namespace {

constexpr std::size_t text_column = 26;
constexpr std::size_t screen_width = 80;

void line(std::ostream& out, const std::string& label, const std::string& text) {
    out << "  " << label;
    if (label.size() + 3 > text_column) out << '\n' << std::string(text_column, ' ');
    else out << std::string(text_column - label.size() - 2, ' ');
    // A long text goes on below itself.
    std::size_t used = text_column;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (used > text_column && used + word.size() + 1 > screen_width) {
            out << '\n' << std::string(text_column, ' ');
            used = text_column;
        }
        if (used > text_column) out << ' ';
        out << word;
        used += word.size() + 1;
    }
    out << '\n';
}

// "--message=" is an empty message; the library would take the next word for it.
std::vector<std::string> words_of(const std::vector<std::string>& args) {
    std::vector<std::string> words;
    for (const auto& arg : args) {
        const bool empty = arg.starts_with("--") && arg.find('=') == arg.size() - 1;
        words.push_back(empty ? arg.substr(0, arg.size() - 1) : arg);
        if (empty) words.emplace_back();
    }
    return words;
}

}  // namespace

// What is required is said in the usage line.
std::string label_of(const CLI::Option& option) {
    auto label = option.get_name(false, true);
    if (option.get_positional()) label = option.get_name(true);
    if (option.get_items_expected_max() > 0 && !option.get_positional()) {
        // What comes after the colon is the check of the value, in the words of the library.
        const auto type = option.get_type_name();
        label += ' ' + type.substr(0, type.find(':'));
    }
    return label;
}

std::string usage_of(const CLI::App& command) {
    auto text = full_name(command);
    if (!members(command).empty()) return text + " COMMAND [options]";
    for (const auto* option : command.get_options()) {
        if (!option->get_required() && !option->get_positional()) continue;
        auto label = label_of(*option);
        label.erase(0, label.starts_with("-") ? label.find("--") : 0);
        text += option->get_required() ? " " + label : " [" + label + "]";
    }
    return text + " [options]";
}

std::vector<const CLI::App*> members(const CLI::App& command) {
    auto all = command.get_subcommands({});
    std::erase_if(all, [](const CLI::App* child) { return child->get_group().empty(); });
    return all;
}

std::string full_name(const CLI::App& command) {
    if (command.get_parent() == nullptr) return command.get_name();
    return full_name(*command.get_parent()) + ' ' + command.get_name();
}

command_tree::command_tree()
    : root_(std::make_unique<CLI::App>("A gateway between people, agents and language models.",
                                       "openclaw")) {
    root_->set_help_flag("-h,--help", "show this page");
    root_->fallthrough();
    // One command at a time: a later word is never taken for another command (`call health`).
    root_->require_subcommand(0, 1);
    root_->add_option("--config", flags_.config, "the configuration file")->type_name("PATH");
    root_->add_option("--state-dir", flags_.state_dir, "where the gateway keeps its state")
        ->type_name("PATH");
    root_->add_option("--url", flags_.url, "a gateway elsewhere: ws://, wss://, http://, https://")
        ->type_name("URL");
    root_->add_option("--token", flags_.token, "the credential for --url")->type_name("TOKEN");
    root_->add_flag("--json", flags_.json, "print one JSON document");
    root_->add_flag("--no-color", flags_.no_color, "no colours on a terminal");
    examples_[root_.get()] = "openclaw gateway run --verbose";
}

command_tree::~command_tree() = default;

CLI::App& command_tree::add(CLI::App& parent, const std::string& name, const std::string& what,
                            const std::string& example, action act) {
    auto* command = parent.add_subcommand(name, what);
    command->require_subcommand(0, 1);
    examples_[command] = example;
    if (act) actions_[command] = std::move(act);
    return *command;
}

const CLI::App& command_tree::deepest() const {
    const CLI::App* command = root_.get();
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    return *command;
}

std::string command_tree::help(const CLI::App& command) const {
    std::ostringstream out;
    out << command.get_description() << "\n\nUsage: " << usage_of(command) << '\n';
    const auto children = members(command);
    if (!children.empty()) out << "\nCommands:\n";
    for (const auto* child : children) line(out, child->get_name(), child->get_description());
    out << "\nOptions:\n";
    for (const auto* option : command.get_options()) {
        line(out, label_of(*option), option->get_description());
    }
    if (command.get_parent() != nullptr) {
        line(out, "global", "--config, --state-dir, --url, --token, --json, --no-color");
    } else {
        line(out, "--version", "the version of this program");
    }
    const auto shown = example(command);
    if (!shown.empty()) out << "\nExample: " << shown << '\n';
    return out.str();
}

std::string command_tree::example(const CLI::App& command) const {
    const auto found = examples_.find(&command);
    return found == examples_.end() ? std::string() : found->second;
}

// An empty text is a variable of a script that was not set far more often than it is meant.
std::string command_tree::empty_value() const {
    for (const auto* app = &deepest(); app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options()) {
            if (option->get_items_expected_max() == 0 || may_be_empty_.contains(option)) continue;
            const auto given = option->results();
            if (std::find(given.begin(), given.end(), "") == given.end()) continue;
            const auto name = option->get_positional() ? option->get_name(true) : option->get_name();
            return name + " is empty";
        }
    }
    return {};
}

int command_tree::refuse(context& x, const std::string& complaint) {
    const auto& at = deepest();
    auto hint = "See `" + full_name(at) + " --help`.";
    const auto unknown = root_->remaining(true);
    if (unknown.empty()) return report(x, error(errc::invalid_input, complaint, hint));

    std::vector<std::string> words;
    const bool is_option = unknown.front().starts_with("-");
    if (is_option) {
        for (const auto* app = &at; app != nullptr; app = app->get_parent()) {
            for (const auto* option : app->get_options()) {
                for (const auto& name : option->get_lnames()) words.push_back("--" + name);
            }
        }
    } else {
        for (const auto* child : members(at)) words.push_back(child->get_name());
    }
    const auto meant = nearest(unknown.front().substr(0, unknown.front().find('=')), words);
    if (!meant.empty()) {
        hint = "Did you mean `" + (is_option ? meant : full_name(at) + ' ' + meant) + "`?";
    }
    const auto kind = is_option ? "option" : words.empty() ? "argument" : "command";
    return report(x, error(errc::invalid_input,
                           "`" + full_name(at) + "` has no " + kind + " \"" + unknown.front() + "\"",
                           hint));
}

int command_tree::run(const std::vector<std::string>& args, console& io) {
    auto reversed = words_of(args);
    std::reverse(reversed.begin(), reversed.end());
    std::string complaint;
    bool help_wanted = false;
    try {
        root_->parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        help_wanted = true;
    } catch (const CLI::ParseError& e) {
        complaint = e.what();
    }
    context x{io, flags_};
    const auto& command = deepest();
    if (help_wanted || args.empty()) {
        io.out << help(command);
        return done;
    }
    if (complaint.empty()) complaint = empty_value();
    if (!complaint.empty()) return refuse(x, complaint);
    const auto act = actions_.find(&command);
    if (act == actions_.end()) {
        io.err << help(command);
        return wrong_usage;
    }
    return act->second(x);
}

}  // namespace openclaw::cli
