#include "agents/http_provider.hpp"

#include "agents/api_error.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/net/sse.hpp"

namespace openclaw::agents {

namespace {

// More of an error than this is not worth reading.
constexpr std::size_t max_error_body = 64 << 10;
// An event of a stream, and a whole answer that is no stream, with their JSON around them.
constexpr std::size_t max_event = 2 * max_answer;
constexpr std::size_t max_document = 8 * max_answer;
// How long a finished answer waits for the end of its body, which makes the connection reusable.
constexpr std::chrono::milliseconds drain_limit{250};

// The client's errors in the classes of a provider.
error from_transport(error e) {
    if (e.code == errc::too_large) e.code = errc::protocol;
    if (e.code == errc::forbidden) e.code = errc::rejected;
    return e;
}

task<result<void>> drain(net::body_reader& body) {
    while (true) {
        const auto bytes = co_await body.read();
        if (!bytes) co_return bytes.error();
        if (bytes->empty()) co_return result<void>{};
    }
}

// Notes whether a part of the answer is out, after which nothing may start over.
class noting_observer final : public completion_observer {
public:
    explicit noting_observer(completion_observer& next) : next_(next) {}
    void on_text(std::string_view delta) override {
        shown = true;
        next_.on_text(delta);
    }
    void on_thinking(std::string_view delta) override {
        shown = true;
        next_.on_thinking(delta);
    }

    bool shown = false;

private:
    completion_observer& next_;
};

// Joins the pieces of text that came in one read: whoever follows the answer pays per event.
class joining_observer final : public completion_observer {
public:
    explicit joining_observer(completion_observer& next) : next_(next) {}
    void on_text(std::string_view delta) override { text_ += delta; }
    void on_thinking(std::string_view delta) override {
        flush();
        next_.on_thinking(delta);
    }
    void flush() {
        if (text_.empty()) return;
        next_.on_text(text_);
        text_.clear();
    }

private:
    completion_observer& next_;
    std::string text_;
};

result<void> take_all(const std::vector<net::sse_event>& events, stream_assembler& assembler,
                      completion_observer& observer) {
    joining_observer joined(observer);
    result<void> taken;
    for (const auto& event : events) {
        taken = assembler.take(event.data, joined);
        if (!taken) break;
    }
    joined.flush();
    return taken;
}

bool is_event_stream(const net::header_list& headers) {
    return headers.get("content-type").find("json") == std::string_view::npos;
}

// A server that does not know `stream` sends the whole answer as one document.
task<result<completion>> read_document(net::streaming_response& response,
                                       stream_assembler& assembler, completion_observer& observer) {
    const auto text = co_await response.read_all(max_document);
    if (!text) co_return from_transport(text.error());
    if (auto taken = assembler.take(*text, observer); !taken) co_return taken.error();
    co_return assembler.size() > max_answer ? assembler.cut() : assembler.finish();
}

}  // namespace

task<result<completion>> read_stream(net::body_reader& body, stream_assembler& assembler,
                                     completion_observer& observer) {
    net::sse_decoder decoder(max_event);
    std::vector<net::sse_event> events;
    events.reserve(16);  // a short answer comes in one read
    while (!assembler.done()) {
        const auto bytes = co_await body.read();
        if (!bytes) {
            if (assembler.answered()) break;
            co_return from_transport(bytes.error());
        }
        if (bytes->empty()) co_return assembler.finish();
        events.clear();
        const auto fed = decoder.feed(*bytes, events);
        if (!fed) co_return error(errc::protocol, fed.error().message);
        if (auto taken = take_all(events, assembler, observer); !taken) co_return taken.error();
        if (assembler.size() > max_answer) co_return assembler.cut();
    }
    if (assembler.done() && !body.complete()) {
        co_await with_deadline(drain_limit, "the end of the answer", drain(body));
    }
    co_return assembler.finish();
}

http_provider::http_provider(std::string name, config::provider_settings settings,
                             dialect_maker make, net::http_client& client)
    : name_(std::move(name)), settings_(std::move(settings)), dialect_(make(settings_)),
      address_(net::parse_url(dialect_->endpoint())), limits_(limits_of(settings_)),
      client_(client) {}

task<result<completion>> http_provider::complete(const completion_request& request,
                                                 completion_observer& observer) {
    if (!address_) {
        error e(errc::rejected, address_.error().to_string());
        co_return explain(std::move(e), name_, settings_);
    }
    const auto body = dialect_->body(request);
    const auto keys = settings_.api_keys.size();
    const auto first = preferred_key_.load(std::memory_order_relaxed);
    noting_observer watched(observer);
    for (std::size_t tried = 0;; ++tried) {
        const auto chosen = keys == 0 ? 0 : (first + tried) % keys;
        const auto* key = keys == 0 ? nullptr : &settings_.api_keys[chosen];
        auto answer = co_await attempt(body, key, watched);
        if (answer) {
            preferred_key_.store(chosen, std::memory_order_relaxed);
            answer->message.provider = name_;
            answer->message.model = request.model;
            co_return answer;
        }
        const bool last = tried + 1 >= keys || watched.shown;
        if (last || !is_about_the_key(answer.error().code)) {
            co_return explain(std::move(answer.error()), name_, settings_);
        }
    }
}

net::http_request http_provider::make_request(const std::string& body, const secret* key) const {
    net::http_request request;
    request.method = "POST";
    request.target = address_->target;
    request.headers.add("content-type", "application/json");
    request.headers.add("accept", "text/event-stream");
    dialect_->add_headers(request.headers, key);
    request.body = body;
    return request;
}

task<result<completion>> http_provider::attempt(const std::string& body, const secret* key,
                                                completion_observer& observer) const {
    auto request = make_request(body, key);
    auto response = co_await client_.send(*address_, std::move(request), limits_);
    if (!response) co_return from_transport(response.error());
    if (response->status < 200 || response->status > 299) co_return co_await read_failure(*response);
    const auto assembler = dialect_->make_assembler();
    if (!is_event_stream(response->headers)) {
        co_return co_await read_document(*response, *assembler, observer);
    }
    co_return co_await read_stream(*response->body, *assembler, observer);
}

task<error> http_provider::read_failure(net::streaming_response& response) const {
    const auto text = co_await response.read_all(max_error_body);
    const std::string raw = text ? *text : std::string();
    const auto body = parse_json(raw);
    co_return classify({.status = response.status,
                        .headers = &response.headers,
                        .body = body ? &*body : nullptr,
                        .raw = raw,
                        .now = std::chrono::system_clock::now()});
}

}  // namespace openclaw::agents
