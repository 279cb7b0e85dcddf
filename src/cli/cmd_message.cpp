#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <ostream>

namespace openclaw::cli {

namespace {

constexpr milliseconds longest_wait{3'600'000};  // agent.wait

struct send_options {
    std::string to, message, channel, timeout = "60s";
    bool wait = false;
};

struct reply {
    json sent;
    json run;   // null: not waited for
};

result<reply> send_and_wait(const context& x, const send_options& o, milliseconds limit) {
    const auto to = find_endpoint(x);
    if (!to) return to.error();
    reply r;
    system_random random;
    const json params{{"to", o.to}, {"message", o.message}, {"channel", o.channel},
                      {"idempotencyKey", make_uuid(random)}};
    auto outcome = run_on_context([&](asio::io_context&) -> task<result<json>> {
        auto client = co_await gateway_client::connect(*to);
        if (!client) co_return client.error();
        auto sent = co_await (*client)->call("send", params);
        if (!sent) co_return sent.error();
        r.sent = std::move(*sent);
        const auto run = string_or(r.sent, "runId");
        if (o.wait && !run.empty()) {
            json question{{"runId", run}, {"timeoutMs", std::min(limit, longest_wait).count()}};
            // The gateway keeps the time; the margin is for its answer to arrive.
            auto waited = co_await (*client)->call("agent.wait", std::move(question),
                                                   limit + std::chrono::seconds(5));
            if (!waited) co_return waited.error();
            r.run = std::move(*waited);
        }
        co_await (*client)->close();
        co_return json();
    });
    if (!outcome) return outcome.error();
    return r;
}

// What became of the run; nothing: it was answered.
std::optional<error> complaint(const reply& r, const send_options& o) {
    const auto run = string_or(r.sent, "runId");
    const auto status = string_or(r.run, "status");
    if (status == "ok") return std::nullopt;
    if (status == "timeout") {
        return no_answer_yet(o.timeout, run);
    }
    auto reason = string_or(r.run, "error", "no reason given");
    if (const auto* e = find(r.run, "error")) reason = string_or(*e, "message", reason);
    return error(errc::unavailable, "the run failed: " + reason,
                 "See `openclaw health --detailed`.");
}

int send(context& x, send_options o) {
    const auto limit = parse_duration(o.timeout);
    if (!limit) return report(x, limit.error());
    if (o.channel.empty() && o.to == "test") o.channel = "test";
    if (o.channel.empty()) {
        return report(x, error(errc::invalid_input, "which channel is \"" + o.to + "\" on?",
                               "Add --channel NAME; `openclaw channels list` names them."));
    }
    const auto r = send_and_wait(x, o, *limit);
    if (!r) return report(x, r.error());
    const bool waited = !r->run.is_null();
    const auto trouble = waited ? complaint(*r, o) : std::nullopt;
    if (trouble) return report(x, *trouble);

    const auto* terminal = find(r->run, "terminalReply");
    const auto text = terminal == nullptr ? std::string() : string_or(*terminal, "text");
    if (x.flags.json) {
        auto document = r->sent;
        if (waited) document["reply"] = text;
        print_json(x, document);
    } else if (waited) {
        x.io.out << clean(text) << '\n';
    } else {
        x.io.out << "Sent on " << one_line(string_or(r->sent, "channel", o.channel)) << ": message "
                 << one_line(string_or(r->sent, "messageId")) << '\n';
    }
    return done;
}

}  // namespace

void add_message_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "message", "Send through a channel.",
                           "openclaw message send --to test --message hi --wait");
    const auto o = std::make_shared<send_options>();
    auto& command = tree.add(group, "send", "Send a message; `--to test` tries the whole gateway.",
                             "openclaw message send --to test --message \"hello\" --wait",
                             [o](context& x) { return send(x, *o); });
    command.add_option("--to", o->to, "whom: a person or group of the channel")
        ->type_name("TARGET")->required();
    command.add_option("-m,--message", o->message, "what to say")->type_name("TEXT")->required();
    command.add_option("--channel", o->channel, "through which channel")->type_name("NAME");
    command.add_flag("--wait", o->wait, "wait for the answer and print it");
    command.add_option("--timeout", o->timeout, "how long to wait (60s)")->type_name("TIME");
}

}  // namespace openclaw::cli
