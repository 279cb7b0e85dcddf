#include "agents/turn_state.hpp"

#include "openclaw/net/backoff.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

using std::chrono::milliseconds;

constexpr unsigned max_retries = 2;
// What a service may ask us to wait for; more is as good as no.
constexpr milliseconds longest_wait{20'000};
// While another model could answer, nobody is kept waiting longer than this.
constexpr milliseconds longest_wait_with_fallback{1'000};

constexpr net::backoff pause{.base = milliseconds(400), .cap = milliseconds(8'000)};

// How often the same candidate is asked again. A timeout has cost minutes already.
unsigned retries_for(errc code) {
    switch (code) {
    case errc::rate_limited:
    case errc::overloaded: return max_retries;
    case errc::network:
    case errc::protocol:
    case errc::timed_out: return 1;
    default: return 0;
    }
}

}  // namespace

turn_state::remedy turn_state::remedy_for(const error& e) const {
    switch (e.code) {
    case errc::context_overflow: return halved_ ? remedy::next : remedy::shrink;
    case errc::rate_limited:
    case errc::overloaded:
    case errc::network:
    case errc::protocol: break;
    case errc::timed_out:
        if (has_next()) return remedy::next;
        break;
    case errc::auth_provider:
    case errc::billing:
    case errc::tls:
    case errc::not_found: return remedy::next;
    default: return remedy::surface;
    }
    const auto longest = has_next() ? longest_wait_with_fallback : longest_wait;
    if (retries_ >= retries_for(e.code) || e.retry_after > longest) return remedy::next;
    return remedy::retry;
}

turn_state::action turn_state::on_error(const error& e, bool shown, random_source& random) {
    if (shown && e.code != errc::cancelled) {
        error interrupted = e;
        interrupted.message = "the answer was interrupted: " + e.message;
        return {step::give_up, milliseconds(0), std::move(interrupted)};
    }
    switch (remedy_for(e)) {
    case remedy::retry: return retry(e, random);
    case remedy::next: return go_to_next(e);
    case remedy::shrink: halved_ = true; return {step::call, milliseconds(0), {}};
    case remedy::surface: break;
    }
    return {step::give_up, milliseconds(0), e};
}

turn_state::action turn_state::retry(const error& e, random_source& random) {
    const auto longest = has_next() ? longest_wait_with_fallback : longest_wait;
    const auto own = std::min(pause.delay(retries_, random), longest);
    ++retries_;
    return {step::call, std::max(own, e.retry_after), {}};
}

turn_state::action turn_state::go_to_next(const error& e) {
    if (!has_next()) return give_up(e);
    failures_.push_back(names_[candidate_] + ": " + e.message);
    ++candidate_;
    retries_ = 0;
    halved_ = false;
    return {step::call, milliseconds(0), {}};
}

turn_state::action turn_state::give_up(error e) const {
    if (!failures_.empty()) {
        std::string all = "none of " + std::to_string(names_.size()) + " models answered. ";
        for (const auto& f : failures_) all += f + "; ";
        e.message = all + names_[candidate_] + ": " + e.message;
    }
    return {step::give_up, milliseconds(0), std::move(e)};
}

}  // namespace openclaw::agents
