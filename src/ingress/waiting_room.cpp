#include "ingress/waiting_room.hpp"

namespace openclaw::ingress {

std::optional<waiting_room::number> waiting_room::enter(number who, const network& from) {
    leave(who);
    std::optional<number> out;
    if (from) {
        const auto found = of_.find(*from);
        if (found != of_.end() && found->second.size() >= per_network_) out = *found->second.begin();
    }
    if (!out && waiting_.size() >= total_) out = waiting_.begin()->first;
    if (out) leave(*out);
    waiting_.emplace(who, from);
    if (from) of_[*from].insert(who);
    return out;
}

void waiting_room::leave(number who) {
    const auto found = waiting_.find(who);
    if (found == waiting_.end()) return;
    if (found->second) {
        const auto others = of_.find(*found->second);
        others->second.erase(who);
        if (others->second.empty()) of_.erase(others);
    }
    waiting_.erase(found);
}

}  // namespace openclaw::ingress
