#pragma once

#include "agents/dialect.hpp"

#include <atomic>

namespace openclaw::agents {

// A model service behind HTTP and server-sent events, whatever its dialect. Any strand; keeps
// nothing of a call but which of several keys worked last.
class http_provider final : public provider {
public:
    using dialect_maker = std::unique_ptr<dialect> (*)(const config::provider_settings&);

    http_provider(std::string name, config::provider_settings settings, dialect_maker make,
                  net::http_client& client);

    std::string_view api() const override { return dialect_->api(); }
    task<result<completion>> complete(const completion_request& request,
                                      completion_observer& observer) override;

private:
    task<result<completion>> attempt(const std::string& body, const secret* key,
                                     completion_observer& observer) const;
    task<error> read_failure(net::streaming_response& response) const;
    net::http_request make_request(const std::string& body, const secret* key) const;

    const std::string name_;
    const config::provider_settings settings_;
    const std::unique_ptr<dialect> dialect_;
    const result<net::url> address_;
    const net::request_limits limits_;
    net::http_client& client_;
    std::atomic<std::size_t> preferred_key_{0};
};

// Feeds the body into `assembler` until the answer is whole.
task<result<completion>> read_stream(net::body_reader& body, stream_assembler& assembler,
                                     completion_observer& observer);

}  // namespace openclaw::agents
