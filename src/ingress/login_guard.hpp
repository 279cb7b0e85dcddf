#pragma once

#include "openclaw/auth/login_limiter.hpp"
#include "openclaw/metrics/registry.hpp"

#include <array>
#include <mutex>

namespace openclaw::ingress {

// The login limiter of the gateway, asked before a credential is looked at and told of each that was
// wrong, wherever one is checked; with its log lines and figures. Any thread.
class login_guard {
public:
    login_guard(const time_source& time, metrics::registry& metrics);

    // How long the caller has to wait before a credential of this kind is looked at; nothing: not at all.
    std::optional<milliseconds> locked_out(const auth::login_caller& who, auth::credential kind);
    // A wrong one. `where` is the request or connection that the log names.
    void failed(const auth::login_caller& who, auth::credential kind, std::string_view where);
    // Whether another refusal of this caller may have a line in the log: the first of a window.
    bool worth_telling(const auth::login_caller& who);

private:
    struct figures { metrics::counter failures, lockouts, turned_away; };

    const time_source& time_;
    std::array<figures, auth::all_credentials.size()> figures_;
    std::mutex mutex_;
    auth::login_limiter limiter_;
    auth::login_limiter told_;
};

}  // namespace openclaw::ingress
