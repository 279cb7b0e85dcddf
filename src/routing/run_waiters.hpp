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
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<promise_ptr>> waiting_;
};

}  // namespace openclaw::routing
