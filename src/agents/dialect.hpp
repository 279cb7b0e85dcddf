#pragma once

#include "agents/stream_assembler.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace openclaw::agents {

// What tells one HTTP API of a model service from another. Pure, shared by all calls.
class dialect {
public:
    virtual ~dialect() = default;
    virtual std::string_view api() const = 0;
    // The whole URL that requests go to.
    virtual std::string endpoint() const = 0;
    // The JSON text of a request.
    virtual std::string body(const completion_request& request) const = 0;
    // Adds the headers of this API; `key` may be null.
    virtual void add_headers(net::header_list& headers, const secret* key) const = 0;
    virtual std::unique_ptr<stream_assembler> make_assembler() const = 0;
};

// `settings` outlives the dialect.
std::unique_ptr<dialect> make_openai_dialect(const config::provider_settings& settings);
// The key goes into x-api-key, or into Authorization when it is an OAuth token (sk-ant-oat…).
// A header of that name in the settings wins over both.
std::unique_ptr<dialect> make_anthropic_dialect(const config::provider_settings& settings);

// Whether the settings bring the header `name` themselves.
bool brings_header(const config::provider_settings& settings, std::string_view name);
// The key and the settings' own headers, as every Bearer API wants them.
void add_bearer(net::header_list& headers, const config::provider_settings& settings,
                const secret* key);

// The base address of a provider without a slash at its end: as configured, else the usual one.
std::string base_address(const config::provider_settings& settings);
net::request_limits limits_of(const config::provider_settings& settings);

}  // namespace openclaw::agents
