#pragma once

#include "openclaw/core/clock.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string_view>

namespace openclaw::auth {

// What kinds of secret a caller may try.
enum class credential : std::uint8_t { token, device_token, bootstrap_token, webhook };
inline constexpr std::array all_credentials{credential::token, credential::device_token,
                                            credential::bootstrap_token, credential::webhook};
std::string_view name_of(credential kind);

// Who tries. An exempt caller is counted like the others, and never locked out.
struct login_caller {
    boost::asio::ip::address network;   // as network_of() has it
    bool exempt = false;

    bool operator==(const login_caller&) const = default;
    bool operator<(const login_caller& o) const {
        return network == o.network ? exempt < o.exempt : network < o.network;
    }
};

// The network that one caller can be taken for: an IPv4 address however it is written, the /64 of an
// IPv6 one (a household has all of it), 127.0.0.1 for everything on loopback.
boost::asio::ip::address network_of(const boost::asio::ip::address& address);

// Locks out who guesses credentials (protocol.md §2.7): after so many failures of one network with one
// kind of credential within the window, the right one does not help either until the lockout ends. A
// success forgives nothing, or a guesser with a credential of his own could clear his record.
//
// The memory is bounded. When the table is full, the record that is nearest to its end goes: first one
// that is not locked out, then a lockout. So nobody is ever locked out by what others do; and to be
// forgotten early takes more networks than the table has places, with which nobody needs it.
//
// Pure: time is passed in and never goes back. Not for two threads at once.
class login_limiter {
public:
    static constexpr std::size_t max_failures = 10;
    struct rules {
        milliseconds window{60'000};
        milliseconds lockout{300'000};
        std::size_t max_records = 16'384;
    };
    explicit login_limiter(rules r) : rules_(r) {}
    login_limiter() : login_limiter(rules{}) {}

    // How long this caller has still to wait with this kind; nothing: he may try.
    std::optional<milliseconds> locked_out(const login_caller& who, credential kind, steady_time now) const;

    struct verdict {
        bool locked_out = false;     // with this failure
        bool worth_telling = false;  // the first in this window
    };
    verdict failed(const login_caller& who, credential kind, steady_time now);

    std::size_t records() const { return records_.size(); }
    std::size_t lockouts() const { return locked_.size(); }

private:
    using key = std::pair<login_caller, credential>;
    struct record {
        std::array<steady_time, max_failures> at{};   // the last failures, oldest first
        std::size_t failures = 0;
        std::optional<steady_time> told;
        std::optional<steady_time> locked_until;
        std::list<key>::iterator place;               // in watched_ or locked_
    };
    record& record_of(const key& k);
    void forget(std::list<key>& order);
    void forget_what_has_ended(steady_time now);

    const rules rules_;
    std::map<key, record> records_;
    std::list<key> watched_;   // by their last failure
    std::list<key> locked_;    // by their end
};

}  // namespace openclaw::auth
