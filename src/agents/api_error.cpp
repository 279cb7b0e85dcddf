#include "agents/api_error.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <ctime>

namespace openclaw::agents {

namespace {

// The parts of an error body that the services know, in lower case but for the message.
struct evidence {
    int status = 0;
    std::string codes;    // type, code, details.error_code and status, joined by spaces
    std::string text;     // the message in lower case, to look for phrases
    std::string message;  // the message as it came
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

void add_code(std::string& codes, const json& object, std::string_view key) {
    const auto code = find_string(object, key);
    if (code) codes += ' ' + lower(*code);
}

// Gemini hides its reason in details[].reason, Anthropic its code in details.error_code.
void add_details(std::string& codes, const json& problem) {
    const auto* details = find(problem, "details");
    if (details == nullptr) return;
    if (details->is_object()) add_code(codes, *details, "error_code");
    if (!details->is_array()) return;
    for (const auto& d : *details) add_code(codes, d, "reason");
}

void read_problem(const json& problem, evidence& out) {
    if (problem.is_string()) {
        out.message = problem.get<std::string>();
        return;
    }
    out.message = string_or(problem, "message");
    for (const auto* key : {"type", "code", "status", "error_code"}) add_code(out.codes, problem, key);
    add_details(out.codes, problem);
    // Relays such as OpenRouter put the status of the model behind them into the code.
    const auto number = find_int(problem, "code");
    if (number && *number >= 400 && *number <= 599 && out.status < 400) {
        out.status = static_cast<int>(*number);
    }
}

evidence gather(const api_failure& failure) {
    evidence out;
    out.status = failure.status;
    const json* body = failure.body;
    if (body != nullptr && body->is_array() && !body->empty()) body = &body->front();
    if (body != nullptr) {
        const auto* problem = find(*body, "error");
        if (problem == nullptr || problem->is_null()) problem = body;
        read_problem(*problem, out);
        if (out.message.empty()) out.message = string_or(*body, "message");
        if (out.message.empty()) out.message = string_or(*body, "detail");
    } else if (failure.raw.find('<') != 0) {
        out.message = std::string(failure.raw);
    }
    out.text = lower(out.message);
    out.codes += ' ';
    return out;
}

bool has_code(const evidence& e, std::initializer_list<std::string_view> codes) {
    return std::ranges::any_of(codes, [&](std::string_view code) {
        return e.codes.find(' ' + std::string(code) + ' ') != std::string::npos;
    });
}

bool mentions(const evidence& e, std::initializer_list<std::string_view> phrases) {
    return std::ranges::any_of(
        phrases, [&](std::string_view p) { return e.text.find(p) != std::string::npos; });
}

bool is_context_overflow(const evidence& e) {
    if (e.status == 413 || has_code(e, {"context_length_exceeded", "request_too_large"})) return true;
    if (e.status == 429 || e.status >= 500) return false;
    const auto count = e.text.find("input token count");
    if (count != std::string::npos && e.text.find("exceeds", count) != std::string::npos) return true;
    return mentions(e, {"prompt is too long", "exceeds the context window", "maximum context length",
                        "exceed context limit", "too large for model", "exceeds the available context"});
}

bool is_billing(const evidence& e) {
    if (e.status == 402 || e.codes.find("billing") != std::string::npos) return true;
    if (e.codes.find("spend_limit") != std::string::npos) return true;
    return has_code(e, {"insufficient_quota", "credit_balance_exhausted",
                        "organization_usage_limit_exceeded"}) ||
           mentions(e, {"credit balance is too low", "spend limit", "specified api usage limits"});
}

bool is_auth(const evidence& e) {
    return e.status == 401 || e.status == 403 ||
           has_code(e, {"authentication_error", "permission_error", "api_key_invalid",
                        "invalid_api_key", "organization_on_hold", "unauthenticated",
                        "permission_denied"});
}

bool is_rate_limit(const evidence& e) {
    return e.status == 429 ||
           has_code(e, {"rate_limit_error", "rate_limit_exceeded", "resource_exhausted", "slow_down"});
}

bool is_overload(const evidence& e) {
    return e.status == 529 || e.status == 503 ||
           has_code(e, {"overloaded_error", "server_is_overloaded", "unavailable"});
}

bool is_timeout(const evidence& e) {
    return e.status == 408 || e.status == 504 || has_code(e, {"timeout_error", "deadline_exceeded"});
}

// A server that stumbled is for the caller what one under load is: later, or elsewhere.
bool is_server(const evidence& e) {
    return e.status >= 500 || e.status == 409 ||
           has_code(e, {"api_error", "server_error", "internal", "conflict_error"});
}

bool is_unknown_model(const evidence& e) {
    return e.status == 404 || has_code(e, {"not_found_error", "model_not_found", "not_found"});
}

struct verdict {
    errc code;
    std::string_view says;
};

verdict judge(const evidence& e) {
    if (is_context_overflow(e)) return {errc::context_overflow, "the conversation is too long"};
    if (is_billing(e)) return {errc::billing, "the account has no credit or is at its spend limit"};
    if (is_auth(e)) return {errc::auth_provider, "the key was refused"};
    if (is_rate_limit(e)) return {errc::rate_limited, "too many requests"};
    if (is_overload(e)) return {errc::overloaded, "the service is overloaded"};
    if (is_timeout(e)) return {errc::timed_out, "the service ran out of time"};
    if (is_server(e)) return {errc::overloaded, "the service failed"};
    if (is_unknown_model(e)) return {errc::not_found, "there is no such model or address"};
    return {errc::rejected, "the request was rejected"};
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::chrono::milliseconds within_a_day(double ms) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(ms, 0.0, 86'400'000.0)));
}

// Keys of the services that are known begin like this.
constexpr std::array<std::string_view, 6> key_prefixes{"sk-",  "xai-",   "gsk_",
                                                       "AIza", "Bearer ", "sess-"};

bool is_key_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '*';
}

