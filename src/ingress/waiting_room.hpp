#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace openclaw::ingress {

// The connections of which nobody knows yet what they want or who they are: silent ones, half-sent heads,
// and WebSockets before `connect`. So many of one network, so many of all; over either, the one that has
// waited longest has to go. A flood drives out itself: whoever says what he wants at once is through
// before his turn to go comes. Pure. Not for two threads at once.
class waiting_room {
public:
    // Numbers of connections; they grow with time.
    using number = std::uint64_t;
    using network = std::optional<boost::asio::ip::address>;   // none: bounded with all others alone

    waiting_room(std::size_t per_network, std::size_t total) : per_network_(per_network), total_(total) {}

    // Takes a newcomer in, or one who turns out to be from elsewhere, and says who has to leave for him;
    // that one has left then.
    std::optional<number> enter(number who, const network& from);
    // He is known now, or gone.
    void leave(number who);

    bool has(number who) const { return waiting_.contains(who); }
    std::size_t size() const { return waiting_.size(); }

private:
    const std::size_t per_network_, total_;
    std::map<number, network> waiting_;
    std::map<boost::asio::ip::address, std::set<number>> of_;
};

}  // namespace openclaw::ingress
