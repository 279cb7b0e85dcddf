#pragma once

#include "ingress/event_frame.hpp"

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
    event_frame_ptr event;   // null: a response
    std::size_t size() const { return body->size() + tail.size(); }
};

// What waits to be written to one client. Bounded in bytes: over an eighth of the bound the pieces
// of an answer are joined, over half events that may be dropped are dropped, over the bound the
// reader is too slow and has to go: nothing is kept from then on, for the cursor of a later row would
// hide that this one is missing. Any thread.
class outbox {
public:
    explicit outbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    enum class verdict { kept, joined, dropped, full, overflow };

    // A response: it carries no sequence number.
    verdict push(std::shared_ptr<const std::string> body) {
        std::lock_guard lock(mutex_);
        return keep({std::move(body), {}, nullptr});
    }

    // One that can wait: `full` when there is no room for it now. Half of the room is for events, which
    // cannot.
    verdict offer(const std::shared_ptr<const std::string>& body) {
        std::lock_guard lock(mutex_);
        if (!overflowed_ && !fits(body->size(), max_bytes_ / 2)) return verdict::full;
        return keep({body, {}, nullptr});
    }

    // An event gets the connection's number. One that is dropped or joined to an earlier one has
    // used its number up, so that the client sees the gap.
    verdict push_event(event_frame_ptr event) {
        std::lock_guard lock(mutex_);
        const auto number = std::to_string(++seq_);
        if (event->text_at != 0 && bytes_ > max_bytes_ / 8 && join(*event)) return verdict::joined;
        const bool droppable = event->droppable;
        std::shared_ptr<const std::string> body(event, &event->body);
        outgoing frame{std::move(body), ",\"seq\":" + number + "}", std::move(event)};
        if (droppable && bytes_ + frame.size() > max_bytes_ / 2) return verdict::dropped;
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

private:
    // To the last piece of the same answer, if it waits among the newest.
    bool join(const event_frame& event) {
        auto at = frames_.rbegin();
        for (int looked = 0; at != frames_.rend() && looked < 16; ++at, ++looked) {
            if (!at->event || at->event->run != event.run) continue;
            auto joined = join_deltas(*at->event, event);
            if (!joined || bytes_ + joined->body.size() - at->body->size() > max_bytes_ / 2) {
                return false;
            }
            bytes_ += joined->body.size() - at->body->size();
            at->body = std::shared_ptr<const std::string>(joined, &joined->body);
            at->event = std::move(joined);
            return true;
        }
        return false;
    }

    // One that finds the outbox empty is always taken: its size says nothing of the reader.
    bool fits(std::size_t size, std::size_t room) const { return frames_.empty() || bytes_ + size <= room; }

    verdict keep(outgoing frame) {
        if (!fits(frame.size(), max_bytes_)) overflowed_ = true;
        if (overflowed_) return verdict::overflow;
        bytes_ += frame.size();
        frames_.push_back(std::move(frame));
        ++kept_;
        return verdict::kept;
    }

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::list<outgoing> frames_;
    std::size_t bytes_ = 0;
    bool overflowed_ = false;
    std::uint64_t seq_ = 0;
    std::uint64_t kept_ = 0;
};

}  // namespace openclaw::ingress