void mask_key_shapes(std::string& text) {
    for (const auto prefix : key_prefixes) {
        std::size_t at = 0;
        while ((at = text.find(prefix, at)) != std::string::npos) {
            auto end = at + prefix.size();
            while (end < text.size() && is_key_character(text[end])) ++end;
            text.replace(at, end - at, "***");
            at += 3;
        }
    }
}

void mask_exact(std::string& text, std::string_view value) {
    if (value.size() < 4) return;
    std::size_t at = 0;
    while ((at = text.find(value, at)) != std::string::npos) {
        text.replace(at, value.size(), "***");
        at += 3;
    }
}

// An address may carry a key in its query, and an error may quote the address.
void mask_query(std::string& text, std::string_view address) {
    auto query = address.substr(std::min(address.find('?'), address.size()));
    while (!query.empty()) {
        query.remove_prefix(1);
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size());
        const auto is = pair.find('=');
        if (is != std::string_view::npos) mask_exact(text, pair.substr(is + 1));
    }
}

void mask_secrets(std::string& text, const config::provider_settings& settings) {
    mask_query(text, settings.base_url);
    for (const auto& key : settings.api_keys) mask_exact(text, key.reveal());
    for (const auto& [name, value] : settings.headers) mask_exact(text, value);
    mask_key_shapes(text);
}

// Masks every text of a document; whether there was anything to mask. parse_json() bounds its depth.
bool mask_texts(json& value, const config::provider_settings& settings) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        const auto before = text;
        mask_secrets(text, settings);
        return text != before;
    }
    bool masked = false;
    if (value.is_object()) {
        json members = json::object();
        for (auto& [name, member] : value.items()) {
            std::string shown = name;
            mask_secrets(shown, settings);
            masked |= mask_texts(member, settings) || shown != name;
            members[shown] = std::move(member);
        }
        value = std::move(members);
    } else if (value.is_array()) {
        for (auto& item : value) masked |= mask_texts(item, settings);
    }
    return masked;
}

std::string hint_for(errc code, const std::string& provider) {
    const std::string path = "models.providers." + provider;
    switch (code) {
    case errc::auth_provider: return "Set a valid key: openclaw config set " + path + ".apiKey KEY";
    case errc::billing: return "Look at the credit and the limits of the account behind the key.";
    case errc::rate_limited:
    case errc::overloaded:
        return "Try again later; agents.defaults.model.fallbacks names models to fall back to.";
    case errc::timed_out:
    case errc::network:
        return "Check that " + path + ".baseUrl can be reached from this machine.";
    case errc::tls: return "Check the certificate and the name in " + path + ".baseUrl.";
    case errc::not_found: return "Check the model's name and " + path + ".baseUrl.";
    case errc::context_overflow: return "Start a new session, or shorten the message.";
    case errc::protocol: return "Check that " + path + ".api and .baseUrl fit the service.";
    default: return {};
    }
}

}  // namespace

std::chrono::milliseconds retry_after(const net::header_list& headers, wall_time now) {
    if (const auto ms = number(headers.get("retry-after-ms"))) return within_a_day(*ms);
    const std::string value(headers.get("retry-after"));
    if (const auto seconds = number(value)) return within_a_day(*seconds * 1000);
    std::tm date{};
    const auto* end = strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (end == nullptr || *end != '\0') return std::chrono::milliseconds(0);
    const auto at = std::chrono::system_clock::from_time_t(timegm(&date));
    return within_a_day(static_cast<double>(
        std::chrono::duration_cast<std::chrono::milliseconds>(at - now).count()));
}

error classify(const api_failure& failure) {
    const auto found = gather(failure);
    const auto [code, says] = judge(found);
    std::string message(says);
    if (failure.status != 200) message += " (HTTP " + std::to_string(failure.status) + ")";
    if (!found.message.empty()) message += ": " + found.message;
    error e(code, std::move(message));
    if (failure.headers != nullptr) e.retry_after = retry_after(*failure.headers, failure.now);
    return e;
}

bool is_about_the_key(errc code) {
    return code == errc::auth_provider || code == errc::billing || code == errc::rate_limited;
}

error classify_in_band(const json& body) {
    api_failure failure;
    failure.body = &body;
    return classify(failure);
}

std::string shown_body(std::string body, const config::provider_settings& settings) {
    auto document = parse_json(body);
    if (!document) {
        mask_secrets(body, settings);
        return body;
    }
    return mask_texts(*document, settings) ? dump(*document) : body;
}

error explain(error e, const std::string& provider, const config::provider_settings& settings) {
    mask_secrets(e.message, settings);
    e.message = provider + ": " + printable(e.message, 400);
    if (e.hint.empty()) e.hint = hint_for(e.code, provider);
    return e;
}

}  // namespace openclaw::agents
