#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/random.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace openclaw::agents {

// What a turn does when a call of a model failed. Sans-io: it is told of errors and says what is
// next; the runner does it. One per turn.
//
// A candidate gets at most two more tries for what passes by itself (too many requests, overload,
// a broken connection), then the next one is asked, and the turn stays with the one that answers.
// A wait is short while there is somebody else to ask.
class turn_state {
public:
    // `names` are the candidates in order, for the error that tells why nobody answered.
    explicit turn_state(std::vector<std::string> names) : names_(std::move(names)) {}

    enum class step { call, give_up };
    struct action {
        step next = step::give_up;
        std::chrono::milliseconds wait{0};  // before the call
        error why;                          // give_up: what the turn ends with
    };

    std::size_t candidate() const { return candidate_; }
    // By how much the window is cut: 1, or 2 after an overflow.
    std::int64_t window_divisor() const { return halved_ ? 2 : 1; }

    void on_answer() { retries_ = 0; }
    // `shown`: a part of this very answer is out, so that nothing may start over.
    action on_error(const error& e, bool shown, random_source& random);

private:
    enum class remedy { retry, next, shrink, surface };

    remedy remedy_for(const error& e) const;
    action retry(const error& e, random_source& random);
    action go_to_next(const error& e);
    action give_up(error e) const;
    bool has_next() const { return candidate_ + 1 < names_.size(); }

    std::vector<std::string> names_;
    std::vector<std::string> failures_;  // "name: message" of the candidates that are through
    std::size_t candidate_ = 0;
    unsigned retries_ = 0;
    bool halved_ = false;
};

}  // namespace openclaw::agents
