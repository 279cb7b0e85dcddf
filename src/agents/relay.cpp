#include "openclaw/agents/relay.hpp"

#include "agents/api_error.hpp"
#include "agents/dialect.hpp"
#include "agents/error_mask.hpp"
#include "openclaw/core/json_member.hpp"

namespace openclaw::agents {

namespace {

using config::provider_api;

constexpr std::size_t max_error_body = 1 << 20;  // bytes

std::string_view name_of(relayed_api api) {
    switch (api) {
    case relayed_api::chat_completions: return "Chat Completions";
    case relayed_api::responses: return "Responses";
    case relayed_api::embeddings: return "Embeddings";
    case relayed_api::messages: break;
    }
    return "Messages";
}

// Servers of OpenAI's kind differ in what they have besides Chat Completions; one that lacks an
// API says so itself.
bool speaks(provider_api provider, relayed_api api) {
    if (api == relayed_api::messages) return provider == provider_api::anthropic_messages;
    if (provider == provider_api::openai_responses) return api != relayed_api::chat_completions;
    return provider == provider_api::openai_completions || provider == provider_api::ollama;
}

error cannot_relay(const model_ref& ref, relayed_api api) {
    return error(errc::invalid_input,
                 "requests cannot be passed through to " + ref.provider_name +
                     ": it does not speak " + std::string(name_of(api)),
                 "Use the model \"openclaw\", which runs an agent on any provider.");
}

std::string endpoint_of(const config::provider_settings& settings, relayed_api api) {
    switch (api) {
    case relayed_api::chat_completions: return base_address(settings) + "/chat/completions";
    case relayed_api::responses: return base_address(settings) + "/responses";
    case relayed_api::embeddings: return base_address(settings) + "/embeddings";
    case relayed_api::messages: break;
    }
    return make_anthropic_dialect(settings)->endpoint();
}

void add_headers(net::header_list& headers, const config::provider_settings& settings,
                 const secret* key, const relayed_request& request) {
    if (request.api == relayed_api::messages) {
        make_anthropic_dialect(settings)->add_headers(headers, key);
    } else {
        add_bearer(headers, settings, key);
    }
    // The client wrote its body for the version that it names.
    for (const auto& [name, value] : request.headers) headers.set(name, value);
}

// Only the value changes: in the order of a schema's members an answer is made, and a provider finds
// what it has cached by the bytes.
result<void> put_model(std::string& body, const std::string& model) {
    const auto value = find_member(body, "model", max_relayed_depth);
    if (!value) return value.error();
    if (!*value) return error(errc::invalid_input, "the request names no `model`");
    std::string quoted;
    append_quoted(quoted, model);
    body.replace(static_cast<std::size_t>((*value)->data() - body.data()), (*value)->size(), quoted);
    return {};
}

// A body that is here already.
class text_body final : public net::body_reader {
public:
    explicit text_body(std::string text) : text_(std::move(text)) {}
    task<result<std::string_view>> read() override {
        const std::string_view left = read_ ? std::string_view() : std::string_view(text_);
        read_ = true;
        co_return left;
    }

private:
    std::string text_;
    bool read_ = false;
};

// A stream as a client may see it.
class masked_body final : public net::body_reader {
public:
    masked_body(std::unique_ptr<net::body_reader> from, const config::provider_settings& settings)
        : from_(std::move(from)), mask_(settings) {}
    task<result<std::string_view>> read() override {
        while (true) {
            const auto bytes = co_await from_->read();
            if (!bytes) co_return bytes.error();
            const bool end = bytes->empty();
            const auto shown = mask_.take(*bytes, end || from_->complete());
            if (!shown || end || !shown->empty()) co_return shown;
        }
    }
    bool complete() const override { return from_->complete() && !mask_.holds(); }

private:
    std::unique_ptr<net::body_reader> from_;
    error_mask mask_;
};

// A provider's refusal: what it says, and what agents would call it.
struct refusal {
    std::string body;
    error kind;
};

task<refusal> read_refusal(net::streaming_response& response) {
    auto read = co_await response.read_all(max_error_body);
    refusal out;
    if (read) out.body = std::move(*read);
    const auto body = parse_json(out.body);
    out.kind = classify({.status = response.status,
                         .headers = &response.headers,
                         .body = body ? &*body : nullptr,
                         .raw = out.body,
                         .now = std::chrono::system_clock::now()});
    co_return out;
}

// The requests to one provider that make up one of a client's.
class relaying {
public:
    relaying(net::http_client& client, const std::string& provider,
             const config::provider_settings& settings, net::url address)
        : client_(client), provider_(provider), settings_(settings), address_(std::move(address)) {}

