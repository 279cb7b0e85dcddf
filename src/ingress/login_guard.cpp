#include "ingress/login_guard.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::ingress {

login_guard::login_guard(const time_source& time, metrics::registry& metrics) : time_(time) {
    for (const auto kind : auth::all_credentials) {
        const metrics::labels labels{{"credential", std::string(name_of(kind))}};
        auto& f = figures_.at(static_cast<std::size_t>(kind));
        f.failures = metrics.make_counter("openclaw_auth_failures_total",
                                          "Wrong credentials by their kind.", labels);
        f.lockouts = metrics.make_counter("openclaw_auth_lockouts_total",
                                          "Times that an address was locked out for its failures.", labels);
        f.turned_away = metrics.make_counter("openclaw_auth_turned_away_total",
                                             "Logins that were not looked at during a lockout.", labels);
    }
}

std::optional<milliseconds> login_guard::locked_out(const auth::login_caller& who, auth::credential kind) {
    if (who.exempt) return std::nullopt;
    std::lock_guard lock(mutex_);
    const auto left = limiter_.locked_out(who, kind, time_.steady());
    if (left) figures_.at(static_cast<std::size_t>(kind)).turned_away.add();
    return left;
}

void login_guard::failed(const auth::login_caller& who, auth::credential kind, std::string_view where) {
    auth::login_limiter::verdict v;
    {
        std::lock_guard lock(mutex_);
        v = limiter_.failed(who, kind, time_.steady());
    }
    const auto& f = figures_.at(static_cast<std::size_t>(kind));
    f.failures.add();
    if (v.locked_out) f.lockouts.add();
    const auto address = who.network.to_string();
    if (v.worth_telling) {
        log::info("ingress", "a login was refused",
                  {{"credential", name_of(kind)}, {"address", address}, {"request", where}});
    }
    if (v.locked_out) {
        log::warn("ingress", "an address is locked out after too many wrong credentials",
                  {{"credential", name_of(kind)}, {"address", address}, {"request", where}});
    }
}

bool login_guard::worth_telling(const auth::login_caller& who) {
    std::lock_guard lock(mutex_);
    return told_.failed({who.network, true}, auth::credential::token, time_.steady()).worth_telling;
}

}  // namespace openclaw::ingress
