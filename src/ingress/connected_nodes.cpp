#include "ingress/connected_nodes.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/encoding.hpp"
#include "ingress/frames.hpp"

namespace openclaw::ingress {

namespace {

error gone() {
    return error(errc::unavailable, "the node disconnected before it answered");
}

std::string request_frame_of(const std::string& id, const node_command& c) {
    json payload{{"id", id},
                 {"nodeId", c.node},
                 {"command", c.command},
                 {"timeoutMs", c.limit.count()},
                 {"idempotencyKey", c.key}};
    if (c.params) payload["paramsJSON"] = *c.params;
    return plain_event("node.invoke.request", payload);
}

}  // namespace

connected_nodes::connected_nodes(random_source& random, const time_source& time, metrics::registry& metrics)
    : random_(random)
    , time_(time)
    , connected_(metrics.make_gauge("openclaw_nodes_connected", "Nodes that are connected."))
    , waiting_(metrics.make_gauge("openclaw_node_invocations_waiting",
                                  "Commands that were sent to nodes and are not answered yet.")) {}

// Of one command that somebody waits for: the node hears when that ends before it has answered.
class connected_nodes::open_command {
public:
    open_command(connected_nodes& owner, std::string id, std::string node, std::shared_ptr<node_link> link)
        : owner_(owner), id_(std::move(id)), node_(std::move(node)), link_(std::move(link)) {}
    ~open_command() {
        if (!owner_.take_back(id_)) return;
        link_->deliver(plain_event("node.invoke.cancel", {{"invokeId", id_}, {"nodeId", node_}}));
    }
    open_command(const open_command&) = delete;
    open_command& operator=(const open_command&) = delete;

private:
    connected_nodes& owner_;
    const std::string id_, node_;
    const std::shared_ptr<node_link> link_;
};

void connected_nodes::add(connected_node n, std::shared_ptr<node_link> link) {
    std::shared_ptr<node_link> earlier;
    std::vector<std::shared_ptr<waiter>> failed;
    {
        std::lock_guard lock(mutex_);
        auto& place = nodes_[n.id];
        failed = fail(n.id);
        earlier = std::exchange(place.link, std::move(link));
        place.what = std::move(n);
        connected_.set(static_cast<double>(nodes_.size()));
    }
    for (const auto& w : failed) w->set(gone());
    if (earlier) earlier->leave("client invalidated: the node has connected again");
}

void connected_nodes::remove(const std::string& id, const node_link* link) {
    std::vector<std::shared_ptr<waiter>> failed;
    {
        std::lock_guard lock(mutex_);
        const auto at = nodes_.find(id);
        if (at == nodes_.end() || at->second.link.get() != link) return;
        nodes_.erase(at);
        failed = fail(id);
        connected_.set(static_cast<double>(nodes_.size()));
    }
    for (const auto& w : failed) w->set(gone());
}

// Under the lock.
std::vector<std::shared_ptr<connected_nodes::waiter>> connected_nodes::fail(const std::string& node) {
    std::vector<std::shared_ptr<waiter>> failed;
    for (const auto& id : invocations_.fail(node)) {
        if (auto found = waiters_.extract(id)) failed.push_back(std::move(found.mapped()));
    }
    waiting_.set(static_cast<double>(invocations_.pending()));
    return failed;
}

std::shared_ptr<node_link> connected_nodes::link_of(const std::string& node) const {
    std::lock_guard lock(mutex_);
    const auto at = nodes_.find(node);
    return at == nodes_.end() ? nullptr : at->second.link;
}

void connected_nodes::dismiss(const std::string& id, const std::string& reason) {
    if (const auto link = link_of(id)) link->leave(reason);
}

std::optional<connected_node> connected_nodes::find(const std::string& id) const {
    std::lock_guard lock(mutex_);
    const auto at = nodes_.find(id);
    if (at == nodes_.end()) return std::nullopt;
    return at->second.what;
}

task<result<node_answer_ptr>> connected_nodes::invoke(node_command c) {
    invocation i;
    i.id = make_uuid(random_);
    i.node = c.node;
    i.caller = c.caller;
    i.key = c.key;
    i.digest = sha256(c.command + "\n" + c.params.value_or(""));
    const auto reply = std::make_shared<waiter>();
    std::shared_ptr<node_link> link;
    {
        std::lock_guard lock(mutex_);
        const auto at = nodes_.find(c.node);
        if (at == nodes_.end()) co_return error(errc::unavailable, "node not connected");
        auto known = invocations_.begin(i, time_.unix_ms());
        if (!known || *known) co_return known;
        waiters_[i.id] = reply;
        waiting_.set(static_cast<double>(invocations_.pending()));
        link = at->second.link;
    }
    const open_command open(*this, i.id, c.node, link);
    link->deliver(request_frame_of(i.id, c));
    co_return co_await with_deadline(c.limit, "the node's answer", reply->get());
}

bool connected_nodes::answer(const std::string& id, const std::string& node, node_answer_ptr answer) {
    std::shared_ptr<waiter> waiting;
    {
        std::lock_guard lock(mutex_);
        if (!invocations_.end(id, node, answer, time_.unix_ms())) return false;
        if (auto found = waiters_.extract(id)) waiting = std::move(found.mapped());
        waiting_.set(static_cast<double>(invocations_.pending()));
    }
    if (waiting) waiting->set(std::move(answer));
    return true;
}

// Whether it was not answered.
bool connected_nodes::take_back(const std::string& id) {
    std::lock_guard lock(mutex_);
    if (waiters_.erase(id) == 0) return false;
    invocations_.give_up(id);
    waiting_.set(static_cast<double>(invocations_.pending()));
    return true;
}

}  // namespace openclaw::ingress
