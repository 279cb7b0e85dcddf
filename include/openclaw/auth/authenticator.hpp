#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/model/principal.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace openclaw::auth {

// Why a credential was not taken; the names are those of protocol.md §2.7.
enum class refusal { token_missing, token_mismatch, not_configured };

// Turns credentials into principals. Immutable; a reload makes a new one. Any thread.
class authenticator {
public:
    explicit authenticator(const config::auth_settings& settings);

    // A token from an Authorization header, or the token or password of `connect`, whichever this
    // gateway asks for; empty: none was sent.
    boost::system::result<principal, refusal> by_token(std::string_view token) const;
    // A peer of the Unix socket: our own user and root are the operator, others nobody.
    std::optional<principal> by_peer_credentials(unsigned uid) const;

    bool disabled() const { return type_ == config::auth_type::disabled; }
    // A WebSocket sends the secret as auth.password (protocol.md §2.5).
    bool wants_password() const { return type_ == config::auth_type::password; }

private:
    config::auth_type type_;
    secret token_;
};

[[noreturn]] void throw_exception_from_error(refusal r, const boost::source_location& at);

// The token of "Bearer <token>" (RFC 6750 §2.1); empty when the field is something else.
std::string_view bearer_token(std::string_view authorization);

}  // namespace openclaw::auth
