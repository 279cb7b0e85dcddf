#include "ingress/agent_run.hpp"

#include "ingress/http_writer.hpp"
#include "ingress/turn_stream.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr milliseconds keep_alive_pause{15'000};  // between signs of life, so that no proxy gives up

error failure_of(const turn_event& end) {
    if (end.what == turn_event::kind::failed) return end.failure;
    return error(errc::cancelled, "the turn was stopped");
}

turn_event_ptr in_words_of(const answer_writer& writer, turn_event_ptr end) {
    const bool refused = end && end->what == turn_event::kind::failed && end->failure.code == errc::refused;
    if (!refused || !writer.tells_refusals()) return end;
    auto answer = std::make_shared<turn_event>(*end);
    answer->what = turn_event::kind::final;
    answer->stop_reason = "refused";
    return answer;
}

net::http_response failure_response(const http_call& call, const answer_writer& writer,
                                    turn_stream& turn, const turn_event& end) {
    return turn_failure_response(writer.shape(), failure_of(end), turn.acted(), call.request_id);
}

// Writes what happens in the turn until it ends. False: the client is gone.
task<bool> stream_turn(http_call& call, turn_stream& turn, answer_writer& writer) {
    const auto on = co_await asio::this_coro::executor;
    bool sign_due = false;
    std::optional<deadline_guard> pause;
    const auto begin_pause = [&] {
        sign_due = false;
        pause.emplace(on, keep_alive_pause, [&] {
            sign_due = true;
            turn.wake();
        });
    };
    begin_pause();
    call.stream.start(200, event_stream_headers());
    std::string out;
    writer.head(out);
    while (true) {
        auto news = turn.take();
        news.end = in_words_of(writer, std::move(news.end));
        const bool last = news.end != nullptr;
        if (!news.text.empty()) writer.text(out, news.text);
        if (last && news.end->what == turn_event::kind::final) writer.end(out, *news.end);
        else if (last) writer.failure(out, failure_of(*news.end), call.request_id);
        if (!out.empty() && !co_await call.stream.write(out, last)) co_return false;
        if (last) co_return true;
        out.clear();
        co_await turn.wait();
        if (!sign_due) continue;
        writer.still_there(out);
        begin_pause();
    }
}

// The first sign of a turn decides between an HTTP error and a stream. A turn that gives none for as long
// as `patience` becomes a stream too: a proxy would take the silence for the end.
task<http_answer> await_first_sign(const http_call& call, turn_stream& turn, const answer_writer& writer,
                                   milliseconds patience) {
    bool waits = true;
    const deadline_guard limit(co_await asio::this_coro::executor, patience, [&] {
        waits = false;
        turn.wake();
    });
    while (waits) {
        auto news = turn.take();
        news.end = in_words_of(writer, std::move(news.end));
        if (news.end && news.end->what != turn_event::kind::final && news.text.empty()) {
            co_return failure_response(call, writer, turn, *news.end);
        }
        if (news.end || !news.text.empty()) {
            turn.put_back(std::move(news.text));
            break;
        }
        co_await turn.wait();
    }
    co_return std::nullopt;
}

task<http_answer> answer_stream(http_call& call, const routing::admission& taken,
                                const std::shared_ptr<turn_stream>& turn, answer_writer& writer,
                                milliseconds patience) {
    if (auto refusal = co_await await_first_sign(call, *turn, writer, patience)) co_return refusal;
    if (!co_await stream_turn(call, *turn, writer)) {
        call.gateway.d.router.abort(taken.session, taken.run_id, "rpc");
    }
    co_return std::nullopt;
}

// One name must not mean two tools.
result<void> check_tools(const http_call& call, const client_tools* tools) {
    if (tools == nullptr) return {};
    for (const auto& tool : tools->offered) {
        if (call.gateway.d.tools.find(tool.name) == nullptr) continue;
        return bad_request("The agent has a tool `" + tool.name + "` of its own. Give yours another name.");
    }
    return {};
}

// The model for this answer, in full (protocol.md §7); empty: the agent's own.
result<std::string> wanted_model(const http_call& call, const agents::directory& agents) {
    const auto name = call.request.headers.get("x-openclaw-model");
    if (name.empty()) return std::string();
    const auto model = agents.model_named(name);
    if (model) return model->ref.str();
    return bad_request("`X-OpenClaw-Model` names no model that can be used: " + model.error().message +
                       ".");
}

