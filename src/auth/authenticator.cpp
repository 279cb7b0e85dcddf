#include "openclaw/auth/authenticator.hpp"

#include "auth/principal_factory.hpp"
#include "openclaw/net/http.hpp"

#include <stdexcept>
#include <unistd.h>

namespace openclaw {

namespace auth {

authenticator::authenticator(const config::auth_settings& settings)
    : type_(settings.type), token_(settings.token) {}

boost::system::result<principal, refusal> authenticator::by_token(std::string_view token) const {
    if (type_ == config::auth_type::disabled) {
        return principal_factory::make("anonymous", user_role::admin, false);
    }
    // One way in per mode: where people sign in elsewhere, a token that is still in the file opens nothing.
    const bool by_secret = type_ == config::auth_type::token || wants_password();
    if (!by_secret || token_.empty()) return refusal::not_configured;
    if (token.empty()) return refusal::token_missing;
    if (!token_.matches(token)) return refusal::token_mismatch;
    return principal_factory::make("token:admin", user_role::admin, false);
}

std::optional<principal> authenticator::by_peer_credentials(unsigned uid) const {
    if (uid != 0 && uid != geteuid()) return std::nullopt;
    return principal_factory::make("uid:" + std::to_string(uid), user_role::admin, true);
}

void throw_exception_from_error(refusal, const boost::source_location&) {
    throw std::logic_error("a refused credential was used");
}

std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size()) return {};
    if (!net::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    auto token = authorization.substr(scheme.size());
    while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
    while (!token.empty() && token.back() == ' ') token.remove_suffix(1);
    return token;
}

}  // namespace auth
}  // namespace openclaw
