#include "openclaw/auth/login_limiter.hpp"

#include "openclaw/net/cidr.hpp"

#include <algorithm>

namespace openclaw::auth {

namespace ip = boost::asio::ip;

std::string_view name_of(credential kind) {
    switch (kind) {
    case credential::token: return "token";
    case credential::device_token: return "device_token";
    case credential::bootstrap_token: return "bootstrap_token";
    case credential::webhook: return "webhook";
    }
    return "";
}

ip::address network_of(const ip::address& address) {
    const auto one = net::canonical(address);
    if (one.is_loopback()) return ip::address_v4::loopback();
    if (one.is_v4()) return one;
    auto bytes = one.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return ip::address_v6(bytes);   // without a zone
}

std::optional<milliseconds> login_limiter::locked_out(const login_caller& who, credential kind,
                                                      steady_time now) const {
    if (who.exempt || locked_.empty()) return std::nullopt;
    const auto found = records_.find({who, kind});
    if (found == records_.end() || !found->second.locked_until) return std::nullopt;
    const auto left = std::chrono::ceil<milliseconds>(*found->second.locked_until - now);
    if (left.count() <= 0) return std::nullopt;
    return left;
}

login_limiter::verdict login_limiter::failed(const login_caller& who, credential kind, steady_time now) {
    forget_what_has_ended(now);
    auto& r = record_of({who, kind});
    verdict v;
    if (r.locked_until) return v;   // it was on its way when the lockout began
    if (!r.told || now - *r.told >= rules_.window) {
        r.told = now;
        v.worth_telling = true;
    }
    const auto end = r.at.begin() + static_cast<std::ptrdiff_t>(r.failures);
    const auto recent = std::find_if(r.at.begin(), end,
                                     [&](steady_time t) { return now - t < rules_.window; });
    r.failures = static_cast<std::size_t>(std::move(recent, end, r.at.begin()) - r.at.begin());
    // An exempt one stays at the limit: the oldest gives its place.
    if (r.failures == max_failures) {
        std::move(r.at.begin() + 1, r.at.end(), r.at.begin());
        --r.failures;
    }
    r.at[r.failures++] = now;
    if (r.failures < max_failures || who.exempt) {
        watched_.splice(watched_.end(), watched_, r.place);
        return v;
    }
    r.locked_until = now + rules_.lockout;
    locked_.splice(locked_.end(), watched_, r.place);
    v.locked_out = true;
    return v;
}

login_limiter::record& login_limiter::record_of(const key& k) {
    const auto found = records_.find(k);
    if (found != records_.end()) return found->second;
    if (records_.size() >= rules_.max_records) forget(watched_.empty() ? locked_ : watched_);
    auto& fresh = records_[k];
    fresh.place = watched_.insert(watched_.end(), k);
    return fresh;
}

void login_limiter::forget(std::list<key>& order) {
    records_.erase(order.front());
    order.pop_front();
}

void login_limiter::forget_what_has_ended(steady_time now) {
    while (!watched_.empty()) {
        const auto& r = records_.at(watched_.front());
        if (now - r.at[r.failures - 1] < rules_.window) break;
        forget(watched_);
    }
    while (!locked_.empty() && *records_.at(locked_.front()).locked_until <= now) forget(locked_);
}

}  // namespace openclaw::auth
