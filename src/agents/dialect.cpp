#include "agents/dialect.hpp"

#include "agents/anthropic_request.hpp"
#include "agents/anthropic_stream.hpp"
#include "agents/openai_request.hpp"
#include "agents/openai_stream.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

using config::provider_api;

std::string usual_address(provider_api api) {
    switch (api) {
    case provider_api::anthropic_messages: return "https://api.anthropic.com";
    case provider_api::ollama: return "http://127.0.0.1:11434/v1";
    default: return "https://api.openai.com/v1";
    }
}

// "scheme://host" and nothing more.
bool has_no_path(std::string_view address) {
    const auto host = address.find("://");
    return host != std::string_view::npos && address.find('/', host + 3) == std::string_view::npos;
}

class openai_dialect final : public dialect {
public:
    explicit openai_dialect(const config::provider_settings& settings)
        : settings_(settings), base_(base_address(settings)),
          official_(base_.find("://api.openai.com") != std::string::npos) {}

    std::string_view api() const override {
        return settings_.api == provider_api::ollama ? "ollama" : "openai-completions";
    }
    std::string endpoint() const override { return base_ + "/chat/completions"; }
    std::string body(const completion_request& request) const override {
        return openai_body(request, official_);
    }
    void add_headers(net::header_list& headers, const secret* key) const override {
        add_bearer(headers, settings_, key);
    }
    std::unique_ptr<stream_assembler> make_assembler() const override {
        return std::make_unique<openai_stream>(random_);
    }

private:
    const config::provider_settings& settings_;
    const std::string base_;
    const bool official_;
    mutable system_random random_;  // thread-safe
};

class anthropic_dialect final : public dialect {
public:
    explicit anthropic_dialect(const config::provider_settings& settings)
        : settings_(settings),
          version_(settings.api_version.empty() ? std::string(anthropic_current)
                                                : settings.api_version) {}

    std::string_view api() const override { return "anthropic-messages"; }
    std::string endpoint() const override {
        auto base = base_address(settings_);
        if (!base.ends_with("/v1")) base += "/v1";
        return base + "/messages";
    }
    std::string body(const completion_request& request) const override {
        return anthropic_text(request, version_);
    }
    void add_headers(net::header_list& headers, const secret* key) const override {
        headers.set("anthropic-version", version_);
        for (const auto& [name, value] : settings_.headers) headers.set(name, value);
        if (key == nullptr || brings_header(settings_, "authorization") ||
            brings_header(settings_, "x-api-key")) {
            return;
        }
        if (key->reveal().starts_with("sk-ant-oat")) {
            headers.set("authorization", "Bearer " + key->reveal());
        } else {
            headers.set("x-api-key", key->reveal());
        }
    }
    std::unique_ptr<stream_assembler> make_assembler() const override {
        return std::make_unique<anthropic_stream>();
    }

private:
    const config::provider_settings& settings_;
    const std::string version_;
};

}  // namespace

bool brings_header(const config::provider_settings& settings, std::string_view name) {
    return std::ranges::any_of(settings.headers, [&](const auto& header) {
        return net::equals_ignoring_case(header.first, name);
    });
}

void add_bearer(net::header_list& headers, const config::provider_settings& settings,
                const secret* key) {
    if (key != nullptr) headers.set("authorization", "Bearer " + key->reveal());
    for (const auto& [name, value] : settings.headers) headers.set(name, value);
}

std::string base_address(const config::provider_settings& settings) {
    std::string base = settings.base_url;
    while (base.ends_with('/')) base.pop_back();
    if (base.empty()) return usual_address(settings.api);
    // Ollama's own address is written without the path of its OpenAI-compatible part.
    if (settings.api == provider_api::ollama && has_no_path(base)) base += "/v1";
    return base;
}

net::request_limits limits_of(const config::provider_settings& settings) {
    net::request_limits limits;
    limits.connect = settings.connect_timeout;
    limits.first_byte = settings.first_byte_timeout;
    limits.idle = settings.idle_timeout;
    return limits;
}

std::unique_ptr<dialect> make_openai_dialect(const config::provider_settings& settings) {
    return std::make_unique<openai_dialect>(settings);
}

std::unique_ptr<dialect> make_anthropic_dialect(const config::provider_settings& settings) {
    return std::make_unique<anthropic_dialect>(settings);
}

}  // namespace openclaw::agents
