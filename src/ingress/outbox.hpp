#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace openclaw::ingress {

// One frame on its way to a client: a shared body and what is the connection's own behind it.
struct outgoing {
    std::shared_ptr<const std::string> body;
    std::string tail;
    std::size_t size() const { return body->size() + tail.size(); }
};

// What waits to be written to one WebSocket. Bounded in bytes: over half of the bound events that
// may be dropped are dropped, over the bound the reader is too slow and has to go. Any thread.
class outbox {
public:
    explicit outbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    enum class verdict { kept, dropped, overflow };

    // A response: it carries no sequence number.
    verdict push(std::shared_ptr<const std::string> body) {
        std::lock_guard lock(mutex_);
        return keep({std::move(body), {}});
    }

    // An event: `body` is the frame without its end, to which the connection's number is added.
    // A dropped event has used its number up, so that the client sees the gap.
    verdict push_event(std::shared_ptr<const std::string> body, bool droppable) {
        std::lock_guard lock(mutex_);
        outgoing frame{std::move(body), ",\"seq\":" + std::to_string(++seq_) + "}"};
        if (droppable && bytes_ + frame.size() > max_bytes_ / 2) {
            ++dropped_;
            return verdict::dropped;
        }
        return keep(std::move(frame));
    }

    std::optional<outgoing> pop() {
        std::lock_guard lock(mutex_);
        if (frames_.empty()) return std::nullopt;
        outgoing frame = std::move(frames_.front());
        frames_.pop_front();
        bytes_ -= frame.size();
        return frame;
    }

    // How many frames were ever kept.
    std::uint64_t kept() const {
        std::lock_guard lock(mutex_);
        return kept_;
    }

    bool empty() const {
        std::lock_guard lock(mutex_);
        return frames_.empty();
    }

    std::uint64_t dropped() const {
        std::lock_guard lock(mutex_);
        return dropped_;
    }

private:
    verdict keep(outgoing frame) {
        // One that finds the outbox empty is always taken: its size says nothing of the reader.
        if (!frames_.empty() && bytes_ + frame.size() > max_bytes_) return verdict::overflow;
        bytes_ += frame.size();
        frames_.push_back(std::move(frame));
        ++kept_;
        return verdict::kept;
    }

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::list<outgoing> frames_;
    std::size_t bytes_ = 0;
    std::uint64_t seq_ = 0;
    std::uint64_t kept_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace openclaw::ingress
