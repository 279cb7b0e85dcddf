#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/encoding.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

int list_letters(context& x, int limit) {
    const auto answer = call_gateway(x, "deadLetters.list", {{"limit", limit}});
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto now = system_time().unix_ms();
    table t({"RUN", "SESSION", "FROM", "PUT ASIDE", "TEXT"});
    if (const auto* rows = find(*answer, "letters"); rows != nullptr && rows->is_array()) {
        for (const auto& r : *rows) {
            t.add({string_or(r, "runId"), string_or(r, "sessionKey"), string_or(r, "channel"),
                   age(find_int(r, "putAsideAt").value_or(0), now),
                   one_line(utf8_prefix(string_or(r, "text"), 60))});
        }
    }
    if (t.empty()) x.io.out << "No dead letters.\n";
    else t.print(x.io.out, x.colour());
    if (find_int(*answer, "nextCursor")) x.io.out << "There are more: raise --limit.\n";
    return done;
}

int show_letter(context& x, const std::string& run) {
    const auto answer = call_gateway(x, "deadLetters.get", {{"runId", run}});
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto letter = answer->value("letter", json::object());
    const auto received = wall_time(milliseconds(find_int(letter, "receivedAt").value_or(0)));
    x.io.out << "Session:  " << one_line(string_or(letter, "sessionKey")) << '\n'
             << "From:     " << one_line(string_or(letter, "channel") + " " + string_or(letter, "peer"))
             << '\n'
             << "Received: " << to_rfc3339(received) << '\n'
             << "Why:      " << one_line(string_or(letter, "error")) << "\n\n"
             << clean(string_or(letter, "text")) << '\n';
    return done;
}

int retry_letter(context& x, const std::string& run) {
    const auto answer = call_gateway(x, "deadLetters.retry", {{"runId", run}});
    if (!answer) return report(x, answer.error());
    if (x.flags.json) print_json(x, *answer);
    else x.io.out << "Said again, as run " << one_line(string_or(*answer, "runId")) << ".\n";
    return done;
}

int discard_letter(context& x, const std::string& run) {
    const auto answer = call_gateway(x, "deadLetters.discard", {{"runId", run}});
    if (!answer) return report(x, answer.error());
    if (x.flags.json) print_json(x, *answer);
    else x.io.out << "Thrown away.\n";
    return done;
}

}  // namespace

void add_dead_letter_commands(command_tree& tree, CLI::App& sessions) {
    auto& group = tree.add(sessions, "dead-letters",
                           "Messages that were put aside: the gateway ended five times at each.",
                           "openclaw sessions dead-letters list");
    const auto limit = std::make_shared<int>(50);
    auto& list = tree.add(group, "list", "Those that there are, the oldest first.",
                          "openclaw sessions dead-letters list",
                          [limit](context& x) { return list_letters(x, *limit); });
    list.add_option("--limit", *limit, "how many, at most (50)")->type_name("N")->check(CLI::Range(1, 200));

    const auto run = std::make_shared<std::string>();
    auto& show = tree.add(group, "show", "One of them, with its whole text.",
                          "openclaw sessions dead-letters show RUN",
                          [run](context& x) { return show_letter(x, *run); });
    auto& retry = tree.add(group, "retry", "Says it again, as a new message of its session.",
                           "openclaw sessions dead-letters retry RUN",
                           [run](context& x) { return retry_letter(x, *run); });
    auto& discard = tree.add(group, "discard", "Throws it away; its words are gone then.",
                             "openclaw sessions dead-letters discard RUN",
                             [run](context& x) { return discard_letter(x, *run); });
    for (auto* command : {&show, &retry, &discard}) {
        command->add_option("RUN", *run, "the run, as `dead-letters list` shows it")->required();
    }
}

}  // namespace openclaw::cli
