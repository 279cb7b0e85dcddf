// POST /v1/chat/completions and GET /v1/models: OpenAI's libraries speak to agents, and through the
// gateway to providers.

#include "ingress/errors.hpp"
#include "ingress/http_writer.hpp"
#include "ingress/openai_request.hpp"
#include "ingress/routes.hpp"
#include "ingress/turn_stream.hpp"

#include "openclaw/agents/relay.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

namespace openclaw::ingress {

namespace {

constexpr milliseconds keep_alive_pause{15'000};      // between comments, so that no proxy gives up
constexpr std::size_t max_relayed_body = 64 << 20;    // bytes of a response that is no stream

std::string_view finish_reason(const turn_event& end) {
    if (end.stop_reason == "length") return "length";
    if (end.stop_reason == "refused") return "content_filter";
    return "stop";
}

std::string usage_text(const token_usage& u) {
    const auto prompt = u.input + u.cache_read + u.cache_write;
    return R"({"prompt_tokens":)" + std::to_string(prompt) + R"(,"completion_tokens":)" +
           std::to_string(u.output) + R"(,"total_tokens":)" + std::to_string(prompt + u.output) + "}";
}

// The pieces of one completion's wire form, made once.
struct completion_frame {
    completion_frame(const std::string& id, std::int64_t created_s, const std::string& model) {
        common = R"({"id":"chatcmpl_)" + id + R"(","object":"chat.completion)";
        rest = R"(","created":)" + std::to_string(created_s) + R"(,"model":)";
        append_quoted(rest, model);
    }
    std::string chunk(std::string_view delta, std::string_view finish) const {
        std::string out = "data: " + common + ".chunk" + rest + R"(,"choices":[{"index":0,"delta":)";
        out += delta;
        out += R"(,"finish_reason":)";
        out += finish;
        return out + "}]}\n\n";
    }
    std::string text_chunk(std::string_view text) const {
        std::string delta = R"({"content":)";
        append_quoted(delta, text);
        return chunk(delta + "}", "null");
    }
    std::string usage_chunk(const token_usage& u) const {
        return "data: " + common + ".chunk" + rest + R"(,"choices":[],"usage":)" + usage_text(u) +
               "}\n\n";
    }
    std::string whole(const turn_event& end) const {
        std::string out = common + rest;
        out += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
        append_quoted(out, end.message.text());
        out += R"(,"refusal":null},"logprobs":null,"finish_reason":")";
        out += finish_reason(end);
        return out + R"("}],"usage":)" + usage_text(end.usage) + "}";
    }

    std::string common, rest;
};

error failure_of(const turn_event& end) {
    if (end.what == turn_event::kind::failed) return end.failure;
    return error(errc::cancelled, "the turn was stopped");
}

// Writes what happens in the turn until it ends. False: the client is gone.
task<bool> stream_turn(http_call& call, turn_stream& turn, const completion_frame& frame,
                       bool include_usage) {
    const auto on = co_await asio::this_coro::executor;
    bool comment_due = false;
    std::optional<deadline_guard> pause;
    const auto begin_pause = [&] {
        comment_due = false;
        pause.emplace(on, keep_alive_pause, [&] {
            comment_due = true;
            turn.wake();
        });
    };
    begin_pause();
    call.stream.start(200, event_stream_headers());
    std::string out = frame.chunk(R"({"role":"assistant","content":""})", "null");
    while (true) {
        const auto news = turn.take();
        const bool last = news.end != nullptr;
        if (!news.text.empty()) out += frame.text_chunk(news.text);
        if (last && news.end->what == turn_event::kind::final) {
            out += frame.chunk("{}", "\"" + std::string(finish_reason(*news.end)) + "\"");
            if (include_usage) out += frame.usage_chunk(news.end->usage);
            out += "data: [DONE]\n\n";
        } else if (last) {
            const auto e = error_response(failure_of(*news.end), call.request_id);
            out += "data: " + e.body + "\n\n";
        }
        if (!out.empty() && !co_await call.stream.write(out, last)) co_return false;
        if (last) co_return true;
        out.clear();
        co_await turn.wait();
        if (!comment_due) continue;
        out = ":\n\n";
        begin_pause();
    }
}

