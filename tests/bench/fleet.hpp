#pragma once

#include "bench/ws_client.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace openclaw::bench {

// Many clients on one epoll loop and one thread.
class fleet {
public:
    fleet(std::uint16_t port, std::string token, bool scoped_events, bool bare = false)
        : settings_{::epoll_create1(EPOLL_CLOEXEC), port, std::move(token), scoped_events, bare} {}
    ~fleet() {
        clients_.clear();
        ::close(settings_.epoll);
    }
    fleet(const fleet&) = delete;
    fleet& operator=(const fleet&) = delete;

    // Not started yet.
    ws_client& add() {
        clients_.push_back(std::make_unique<ws_client>(settings_, clients_.size()));
        return *clients_.back();
    }

    void poll(int timeout_ms) {
        std::array<epoll_event, 256> events;
        const int n = ::epoll_wait(settings_.epoll, events.data(), static_cast<int>(events.size()),
                                   timeout_ms);
        for (int i = 0; i < n; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            clients_[static_cast<std::size_t>(event.data.u64)]->handle(event.events);
        }
    }

    // Runs until `done()`; throws when it takes longer than `limit`, with `what` in the message.
    template <class Done>
    void run_until(Done done, std::chrono::milliseconds limit, const std::string& what) {
        const auto end = clock::now() + limit;
        while (!done()) {
            if (clock::now() > end) throw std::runtime_error(what + ": not done in time; " + trouble());
            poll(1);
        }
    }

    std::size_t count(ws_client::phase p) const {
        std::size_t n = 0;
        for (const auto& c : clients_) n += c->now() == p;
        return n;
    }

    // The reason of the first client that is closed.
    std::string trouble() const {
        for (const auto& c : clients_) {
            if (c->now() == ws_client::phase::closed) return c->reason();
        }
        return "no client is closed";
    }

private:
    const ws_client::settings settings_;
    std::vector<std::unique_ptr<ws_client>> clients_;
};

}  // namespace openclaw::bench
