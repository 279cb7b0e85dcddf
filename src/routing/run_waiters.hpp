#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/store/store.hpp"

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace openclaw::routing {

// Those who wait for the end of a run. Any thread.
class run_waiters {
public:
    using promise_ptr = std::shared_ptr<promise<store::run_state>>;

    // One who waits, from here to the end of its scope.
    class place {
    public:
        place(run_waiters& w, std::string run_id)
            : waiters_(w), run_id_(std::move(run_id)), promise_(w.join(run_id_)) {}
        ~place() { waiters_.leave(run_id_, promise_); }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        const promise_ptr& promise() const { return promise_; }

    private:
        run_waiters& waiters_;
        const std::string run_id_;
        const promise_ptr promise_;
    };

    void ended(const std::string& run_id, store::run_state state) {
        std::vector<promise_ptr> all;
        {
            std::lock_guard lock(mutex_);
            if (waiting_.empty()) return;
            if (auto node = waiting_.extract(run_id)) all = std::move(node.mapped());
        }
        for (auto& p : all) p->set(state);
    }

private:
    promise_ptr join(const std::string& run_id) {
        std::lock_guard lock(mutex_);
        auto p = std::make_shared<promise<store::run_state>>();
        waiting_[run_id].push_back(p);
        return p;
    }

    void leave(const std::string& run_id, const promise_ptr& p) {
        std::lock_guard lock(mutex_);
        const auto entry = waiting_.find(run_id);
        if (entry == waiting_.end()) return;
        std::erase(entry->second, p);
        if (entry->second.empty()) waiting_.erase(entry);
    }

    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<promise_ptr>> waiting_;
};

}  // namespace openclaw::routing