// The first sign of a turn decides between an HTTP error and a stream.
task<http_answer> answer_stream(http_call& call, const routing::admission& taken,
                                const std::shared_ptr<turn_stream>& turn,
                                const completion_frame& frame, bool include_usage) {
    while (true) {
        auto news = turn->take();
        if (news.end && news.end->what != turn_event::kind::final && news.text.empty()) {
            co_return error_response(failure_of(*news.end), call.request_id);
        }
        if (news.end || !news.text.empty()) {
            turn->put_back(std::move(news.text));
            break;
        }
        co_await turn->wait();
    }
    if (!co_await stream_turn(call, *turn, frame, include_usage)) {
        call.gateway.d.router.abort(taken.session, taken.run_id, "rpc");
    }
    co_return std::nullopt;
}

task<http_answer> run_agent(http_call& call, openai_request request, const std::string& agent) {
    auto& gateway = call.gateway;
    const auto agents = gateway.d.router.agents();
    const auto& id = agent.empty() ? agents->default_agent().id : agent;
    if (agents->find(id) == nullptr) {
        co_return error_response(400, "unknown_agent", "Unknown agent '" + printable(id, 64) + "'.",
                                 call.request_id);
    }
    inbound_message m;
    m.origin.channel = "http";
    m.origin.peer = m.origin.sender = call.who.subject();
    m.who = call.who;
    // A session that is named brings its own agent, unless one was named as well.
    if (!agent.empty() || !call.request.headers.has("x-openclaw-session-key")) m.agent = id;
    m.received_ms = gateway.d.time.unix_ms();
    m.run_id = make_uuid(gateway.d.random, m.received_ms);
    m.durability = durability::with_answer;
    if (const auto key = call.request.headers.get("x-openclaw-session-key"); !key.empty()) {
        m.session = key;
    } else if (!request.user.empty()) {
        m.session = "agent:" + id + ":openai-user:" + to_hex(sha256(request.user)).substr(0, 32);
    } else {
        m.session = "agent:" + id + ":openai:" + m.run_id;
        m.fresh_session = true;
    }
    m.text = std::move(request.text);
    m.images = std::move(request.images);
    m.context = std::move(request.context);
    m.extra_system = std::move(request.system);
    m.sampling = std::move(request.sampling);

    const completion_frame frame(m.run_id, m.received_ms / 1000, request.model);
    auto turn = std::make_shared<turn_stream>(request.stream);
    auto taken = co_await gateway.d.router.submit(std::move(m), turn);
    if (!taken) co_return error_response(taken.error(), call.request_id);
    call.stream.on_gone([&router = gateway.d.router, session = taken->session, run = taken->run_id] {
        router.abort(session, run, "rpc");
    });
    if (request.stream) {
        co_return co_await answer_stream(call, *taken, turn, frame, request.include_usage);
    }
    const auto end = co_await turn->end();
    if (end->what != turn_event::kind::final) {
        co_return error_response(failure_of(*end), call.request_id);
    }
    co_return json_response(200, frame.whole(*end));
}

// Hands the provider's response on as it comes.
task<http_answer> relay(http_call& call, const agents::model_ref& ref, json body) {
    const auto agents = call.gateway.d.router.agents();
    auto response = co_await agents::relay_chat_completion(*agents, call.gateway.d.client, ref,
                                                           std::move(body));
    if (!response) co_return error_response(response.error(), call.request_id);
    const std::string type(response->headers.get("content-type"));
    if (!type.starts_with("text/event-stream")) {
        auto whole = co_await response->read_all(max_relayed_body);
        if (!whole) co_return error_response(whole.error(), call.request_id);
        net::http_response out;
        out.status = response->status;
        out.headers.add("Content-Type", type.empty() ? "application/json" : type);
        if (const auto wait = response->headers.get("retry-after"); !wait.empty()) {
            out.headers.add("Retry-After", std::string(wait));
        }
        out.body = std::move(*whole);
        co_return out;
    }
    call.stream.start(response->status, event_stream_headers());
    // The client learns at once that the provider answers, however long the first word takes.
    if (!response->body->complete() && !co_await call.stream.write({})) co_return std::nullopt;
    for (bool last = false; !last;) {
        auto bytes = co_await response->body->read();
        if (!bytes) {
            const auto e = error_response(bytes.error(), call.request_id);
            const auto event = "data: " + e.body + "\n\n";
            co_await call.stream.write(event, true);
            break;
        }
        last = bytes->empty() || response->body->complete();
        if (!co_await call.stream.write(*bytes, last)) break;
    }
    co_return std::nullopt;
}

