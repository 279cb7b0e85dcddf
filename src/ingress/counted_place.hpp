#pragma once

#include <atomic>
#include <cstddef>

namespace openclaw::ingress {

// A place under a limit, given back with the object.
class counted_place {
public:
    counted_place() = default;
    ~counted_place() {
        if (count_ != nullptr) --*count_;
    }
    counted_place(const counted_place&) = delete;
    counted_place& operator=(const counted_place&) = delete;

    // False when all `limit` places are taken.
    bool take(std::atomic<std::size_t>& count, std::size_t limit) {
        if (++count > limit) {
            --count;
            return false;
        }
        count_ = &count;
        return true;
    }

private:
    std::atomic<std::size_t>* count_ = nullptr;
};

}  // namespace openclaw::ingress
