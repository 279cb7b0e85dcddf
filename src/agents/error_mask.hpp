#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"

#include <string>
#include <string_view>

namespace openclaw::agents {

// A body that is one document, with the keys masked if it tells of an error: some services do that with
// status 200. Any other is not read.
std::string shown_document(std::string body, const config::provider_settings& settings);

// Masks the keys in those events of a stream that tell of an error; the others go through as they are,
// and are not read. Events are handed on once they are whole, for a client can do nothing with less.
// Sans-io; one per stream. `settings` outlives it.
class error_mask {
public:
    explicit error_mask(const config::provider_settings& settings) : settings_(settings) {}

    // What may be handed on after `bytes`; perhaps nothing yet. The view holds until the next call, and
    // as long as `bytes`. With `last` everything. too_large when one event exceeds 16 MiB.
    result<std::string_view> take(std::string_view bytes, bool last);
    // Whether something is held back.
    bool holds() const { return !held_.empty(); }

private:
    const config::provider_settings& settings_;
    std::string held_;   // an event without its end
    std::string out_;
};

}  // namespace openclaw::agents