    // Nothing of an answer is out before a key was good, so each key may be tried.
    task<result<net::streaming_response>> run(relayed_request request,
                                              std::atomic<std::size_t>& preferred) {
        const auto& keys = settings_.api_keys;
        const auto first = preferred.load(std::memory_order_relaxed);
        for (std::size_t tried = 0;; ++tried) {
            const auto chosen = keys.empty() ? 0 : (first + tried) % keys.size();
            const bool last = tried + 1 >= keys.size();
            auto sent = make_request(request, keys.empty() ? nullptr : &keys[chosen], last);
            auto response = co_await client_.send(address_, std::move(sent), limits_of(settings_));
            if (!response) co_return explain(response.error(), provider_, settings_);
            if (response->status < 400) {
                preferred.store(chosen, std::memory_order_relaxed);
                if (is_stream(response->headers)) {
                    response->body = std::make_unique<masked_body>(std::move(response->body), settings_);
                }
                co_return response;
            }
            auto refused = co_await read_refusal(*response);
            if (last || !is_about_the_key(refused.kind.code)) {
                co_return told(std::move(*response), std::move(refused));
            }
        }
    }

private:
    net::http_request make_request(relayed_request& from, const secret* key, bool last) const {
        net::http_request sent;
        sent.method = "POST";
        sent.target = address_.target;
        sent.headers.add("content-type", "application/json");
        add_headers(sent.headers, settings_, key, from);
        if (last) sent.body = std::move(from.body);
        else sent.body = from.body;
        return sent;
    }

    // A refusal of the gateway's own key must not look like one of the client's, whose libraries
    // would ask for another.
    result<net::streaming_response> told(net::streaming_response response, refusal refused) const {
        if (response.status == 401 || response.status == 403) {
            return explain(std::move(refused.kind), provider_, settings_);
        }
        response.body = std::make_unique<text_body>(shown_body(std::move(refused.body), settings_));
        return response;
    }

    net::http_client& client_;
    const std::string& provider_;
    const config::provider_settings& settings_;
    const net::url address_;
};

}  // namespace

bool is_stream(const net::header_list& headers) {
    return headers.get("content-type").starts_with("text/event-stream");
}

std::string shown_answer(const directory& agents, const model_ref& ref, std::string body) {
    const auto* settings = agents.provider_settings(ref.provider_name);
    return settings == nullptr ? body : shown_document(std::move(body), *settings);
}

task<result<net::streaming_response>> relay(const directory& agents, net::http_client& client,
                                            const model_ref& ref, relayed_request request) {
    const auto& provider = ref.provider_name;
    const auto* settings = agents.provider_settings(provider);
    if (settings == nullptr || !agents.find_model(ref)) {
        co_return error(errc::not_found, "there is no model " + ref.str(),
                        "openclaw models list names those that there are.");
    }
    if (!speaks(settings->api, request.api)) co_return cannot_relay(ref, request.api);
    auto address = net::parse_url(endpoint_of(*settings, request.api));
    if (!address) {
        error e(errc::rejected, address.error().to_string());
        co_return explain(std::move(e), provider, *settings);
    }
    if (auto named = put_model(request.body, ref.model); !named) co_return named.error();
    relaying work(client, provider, *settings, std::move(*address));
    co_return co_await work.run(std::move(request), agents.preferred_key(provider));
}

}  // namespace openclaw::agents
