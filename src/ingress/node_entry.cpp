#include "ingress/node_entry.hpp"

#include "ingress/node_json.hpp"

namespace openclaw::ingress {

task<result<void>> declare_surface(gateway_context& gateway, const connect_grant& grant) {
    auto declared = co_await gateway.devices.declare(grant.device_id, *grant.surface);
    if (!declared) co_return declared.error();
    if (!declared->asked) co_return result<void>();
    const auto here = node_of(grant, gateway.d.time.unix_ms());
    gateway.d.hub->devices_changed("node.pair.requested", wish_json(declared->as, &here));
    co_return result<void>();
}

connected_node node_of(const connect_grant& grant, std::int64_t now_ms) {
    connected_node n;
    n.id = grant.device_id;
    n.display_name = grant.display_name;
    n.platform = grant.platform;
    n.device_family = grant.device_family;
    n.version = grant.client_version;
    n.client_id = grant.client_id;
    n.client_mode = grant.client_mode;
    n.declared = *grant.surface;
    n.connected_ms = now_ms;
    return n;
}

}  // namespace openclaw::ingress
