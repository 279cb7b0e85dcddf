#pragma once

#include "cli/context.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}

namespace openclaw::cli {

// The commands with their options, what they do, and an example each. Made once per process.
class command_tree {
public:
    using action = std::function<int(context&)>;

    command_tree();
    ~command_tree();

    // A command below `parent`; without an action it is a group. The options are added by the
    // caller, into storage that the action shares.
    CLI::App& add(CLI::App& parent, const std::string& name, const std::string& what,
                  const std::string& example, action act = {});
    // An option or argument that is given as "" is refused, but one for which this was called.
    void allow_empty(const CLI::Option& option) { may_be_empty_.insert(&option); }
    CLI::App& root() { return *root_; }
    const CLI::App& root() const { return *root_; }
    global_flags& flags() { return flags_; }

    // Parses the arguments (without the program's name) and runs what they ask for.
    int run(const std::vector<std::string>& args, console& io);

    // The page of --help.
    std::string help(const CLI::App& command) const;
    // The line that --help shows as an example; empty: none.
    std::string example(const CLI::App& command) const;

private:
    std::string empty_value() const;
    int refuse(context& x, const std::string& complaint);
    const CLI::App& deepest() const;

    std::unique_ptr<CLI::App> root_;
    global_flags flags_;
    std::map<const CLI::App*, action> actions_;
    std::map<const CLI::App*, std::string> examples_;
    std::set<const CLI::Option*> may_be_empty_;
};

// The whole command line of this version.
std::unique_ptr<command_tree> make_command_tree();

// "openclaw gateway run".
std::string full_name(const CLI::App& command);

// The commands below `command` that people are meant to see: hidden ones have no group.
std::vector<const CLI::App*> members(const CLI::App& command);

// "openclaw message send --to TARGET --message TEXT [options]".
std::string usage_of(const CLI::App& command);

// "--port N", "-m,--message TEXT", "PATH".
std::string label_of(const CLI::Option& option);

}  // namespace openclaw::cli