// The same until the client hangs up, with which the connection to the provider ends.
task<http_answer> pass_through(http_call& call, agents::model_ref ref, json body) {
    const auto stop = std::make_shared<asio::cancellation_signal>();
    call.stream.on_gone([stop] { stop->emit(asio::cancellation_type::terminal); });
    const auto on = co_await asio::this_coro::executor;
    auto work = relay(call, ref, std::move(body));
    try {
        co_return co_await asio::co_spawn(
            on, std::move(work), asio::bind_cancellation_slot(stop->slot(), asio::use_awaitable));
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) throw;
    }
    co_return error_response(error(errc::cancelled, "the client is gone"), call.request_id);
}

struct chat_body {
    std::string model;
    result<openai_request> request;  // need not be one of ours when the model is a provider's
};

result<chat_body> read_body(std::string_view text) {
    const auto document = json_document::parse(text);
    if (!document) return document.error();
    const auto body = document->root();
    if (!body.is_object()) return error(errc::invalid_input, "The body must be a JSON object.");
    return chat_body{std::string(body["model"].text()), parse_openai_request(body)};
}

json model_json(const std::string& id) {
    return {{"id", id},
            {"object", "model"},
            {"created", 0},
            {"owned_by", "openclaw"},
            {"permission", json::array()}};
}

}  // namespace

task<http_answer> route_chat_completions(http_call call) {
    if (const auto coding = call.request.headers.get("content-encoding");
        !coding.empty() && !net::equals_ignoring_case(coding, "identity")) {
        co_return error_response(415, "unsupported_media_type", "Send the body without a coding.",
                                 call.request_id);
    }
    auto body = read_body(call.request.body);
    if (!body) co_return error_response(body.error(), call.request_id);
    if (const auto agent = agent_of_model(body->model)) {
        if (!body->request) co_return error_response(body->request.error(), call.request_id);
        co_return co_await run_agent(call, std::move(*body->request), *agent);
    }
    const auto ref = agents::parse_model_ref(body->model);
    if (ref && call.gateway.d.router.agents()->find_model(*ref)) {
        co_return co_await pass_through(call, *ref, parse_json(call.request.body).value());
    }
    co_return error_response(400, "model_not_found",
                             "Invalid `model`. Use `openclaw`, `openclaw/<agentId>` or a configured "
                             "`provider/model`.",
                             call.request_id);
}

task<http_answer> route_models(http_call call) {
    const auto agents = call.gateway.d.router.agents();
    std::vector<std::string> ids{"openclaw", "openclaw/default"};
    for (const auto& a : agents->all()) ids.push_back("openclaw/" + a.id);
    for (const auto& ref : agents->models()) ids.push_back(ref.str());
    if (!call.rest.empty()) {
        const auto wanted = percent_decode(call.rest);
        const bool known = wanted && std::find(ids.begin(), ids.end(), *wanted) != ids.end();
        if (!known) co_return error_response(400, "invalid_model", "Invalid model id.", call.request_id);
        co_return json_response(200, dump(model_json(*wanted)));
    }
    json list = json::array();
    for (const auto& id : ids) list.push_back(model_json(id));
    co_return json_response(200, dump({{"object", "list"}, {"data", std::move(list)}}));
}

}  // namespace openclaw::ingress
