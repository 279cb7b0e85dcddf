#include "cli/chat_stream.hpp"
#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <istream>
#include <ostream>

namespace openclaw::cli {

namespace {

constexpr std::int64_t longest_wait_s = 86'400;

struct agent_options {
    std::string message, agent, session, timeout = "10m";
};

// One turn; the text appears on stdout while it comes, unless --json asked for one document.
int turn(context& x, const agent_options& o, const std::string& message, milliseconds limit) {
    const auto to = find_endpoint(x);
    if (!to) return report(x, to.error());
    system_random random;
    const auto run = make_uuid(random);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit);
    json params{{"message", message},
                {"idempotencyKey", run},
                {"timeout", std::clamp<std::int64_t>(seconds.count(), 1, longest_wait_s)}};
    if (!o.agent.empty()) params["agentId"] = o.agent;
    if (!o.session.empty()) params["sessionKey"] = o.session;

    chat_stream stream(run);
    const auto show = [&](const std::string& text) {
        if (!x.flags.json && !text.empty()) x.io.out << clean(text) << std::flush;
    };
    const auto on_event = [&](const std::string& event, const json& payload) {
        show(stream.on_event(event, payload));
    };
    const auto answer = run_on_context([&](asio::io_context&) -> task<result<json>> {
        auto client = co_await gateway_client::connect(*to);
        if (!client) co_return client.error();
        // The gateway keeps the time; the margin is for its answer to arrive.
        auto ended = co_await (*client)->call("agent", params, limit + std::chrono::seconds(5), on_event);
        co_await (*client)->close();
        co_return ended;
    });
    if (answer) show(stream.on_response(*answer));
    if (!x.flags.json && !stream.text().empty()) x.io.out << '\n';
    if (!answer) return report(x, stream.failure() ? *stream.failure() : answer.error());
    if (stream.failure()) return report(x, *stream.failure());
    if (string_or(*answer, "status") == "timeout") {
        return report(x, no_answer_yet(o.timeout, run));
    }
    if (x.flags.json) print_json(x, *answer);
    return done;
}

// A conversation: each line is a turn. A new connection per turn, so that none idles while a
// person thinks; the session holds it together.
int converse(context& x, const agent_options& o, milliseconds limit) {
    x.io.out << "Each line is a message; end with Ctrl-D.\n";
    int code = done;
    for (std::string line; x.io.out << "> " << std::flush && std::getline(x.io.in, line);) {
        if (line.find_first_not_of(" \t") == std::string::npos) continue;
        if (line == "/quit" || line == "/exit") return code;
        code = turn(x, o, line, limit);
        if (code == unreachable || code == unauthorized) return code;
    }
    x.io.out << '\n';
    return code;
}

int talk(context& x, const agent_options& o) {
    const auto limit = parse_duration(o.timeout);
    if (!limit) return report(x, limit.error());
    if (!o.message.empty()) return turn(x, o, o.message, *limit);
    if (!x.io.in_is_terminal || x.flags.json) {
        return report(x, error(errc::invalid_input, "there is no message",
                               "Add --message TEXT, or start it in a terminal to chat."));
    }
    return converse(x, o, *limit);
}

}  // namespace

void add_agent_command(command_tree& tree) {
    const auto o = std::make_shared<agent_options>();
    auto& command = tree.add(tree.root(), "agent", "Talk to an agent; without a message, line by line.",
                             "openclaw agent --message \"What can you do?\"",
                             [o](context& x) { return talk(x, *o); });
    command.add_option("-m,--message", o->message, "what to say")->type_name("TEXT");
    command.add_option("--agent", o->agent, "which agent; else the default one")->type_name("ID");
    command.add_option("--session", o->session, "in which session; else the agent's main one")
        ->type_name("KEY");
    command.add_option("--timeout", o->timeout, "how long to wait for the answer (10m)")
        ->type_name("TIME");
}

}  // namespace openclaw::cli
