#include "cli/commands.hpp"
#include "openclaw/core/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

#include <ostream>

namespace openclaw::cli {

namespace {

std::string boost_version() {
    return std::to_string(BOOST_VERSION / 100'000) + "." +
           std::to_string(BOOST_VERSION / 100 % 1000) + "." + std::to_string(BOOST_VERSION % 100);
}

std::string json_version() {
    return std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + "." +
           std::to_string(NLOHMANN_JSON_VERSION_MINOR) + "." +
           std::to_string(NLOHMANN_JSON_VERSION_PATCH);
}

int show(context& x, bool verbose) {
    if (x.flags.json) {
        print_json(x, {{"version", version()},
                       {"commit", commit()},
                       {"build", build_type()},
                       {"libraries",
                        {{"boost", boost_version()},
                         {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
                         {"nlohmann_json", json_version()},
                         {"cli11", CLI11_VERSION}}}});
        return done;
    }
    x.io.out << "openclaw " << version() << '\n';
    if (!verbose) return done;
    x.io.out << "commit         " << commit() << '\n'
             << "build          " << build_type() << '\n'
             << "boost          " << boost_version() << '\n'
             << "openssl        " << OpenSSL_version(OPENSSL_VERSION_STRING) << '\n'
             << "nlohmann_json  " << json_version() << '\n'
             << "cli11          " << CLI11_VERSION << '\n';
    return done;
}

}  // namespace

void add_version_command(command_tree& tree) {
    const auto verbose = std::make_shared<bool>(false);
    auto& command = tree.add(tree.root(), "version", "Show the version.", "openclaw version --verbose",
                             [verbose](context& x) { return show(x, *verbose); });
    command.add_flag("--verbose", *verbose, "also the commit, the build and the libraries");
}

}  // namespace openclaw::cli
