#include "cli/context.hpp"

#include "cli/output.hpp"

#include <ostream>

namespace openclaw::cli {

bool context::colour() const {
    const auto wish = io.env("NO_COLOR");
    return io.out_is_terminal && !flags.no_color && (!wish || wish->empty());
}

config::locations context::where() const {
    return config::find_locations(flags.config, flags.state_dir);
}

exit_code exit_code_for(errc code) {
    switch (code) {
    case errc::invalid_input: return wrong_usage;
    case errc::network:
    case errc::tls: return unreachable;
    case errc::unauthenticated:
    case errc::forbidden: return unauthorized;
    default: return failed;
    }
}

error no_answer_yet(const std::string& waited, const std::string& run) {
    return error(errc::timed_out, "no answer within " + waited + "; run " + run + " goes on",
                 "See `openclaw sessions list`, or wait longer with --timeout.");
}

int report(context& x, const error& e) {
    const auto what = e.message.empty() ? std::string(name_of(e.code)) : e.message;
    if (x.flags.json) {
        openclaw::json story{{"code", name_of(e.code)}, {"message", what}};
        if (!e.hint.empty()) story["hint"] = e.hint;
        print_json(x, {{"error", std::move(story)}});
    }
    // One to three lines: a message of another process stays on its line.
    x.io.err << "error: " << one_line(what) << '\n';
    if (!e.hint.empty()) x.io.err << "  " << one_line(e.hint) << '\n';
    return exit_code_for(e.code);
}

void print_json(context& x, const openclaw::json& document) {
    // On a terminal nothing but ASCII: no character of a document can move the cursor there.
    x.io.out << document.dump(2, ' ', x.io.out_is_terminal, json::error_handler_t::replace) << '\n';
}

}  // namespace openclaw::cli
