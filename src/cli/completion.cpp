#include "cli/completion.hpp"

#include <CLI/App.hpp>

#include <algorithm>

namespace openclaw::cli {

namespace {

void collect(const CLI::App& app, const std::string& name, std::vector<completion_entry>& out) {
    const auto at = out.size();
    out.push_back({name, {}, {}});
    for (const auto* option : app.get_options()) {
        for (const auto& n : option->get_lnames()) {
            out[at].options.emplace_back("--" + n, option->get_description());
        }
    }
    for (const auto* child : members(app)) {
        out[at].commands.emplace_back(child->get_name(), child->get_description());
        collect(*child, name.empty() ? child->get_name() : name + ' ' + child->get_name(), out);
    }
}

std::string words_of(const completion_entry& e, const completion_entry& root) {
    std::string words;
    const auto add = [&words](const auto& list) {
        for (const auto& [name, what] : list) words += (words.empty() ? "" : " ") + name;
    };
    add(e.commands);
    add(e.options);
    if (e.command.empty()) return words;
    for (const auto& [name, what] : root.options) {
        if (name != "--help") words += ' ' + name;
    }
    return words;
}

// The shell code that finds out which command the words so far name, in `sofar`.
std::string find_path(const std::vector<completion_entry>& entries) {
    std::string known;
    for (const auto& e : entries) {
        if (!e.command.empty()) known += (known.empty() ? "\"" : "|\"") + e.command + '"';
    }
    return "    local sofar=\"\" word\n"
           "    for word in \"${words_before[@]}\"; do\n"
           "        case \"${sofar:+$sofar }$word\" in\n"
           "            " + known + ") sofar=\"${sofar:+$sofar }$word\" ;;\n"
           "        esac\n"
           "    done\n";
}

std::string choices(const std::vector<completion_entry>& entries) {
    std::string text = "    local choices=\"\"\n    case \"$sofar\" in\n";
    for (const auto& e : entries) {
        text += "        \"" + e.command + "\") choices=\"" + words_of(e, entries.front()) + "\" ;;\n";
    }
    return text + "    esac\n";
}

std::string bash_script(const std::vector<completion_entry>& entries) {
    return "# bash completion of openclaw: source this file.\n"
           "_openclaw() {\n"
           "    local words_before=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n" +
           find_path(entries) + choices(entries) +
           "    COMPREPLY=($(compgen -W \"$choices\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _openclaw openclaw\n";
}

std::string zsh_script(const std::vector<completion_entry>& entries) {
    return "#compdef openclaw\n"
           "# zsh completion of openclaw: save as _openclaw in a folder of $fpath.\n"
           "_openclaw() {\n"
           "    local -a words_before\n"
           "    words_before=(\"${(@)words[2,CURRENT-1]}\")\n" +
           find_path(entries) + choices(entries) +
           "    compadd -- ${=choices}\n"
           "}\n"
           "# Called as a function of $fpath, or sourced.\n"
           "if [[ ${funcstack[1]} == _openclaw ]]; then _openclaw \"$@\"\n"
           "else compdef _openclaw openclaw; fi\n";
}

std::string fish_quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find_first_of("'\\", at)) != std::string::npos; at += 2) {
        text.insert(at, 1, '\\');
    }
    return '\'' + text + '\'';
}

std::string fish_script(const std::vector<completion_entry>& entries) {
    std::string text =
        "# fish completion of openclaw: save as ~/.config/fish/completions/openclaw.fish.\n"
        "complete -c openclaw -f\n";
    const auto& root = entries.front();
    for (const auto& [name, what] : root.options) {
        text += "complete -c openclaw -l " + name.substr(2) + " -d " + fish_quoted(what) + '\n';
    }
    for (const auto& e : entries) {
        std::string when = "__fish_use_subcommand";
        if (!e.command.empty()) {
            when = "__fish_seen_subcommand_from " + e.command.substr(e.command.rfind(' ') + 1);
            const auto space = e.command.find(' ');
            if (space != std::string::npos) {
                when = "__fish_seen_subcommand_from " + e.command.substr(0, space) + "; and " + when;
            }
        }
        std::string members;
        for (const auto& [name, what] : e.commands) members += ' ' + name;
        const auto open = e.command.empty() ? when
                                            : when + "; and not __fish_seen_subcommand_from" + members;
        for (const auto& [name, what] : e.commands) {
            text += "complete -c openclaw -n " + fish_quoted(open) + " -a " + name + " -d " +
                    fish_quoted(what) + '\n';
        }
        if (e.command.empty()) continue;
        for (const auto& [name, what] : e.options) {
            text += "complete -c openclaw -n " + fish_quoted(when) + " -l " + name.substr(2) +
                    " -d " + fish_quoted(what) + '\n';
        }
    }
    return text;
}

}  // namespace

std::vector<completion_entry> completion_entries(const command_tree& tree) {
    std::vector<completion_entry> entries;
    collect(tree.root(), "", entries);
    return entries;
}

result<std::string> completion_script(const std::string& shell,
                                      const std::vector<completion_entry>& entries) {
    if (shell == "bash") return bash_script(entries);
    if (shell == "zsh") return zsh_script(entries);
    if (shell == "fish") return fish_script(entries);
    return error(errc::invalid_input, "there is no completion for \"" + shell + "\"",
                 "Shells: bash, zsh, fish.");
}

}  // namespace openclaw::cli
