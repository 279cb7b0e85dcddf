#pragma once

#include "openclaw/core/json.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace openclaw::ingress {

// A command on its way to a node.
struct invocation {
    std::string id;             // of the frames to the node and from it
    std::string node;
    std::string caller, key;    // who asks, and the idempotencyKey
    std::string digest;         // of the command and its params
};

// What a node said.
struct node_answer {
    bool ok = false;
    json payload;                             // null: none
    std::optional<std::string> payload_json;  // as the node wrote it
    std::string error_code, error_message;    // when not ok
    std::size_t bytes = 0;                    // of the payload
};
using node_answer_ptr = std::shared_ptr<const node_answer>;

// The commands that nodes work on and, for a while, their answers. Sans-io, and not locked: its owner
// is. Every time is passed in.
class invocations {
public:
    static constexpr std::size_t max_pending_per_node = 16;
    static constexpr std::size_t max_pending = 256;
    static constexpr std::int64_t remembered_ms = 5 * 60 * 1000;   // protocol.md §5
    static constexpr std::size_t max_remembered = 1000;
    static constexpr std::size_t max_remembered_bytes = 16 << 20;  // of payloads, in all

    // Nothing: it has begun. An answer: the same was asked before. Errors: queue_full; conflict when
    // the key belongs to something else, or to what is not answered yet, or whose answer was too
    // large to be kept.
    result<node_answer_ptr> begin(const invocation& i, std::int64_t now_ms);
    // False when nothing of this id is pending at this node: it came too late, or from another.
    bool end(const std::string& id, const std::string& node, node_answer_ptr answer, std::int64_t now_ms);
    bool is_pending(const std::string& id, const std::string& node) const;
    // Nobody waits any longer. What became of it is not known, so it may be asked again.
    void give_up(const std::string& id);
    // The node has gone: the ids that were pending there, which are so no more.
    std::vector<std::string> fail(const std::string& node);

    std::size_t pending() const { return pending_.size(); }

private:
    using question = std::tuple<std::string, std::string, std::string>;  // caller, node, key
    struct memory {
        std::string digest;
        bool answered = false;
        node_answer_ptr answer;     // null: pending, or too large to be kept
    };
    static question question_of(const invocation& i) { return {i.caller, i.node, i.key}; }
    void forget_old(std::int64_t now_ms);
    void forget_oldest();

    std::map<std::string, invocation> pending_;       // by id
    std::map<std::string, std::size_t> at_node_;      // how many
    std::map<question, memory> known_;                // pending and answered
    std::deque<std::pair<std::int64_t, question>> answered_;  // when, the oldest first
    std::size_t bytes_ = 0;                           // of the answers that are kept
};

}  // namespace openclaw::ingress
