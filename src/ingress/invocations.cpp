#include "ingress/invocations.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_kept_answer = 1 << 20;

error busy(const std::string& what) {
    error e(errc::queue_full, what);
    e.retry_after = std::chrono::milliseconds(1000);
    return e;
}

}  // namespace

result<node_answer_ptr> invocations::begin(const invocation& i, std::int64_t now_ms) {
    forget_old(now_ms);
    const auto asked = question_of(i);
    if (const auto at = known_.find(asked); at != known_.end()) {
        const auto& m = at->second;
        if (m.digest != i.digest) {
            return error(errc::conflict, "this idempotencyKey was used for another command or other params");
        }
        if (m.answer) return m.answer;
        const char* why = m.answered
                              ? "this was answered already, and the answer was too large to be kept"
                              : "this idempotencyKey belongs to an invocation that is not answered yet";
        return error(errc::conflict, why);
    }
    if (pending_.size() >= max_pending) return busy("too many invocations wait for nodes");
    auto& at_node = at_node_[i.node];
    if (at_node >= max_pending_per_node) return busy("too many invocations wait for this node");
    ++at_node;
    pending_[i.id] = i;
    known_[asked] = memory{i.digest, false, nullptr};
    return node_answer_ptr();
}

bool invocations::is_pending(const std::string& id, const std::string& node) const {
    const auto at = pending_.find(id);
    return at != pending_.end() && at->second.node == node;
}

bool invocations::end(const std::string& id, const std::string& node, node_answer_ptr answer,
                      std::int64_t now_ms) {
    if (!is_pending(id, node)) return false;
    const auto asked = question_of(pending_.at(id));
    const auto digest = pending_.at(id).digest;
    give_up(id);
    forget_old(now_ms);
    const auto bytes = answer->bytes;
    const bool keep = bytes <= max_kept_answer;
    known_[asked] = memory{digest, true, keep ? std::move(answer) : nullptr};
    if (keep) bytes_ += bytes;
    answered_.emplace_back(now_ms, asked);
    while (answered_.size() > max_remembered || bytes_ > max_remembered_bytes) forget_oldest();
    return true;
}

void invocations::give_up(const std::string& id) {
    const auto at = pending_.find(id);
    if (at == pending_.end()) return;
    known_.erase(question_of(at->second));
    const auto count = at_node_.find(at->second.node);
    if (--count->second == 0) at_node_.erase(count);
    pending_.erase(at);
}

std::vector<std::string> invocations::fail(const std::string& node) {
    std::vector<std::string> ids;
    for (const auto& [id, i] : pending_) {
        if (i.node == node) ids.push_back(id);
    }
    for (const auto& id : ids) give_up(id);
    return ids;
}

void invocations::forget_old(std::int64_t now_ms) {
    while (!answered_.empty() && answered_.front().first <= now_ms - remembered_ms) forget_oldest();
}

void invocations::forget_oldest() {
    const auto at = known_.find(answered_.front().second);
    if (at != known_.end()) {
        if (at->second.answer) bytes_ -= at->second.answer->bytes;
        known_.erase(at);
    }
    answered_.pop_front();
}

}  // namespace openclaw::ingress
