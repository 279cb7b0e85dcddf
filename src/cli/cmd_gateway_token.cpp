#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "cli/service.hpp"
#include "openclaw/config/editor.hpp"
#include "openclaw/core/random.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

constexpr const char* token_path = "gateway.auth.token";
constexpr std::size_t token_bytes = 32;
constexpr std::size_t shown_characters = 4;   // of a token that is longer than twice of this

struct token_flags {
    bool show = false, regenerate = false;
};

// Where the token comes from, and so where another one has to be put.
struct token_source {
    std::string kind;    // file, environment, secret file, issued, none
    std::string place;   // the variables, or the file
};

// The names in "${A}-${B:-x}".
std::string variables_in(std::string_view text) {
    std::string names;
    for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
        if (at > 0 && text[at - 1] == '$') continue;
        const auto end = text.find_first_of(":}", at);
        names += (names.empty() ? "" : ", ") + std::string(text.substr(at + 2, end - at - 2));
    }
    return names;
}

token_source source_of(const json& written, const std::string& config_file) {
    if (written.is_object()) {
        const auto file = find_string(written, "file");
        return file ? token_source{"secret file", *file} : token_source{"issued", config_file};
    }
    if (!written.is_string()) return {"none", config_file};
    const auto names = variables_in(written.get<std::string>());
    return names.empty() ? token_source{"file", config_file} : token_source{"environment", names};
}

std::string masked(const secret& token) {
    const auto& text = token.reveal();
    if (text.size() <= 2 * shown_characters) return "****";
    return "****" + text.substr(text.size() - shown_characters);
}

result<config::load_outcome> load(const config::locations& where) {
    auto loaded = config::load_file(where.config_file, config::process_environment(where.home / ".env"));
    if (!loaded && loaded.error().code == errc::not_found) {
        return error(errc::not_found, "there is no " + where.config_file.string() + " yet",
                     "The first `openclaw gateway run` or `start` writes one, with a token.");
    }
    return loaded;
}

std::string describe(const token_source& s) {
    if (s.kind == "environment") return "the environment (" + s.place + ") of the gateway";
    if (s.kind == "secret file") return "the secret's file " + s.place;
    if (s.kind == "issued") return "tokens are issued, as " + s.place + " says; there is no fixed one";
    if (s.kind == "none") return "nowhere: " + s.place + " sets none";
    return s.place;
}

int show(context& x, const config::locations& where, bool plain) {
    const auto loaded = load(where);
    if (!loaded) return report(x, loaded.error());
    const auto source = source_of(config::written_value(loaded->raw, token_path), where.config_file.string());
    const auto& token = loaded->settings.gateway.auth.token;
    const auto value = token.empty() ? std::string() : plain ? token.reveal() : masked(token);
    if (x.flags.json) {
        json out{{"source", source.kind}, {"place", source.place}, {"setting", token_path}};
        if (!value.empty()) out["token"] = value;
        out["masked"] = !plain;
        print_json(x, out);
    } else {
        if (!value.empty()) x.io.out << "token    " << clean(value) << '\n';
        x.io.out << "from     " << one_line(describe(source)) << '\n';
        if (!value.empty() && !plain) x.io.out << "Whole with --show.\n";
    }
    const bool unknown = source.kind == "environment" || source.kind == "secret file";
    if (!value.empty() || !unknown) return done;
    return report(x, error(errc::not_found, "the token is not to be had from here: " + describe(source),
                           "The gateway may be given it by its service; ask with the same environment."));
}

result<void> write_token(const config::locations& where, const token_source& source,
                         const std::string& token) {
    const auto env = config::process_environment(where.home / ".env");
    if (source.kind == "file" || source.kind == "none") {
        const config::change c{token_path, json(token)};
        const auto written = config::change_file(where.config_file, {&c, 1}, env);
        if (!written) return written.error();
        return {};
    }
    if (source.kind == "secret file") {
        return error(errc::conflict,
                     "the token is in " + source.place + ", which is not this program's to change",
                     "Put another one there: openssl rand -hex 32. Then: openclaw gateway restart");
    }
    if (source.kind == "environment") {
        return error(errc::conflict, "the token comes from the environment (" + source.place + ")",
                     "Set another one there: openssl rand -hex 32. Then: openclaw gateway restart");
    }
    return error(errc::conflict, "tokens are issued, there is no fixed one to replace",
                 "openclaw config set gateway.auth.token TEXT sets a fixed one.");
}

int regenerate(context& x, const config::locations& where, bool plain) {
    const auto loaded = load(where);
    if (!loaded) return report(x, loaded.error());
    const auto source = source_of(config::written_value(loaded->raw, token_path), where.config_file.string());
    system_random random;
    const secret token(make_hex_token(random, token_bytes));
    const auto written = write_token(where, source, token.reveal());
    if (!written) return report(x, written.error());
    const auto running = find_gateway(where.state_dir);
    const auto value = plain ? token.reveal() : masked(token);
    if (x.flags.json) {
        print_json(x, {{"regenerated", true}, {"file", where.config_file.string()}, {"token", value},
                       {"masked", !plain}});
        return done;
    }
    x.io.out << "token    " << value << (plain ? "" : "   (whole: openclaw gateway token --show)") << '\n'
             << "in       " << one_line(where.config_file.string()) << '\n'
             << "To be updated: each client that presents the token (API keys of /v1 and /api, web pages,\n"
                "scripts, OPENCLAW_GATEWAY_TOKEN). Not: commands of your own user on this machine.\n";
    if (running && *running) {
        x.io.out << "The running gateway takes it now, and closes the WebSockets that came in by the "
                    "old one.\n";
    }
    return done;
}

}  // namespace

void add_gateway_token_command(command_tree& tree, CLI::App& gateway) {
    const auto f = std::make_shared<token_flags>();
    auto& command = tree.add(gateway, "token", "Where the gateway's token comes from; or a new one.",
                             "openclaw gateway token --show", [f](context& x) {
                                 auto where = x.where();
                                 if (const auto s = service_in_charge(x)) {
                                     where.config_file = s->config;
                                     where.state_dir = s->state_dir;
                                 }
                                 if (f->regenerate) return regenerate(x, where, f->show);
                                 return show(x, where, f->show);
                             });
    command.add_flag("--show", f->show, "the whole token");
    command.add_flag("--regenerate", f->regenerate, "write a new one; a gateway that runs takes it at once");
}

}  // namespace openclaw::cli
