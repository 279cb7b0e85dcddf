#pragma once

#include "openclaw/auth/node_surface.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/metrics/registry.hpp"
#include "ingress/invocations.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::ingress {

// The connection of a node, for those who have something for it. Any thread; nothing blocks.
class node_link {
public:
    virtual ~node_link() = default;
    // A whole frame, without a sequence number.
    virtual void deliver(std::string frame) = 0;
    // Closes it.
    virtual void leave(const std::string& reason) = 0;
};

struct connected_node {
    std::string id;
    std::string display_name, platform, device_family, version, client_id, client_mode;
    auth::node_surface declared;
    std::int64_t connected_ms = 0;
};

// A command for a node. Whether it may be sent there has been checked.
struct node_command {
    std::string node, command;
    std::string caller, key;                // who asks, and the idempotencyKey
    std::optional<std::string> params;      // JSON
    milliseconds limit{0};
};

// The nodes that are here now, and the commands that they work on. One per gateway; it outlives the
// connections. Any thread: the mutex guards all of it, and nothing is awaited or sent under it.
class connected_nodes {
public:
    connected_nodes(random_source& random, const time_source& time, metrics::registry& metrics);

    // In the place of an earlier connection of the same node, which has to leave.
    void add(connected_node n, std::shared_ptr<node_link> link);
    // The connection has ended; whatever waited for it fails.
    void remove(const std::string& id, const node_link* link);
    // Closes the connection of a node.
    void dismiss(const std::string& id, const std::string& reason);

    std::optional<connected_node> find(const std::string& id) const;

    // Waits for the answer. Errors: unavailable when the node is not here or goes, timed_out, and
    // those of invocations::begin. A caller that is cancelled takes the command back.
    task<result<node_answer_ptr>> invoke(node_command c);
    // From a node; false when it was not asked, or is too late.
    bool answer(const std::string& id, const std::string& node, node_answer_ptr answer);

private:
    using waiter = promise<result<node_answer_ptr>>;
    struct entry {
        connected_node what;
        std::shared_ptr<node_link> link;
    };
    class open_command;
    std::vector<std::shared_ptr<waiter>> fail(const std::string& node);
    std::shared_ptr<node_link> link_of(const std::string& node) const;
    bool take_back(const std::string& id);

    random_source& random_;
    const time_source& time_;
    metrics::gauge connected_;
    metrics::gauge waiting_;
    mutable std::mutex mutex_;
    std::map<std::string, entry> nodes_;
    invocations invocations_;
    std::map<std::string, std::shared_ptr<waiter>> waiters_;   // by the id of the invocation
};

}  // namespace openclaw::ingress
