#pragma once

#include "net/connection.hpp"
#include "openclaw/core/descriptor_room.hpp"

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace openclaw::net {

// Connections between two exchanges, by where they lead. The last one in is the first one out, so
// that those beyond the load grow old and go. Any thread; shared by the client and the bodies
// that are still being read.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
    connection_pool(const executor& timers, std::size_t max_per_key, milliseconds max_age);

    // A connection that is young, quiet and open, or null.
    std::unique_ptr<connection> take(const std::string& key);
    // Keeps it, or closes it when it cannot be used again, the pool is full or closed, or descriptors run
    // out.
    void give_back(std::unique_ptr<connection> c);
    void close();
    std::size_t size() const;

private:
    using shelf = std::vector<std::unique_ptr<connection>>;

    void arm();    // with the mutex held
    void sweep();

    static constexpr std::size_t max_total = 512;

    const std::size_t max_per_key_;
    const milliseconds max_age_;
    const descriptor_room descriptors_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, shelf> shelves_;
    std::size_t total_ = 0;
    bool closed_ = false;
    bool armed_ = false;
    asio::steady_timer timer_;
};

}  // namespace openclaw::net