inbound_message message_of(const http_call& call, client_request& request, const run_options& options,
                           const std::string& agent) {
    auto& gateway = call.gateway;
    inbound_message m;
    m.origin.channel = "http";
    m.origin.peer = m.origin.sender = call.who.subject();
    m.who = call.who;
    const auto key = call.request.headers.get("x-openclaw-session-key");
    // A session that is named brings its own agent, unless one was named as well.
    const bool named = !key.empty() || !options.session.empty();
    if (!options.agent.empty() || !named) m.agent = agent;
    m.received_ms = gateway.d.time.unix_ms();
    m.run_id = make_uuid(gateway.d.random, m.received_ms);
    m.durability = durability::with_answer;
    const auto prefix = "agent:" + agent + ":" + std::string(options.family);
    if (!options.session.empty()) {
        m.session = options.session;
    } else if (!key.empty()) {
        m.session = key;
    } else if (!request.user.empty()) {
        m.session = prefix + "-user:" + to_hex(sha256(request.user)).substr(0, 32);
    } else {
        m.session = prefix + ":" + m.run_id;
        m.fresh_session = true;
    }
    m.text = std::move(request.text);
    m.images = std::move(request.images);
    m.results = std::move(request.results);
    m.context = std::move(request.context);
    m.extra_system = std::move(request.system);
    m.sampling = std::move(request.sampling);
    m.tools = std::move(request.tools);
    return m;
}

// What goes on from a response has its session, or one that begins like it.
task<result<routing::admission>> take(http_call& call, inbound_message m, const run_options& options,
                                      std::shared_ptr<turn_stream> turn) {
    auto& router = call.gateway.d.router;
    if (options.after_run.empty()) co_return co_await router.submit(std::move(m), std::move(turn));
    const auto from = session_key::parse(m.session, "");
    if (!from) co_return from.error();
    session_key other(from->agent(), std::string(options.family) + ":" + m.run_id);
    co_return co_await router.submit_after(options.after_run, std::move(other), std::move(m),
                                           std::move(turn));
}

}  // namespace

task<http_answer> run_agent(http_call& call, client_request request, run_options options,
                            answer_writer& writer) {
    auto& gateway = call.gateway;
    const auto agents = gateway.d.router.agents();
    // The model's name wins: it stands in the request itself.
    if (options.agent.empty()) options.agent = call.request.headers.get("x-openclaw-agent-id");
    const auto agent = options.agent.empty() ? agents->default_agent().id : options.agent;
    if (agents->find(agent) == nullptr) {
        co_return error_response(writer.shape(), 400, "unknown_agent",
                                 "Unknown agent '" + printable(agent, 64) + "'.", call.request_id);
    }
    if (auto fits = check_tools(call, request.tools.get()); !fits) {
        co_return error_response(writer.shape(), fits.error(), call.request_id);
    }
    auto model = wanted_model(call, *agents);
    if (!model) co_return error_response(writer.shape(), model.error(), call.request_id);
    auto m = message_of(call, request, options, agent);
    m.model = std::move(*model);
    answer_facts facts;
    facts.created_s = m.received_ms / 1000;
    auto turn = std::make_shared<turn_stream>(request.stream);
    auto taken = co_await take(call, std::move(m), options, turn);
    if (!taken) co_return error_response(writer.shape(), taken.error(), call.request_id);
    facts.run_id = taken->run_id;
    facts.session = taken->session;
    writer.begin(facts);
    call.stream.on_gone([&router = gateway.d.router, session = taken->session, run = taken->run_id] {
        router.abort(session, run, "rpc");
    });
    if (request.stream) co_return co_await answer_stream(call, *taken, turn, writer,
                                                                options.patience);
    auto end = co_await turn->end();
    end = in_words_of(writer, std::move(end));
    if (end->what != turn_event::kind::final) {
        co_return failure_response(call, writer, *turn, *end);
    }
    co_return json_response(200, writer.whole(*end, turn->text_of(*end)));
}

http_answer refuse_coded_body(const http_call& call, error_shape shape) {
    const auto coding = call.request.headers.get("content-encoding");
    if (coding.empty() || net::equals_ignoring_case(coding, "identity")) return std::nullopt;
    return error_response(shape, 415, "unsupported_media_type", "Send the body without a coding.",
                          call.request_id);
}

}  // namespace openclaw::ingress
