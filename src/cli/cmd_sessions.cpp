#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

struct list_options {
    int limit = 20;
    std::string agent, search;
};

struct show_options {
    std::string key;
    int limit = 50;
};

int list_sessions(context& x, const list_options& o) {
    json params{{"limit", o.limit}};
    if (!o.agent.empty()) params["agentId"] = o.agent;
    if (!o.search.empty()) params["search"] = o.search;
    const auto answer = call_gateway(x, "sessions.list", params);
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto now = system_time().unix_ms();
    table t({"SESSION", "LABEL", "UPDATED", "TOKENS", "MODEL"});
    if (const auto* rows = find(*answer, "sessions"); rows != nullptr && rows->is_array()) {
        for (const auto& s : *rows) {
            const auto provider = string_or(s, "modelProvider");
            t.add({string_or(s, "key"), string_or(s, "label"),
                   age(find_int(s, "updatedAt").value_or(0), now),
                   std::to_string(find_int(s, "totalTokens").value_or(0)),
                   (provider.empty() ? "" : provider + "/") + string_or(s, "model")});
        }
    }
    if (t.empty()) x.io.out << "No sessions.\n";
    else t.print(x.io.out, x.colour());
    if (find_bool(*answer, "hasMore").value_or(false)) {
        x.io.out << "There are more: raise --limit.\n";
    }
    return done;
}

// The text of a transcript row; of other parts the kind.
std::string text_of(const json& message) {
    const auto* content = find(message, "content");
    if (content == nullptr) return {};
    if (content->is_string()) return content->get<std::string>();
    std::string text;
    if (!content->is_array()) return text;
    for (const auto& part : *content) {
        if (!text.empty()) text += '\n';
        const auto type = string_or(part, "type");
        if (type == "text") text += string_or(part, "text");
        else if (type == "toolCall") text += "[calls " + string_or(part, "name") + "]";
        else text += "[" + type + "]";
    }
    return text;
}

int show_session(context& x, const show_options& o) {
    const auto answer = call_gateway(x, "chat.history",
                                     {{"sessionKey", o.key}, {"limit", o.limit}});
    if (!answer) return report(x, answer.error());
    if (x.flags.json) {
        print_json(x, *answer);
        return done;
    }
    const auto* rows = find(*answer, "messages");
    if (rows == nullptr || !rows->is_array() || rows->empty()) {
        if (answer->contains("sessionId")) {
            x.io.out << "No messages in " << one_line(o.key) << ".\n";
            return done;
        }
        const auto key = string_or(*answer, "sessionKey", o.key);
        return report(x, error(errc::not_found, "there is no session " + key,
                               "openclaw sessions list shows those that there are."));
    }
    for (const auto& m : *rows) {
        const auto at = wall_time(milliseconds(find_int(m, "timestamp").value_or(0)));
        const auto head = to_rfc3339(at) + "  " + one_line(string_or(m, "role"));
        auto text = clean(text_of(m));
        if (const auto failure = find_string(m, "errorMessage")) text += "[failed: " + clean(*failure) + "]";
        x.io.out << painted(head, paint::bold, x.colour()) << '\n' << text << "\n\n";
    }
    return done;
}

}  // namespace

void add_session_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "sessions", "Sessions and transcripts.",
                           "openclaw sessions list");

    const auto list = std::make_shared<list_options>();
    auto& list_command = tree.add(group, "list", "The sessions, last used first.",
                                  "openclaw sessions list --limit 5 --agent main",
                                  [list](context& x) { return list_sessions(x, *list); });
    list_command.add_option("--limit", list->limit, "how many, at most (20)")
        ->type_name("N")->check(CLI::Range(1, 1000));
    list_command.add_option("--agent", list->agent, "only of this agent")->type_name("ID");
    list_command.add_option("--search", list->search, "only with this text in key or label")
        ->type_name("TEXT");

    const auto show = std::make_shared<show_options>();
    auto& show_command = tree.add(group, "show", "The last messages of a session.",
                                  "openclaw sessions show agent:main:main --limit 10",
                                  [show](context& x) { return show_session(x, *show); });
    show_command.add_option("KEY", show->key, "the session, such as main")->required();
    show_command.add_option("--limit", show->limit, "how many messages, at most (50)")
        ->type_name("N")->check(CLI::Range(1, 1000));

    add_dead_letter_commands(tree, group);
}

}  // namespace openclaw::cli
