#pragma once

#include "openclaw/auth/node_surface.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/secret.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/store/store.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace openclaw::auth {

// What a device tells of itself, once its signature has been checked.
struct device_claim {
    std::string id;                     // lower-case hex SHA-256 of its key
    std::string public_key;             // as sent
    std::string role = "operator";
    scope_set scopes;                   // what it asks for
    std::string client_id, client_mode, platform, device_family, display_name;
    std::string remote_ip;
};

// What a node wants to offer beyond what was approved.
struct surface_request {
    std::string id;
    node_surface surface;
    std::int64_t at_ms = 0;
};

// A device that may come in, in one role.
struct device {
    device_claim as;                    // `scopes`: what was approved
    std::string label;
    std::int64_t created_ms = 0, approved_ms = 0, seen_ms = 0;
    std::int64_t token_generation = 1;  // its token is another one with each
    std::int64_t rotated_ms = 0;
    std::int64_t revoked_ms = 0;        // 0: its token is good
    // Of a node: what was approved of what it offers, and what waits for that.
    std::optional<node_surface> approved;
    std::optional<surface_request> wish;
};

// What came of a node's declaration.
struct declaration {
    device as;
    bool asked = false;                 // its wish is a new one
};

// One that waits for somebody's approval.
struct pairing_request {
    std::string id;
    std::string reason;                 // not-paired | role-upgrade | scope-upgrade | metadata-upgrade
    device_claim as;
    std::int64_t at_ms = 0;
    bool repeated = false;              // it waited already when it was asked once more
};

// The devices that are known, and those that want to be. Reads answer from memory, on any thread;
// changes are durable when they return.
//
// A device's token is made from a key of this gateway and the device, its role and a generation: a
// reconnect gets the same one, a rotation makes another, and no token is stored.
class device_registry {
public:
    device_registry(store::store& store, random_source& random, const time_source& time);

    // Reads what is stored, once, and makes the key at the very first time. Before any read; the
    // changes call it themselves.
    task<result<void>> load();

    std::optional<device> find(const std::string& id, const std::string& role) const;
    std::vector<device> devices() const;
    // Those that are not too old, the newest first.
    std::vector<pairing_request> requests() const;

    std::string token_of(const device& d) const;
    // Notes that it is here; not durable.
    void note_seen(const std::string& id, const std::string& role);
    // The device whose token this is; in constant time for a known device.
    std::optional<device> by_token(const std::string& id, const std::string& role,
                                   std::string_view token) const;
    // What such a device may do.
    principal principal_of(const device& d) const;

    // Lets a device in without asking, with what it claims beside what it had.
    task<result<device>> pair(device_claim claim);
    // Keeps a request, in the place of an earlier one of the same device and role. queue_full
    // when too many wait.
    task<result<pairing_request>> ask(device_claim claim, std::string reason);
    // not_found when there is no such request, forbidden when the device could do more than `by`
    // may do, queue_full when too many are paired.
    task<result<device>> approve(std::string request_id, principal by);
    task<result<pairing_request>> reject(std::string request_id);

    // What a node declares at its connect: a wish, unless it was approved before. The same wish
    // again keeps its id.
    task<result<declaration>> declare(std::string id, node_surface surface);
    // The node whose wish this is; not_found when there is none.
    result<device> wisher(const std::string& request_id) const;
    // From now on the node may offer what it wished. forbidden when `by` lacks a scope that this
    // takes (scopes_to_approve).
    task<result<device>> approve_surface(std::string request_id, principal by);
    task<result<device>> reject_surface(std::string request_id);

    // Each is not_found for a device that is not known, and forbidden when the device may do more
    // than `by` and is not `by` itself. In every role, when none is named.
    task<result<void>> remove(std::string id, principal by, std::string role = {});
    task<result<void>> rename(std::string id, std::string label, principal by);
    // A new token, with fewer scopes if so wished. forbidden also when it has not all of `scopes`,
    // conflict when its token was revoked.
    task<result<device>> rotate(std::string id, std::string role, std::optional<scope_set> scopes,
                                principal by);
    task<result<device>> revoke(std::string id, std::string role, principal by);

private:
    using identity = std::pair<std::string, std::string>;  // id and role

    // Begins a change: loaded, and nobody else changes anything meanwhile.
    task<result<semaphore::ticket>> begin();
    task<result<void>> load_once();
    bool is_loaded() const;
    // Inside a change: writes, then takes what was written into memory.
    task<result<device>> keep(device d, std::vector<pairing_request> answered = {});
    task<result<void>> forget(std::vector<pairing_request> answered, std::vector<device> gone = {});
    std::vector<pairing_request> requests_of(const std::string& id, const std::string& role) const;
    std::vector<pairing_request> replaced_by(const device_claim& claim) const;
    result<pairing_request> request(const std::string& id) const;
    result<device> known(const std::string& id, const std::string& role) const;
    device merged(device_claim claim) const;

    store::store& store_;
    random_source& random_;
    const time_source& time_;
    semaphore changing_{1};             // one change at a time, so that memory and disk agree
    mutable std::mutex mutex_;
    std::map<identity, device> devices_;            // guarded by mutex_, as the next two
    std::map<std::string, pairing_request> requests_;
    secret key_;                        // empty until loaded
};

}  // namespace openclaw::auth
