#include "cli/commands.hpp"
#include "cli/manual.hpp"

#include <CLI/App.hpp>

#include <filesystem>
#include <fstream>
#include <ostream>

namespace openclaw::cli {

namespace {

int write_pages(context& x, const command_tree& tree, const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    for (const auto& page : manual_pages(tree)) {
        const auto file = folder / (page.name + ".1");
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out << page.text << std::flush;
        if (!out) {
            return report(x, error(errc::io, "cannot write " + file.string(),
                                   "Name a folder that can be written to."));
        }
        x.io.out << file.string() << '\n';
    }
    return done;
}

}  // namespace

void add_manual_command(command_tree& tree) {
    const auto folder = std::make_shared<std::string>();
    auto& command = tree.add(tree.root(), "manual", "Write the pages for man(1) into a folder.",
                             "openclaw manual build/man",
                             [folder, &tree](context& x) { return write_pages(x, tree, *folder); });
    // No group: nobody runs it twice, so no help and no completion lists it.
    command.group("");
    command.add_option("FOLDER", *folder, "where the files go; made if it is not there")->required();
}

}  // namespace openclaw::cli
