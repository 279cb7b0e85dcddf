// What nodes offer: the part of the registry of devices that is about their surfaces.

#include "openclaw/auth/devices.hpp"

#include <algorithm>

namespace openclaw::auth {

task<result<declaration>> device_registry::declare(std::string id, node_surface surface) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto d = known(id, "node");
    if (!d) co_return d.error();
    declaration out;
    const bool approved = d->approved && covers(*d->approved, surface);
    const bool same_wish = d->wish && d->wish->surface == surface;
    if (approved ? !d->wish : same_wish) {
        out.as = std::move(*d);
        co_return out;
    }
    d->wish.reset();
    if (!approved) d->wish = surface_request{make_uuid(random_), std::move(surface), time_.unix_ms()};
    out.asked = !approved;
    auto kept = co_await keep(std::move(*d));
    if (!kept) co_return kept.error();
    out.as = std::move(*kept);
    co_return out;
}

result<device> device_registry::wisher(const std::string& request_id) const {
    auto all = devices();
    const auto at = std::ranges::find_if(all, [&](const device& d) {
        return d.wish && d.wish->id == request_id;
    });
    if (at != all.end()) return std::move(*at);
    return error(errc::not_found, "there is no such node pairing request",
                 "`node.pair.list` shows those that wait.");
}

task<result<device>> device_registry::approve_surface(std::string request_id, principal by) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto d = wisher(request_id);
    if (!d) co_return d.error();
    for (const auto needed : scopes_to_approve(d->wish->surface)) {
        if (!by.allows(needed)) {
            co_return error(errc::forbidden, "missing scope: " + std::string(name_of(needed)));
        }
    }
    d->approved = std::move(d->wish->surface);
    d->wish.reset();
    co_return co_await keep(std::move(*d));
}

task<result<device>> device_registry::reject_surface(std::string request_id) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto d = wisher(request_id);
    if (!d) co_return d.error();
    d->wish.reset();
    co_return co_await keep(std::move(*d));
}

}  // namespace openclaw::auth
