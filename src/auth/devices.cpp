#include "openclaw/auth/devices.hpp"

#include "auth/device_json.hpp"
#include "auth/principal_factory.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"

#include <algorithm>

namespace openclaw::auth {

namespace {

constexpr const char* device_kind = "device";
constexpr const char* request_kind = "pairing-request";
constexpr const char* key_kind = "key";
constexpr const char* key_id = "device-token";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t max_requests = 100;
constexpr std::size_t max_requests_of_one = 10;   // address; the oldest makes room
constexpr std::size_t max_devices = 10'000;
constexpr std::int64_t request_life_ms = 60 * 60 * 1000LL;

std::string record_id(const device_claim& c) { return c.id + "|" + c.role; }

store::record record_of(const device& d) { return {device_kind, record_id(d.as), to_stored(d)}; }
store::record record_of(const pairing_request& r) { return {request_kind, r.id, to_stored(r)}; }

std::string fresh_key(random_source& random) {
    std::string bytes(key_bytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

scope_set joined(scope_set a, scope_set b) {
    auto names = a.names();
    const auto more = b.names();
    names.insert(names.end(), more.begin(), more.end());
    return scope_set::parse(names);
}

std::string subject_of(const std::string& device) { return "device:" + device; }

bool is_old(const pairing_request& r, std::int64_t now_ms) { return r.at_ms < now_ms - request_life_ms; }

bool asks_the_same(const device_claim& a, const device_claim& b) {
    return a.scopes == b.scopes && a.platform == b.platform && a.device_family == b.device_family;
}

error beyond(std::string what) {
    return error(errc::forbidden, std::move(what), "Somebody with operator.admin has to do it.");
}

// Of a device that may do more than `by`, unless that is itself.
result<void> may_change(const device& d, const principal& by) {
    if (by.subject() == subject_of(d.as.id) || by.scopes().covers(d.as.scopes)) return {};
    return beyond("the device may do more than you may");
}

error too_many() {
    return error(errc::queue_full, "too many devices are paired",
                 "Remove one that is not used any more: openclaw devices list.");
}

error no_device() {
    return error(errc::not_found, "there is no such device",
                 "`openclaw devices list` shows those that are known.");
}

}  // namespace

device_registry::device_registry(store::store& store, random_source& random, const time_source& time)
    : store_(store), random_(random), time_(time) {}

bool device_registry::is_loaded() const {
    std::lock_guard lock(mutex_);
    return !key_.empty();
}

task<result<void>> device_registry::load() {
    if (is_loaded()) co_return result<void>();
    auto change = co_await begin();
    if (!change) co_return change.error();
    co_return result<void>();
}

task<result<semaphore::ticket>> device_registry::begin() {
    auto place = co_await changing_.acquire();
    if (!is_loaded()) {
        auto read = co_await load_once();
        if (!read) co_return read.error();
    }
    co_return std::move(place);
}

task<result<void>> device_registry::load_once() {
    auto keys = co_await store_.records(key_kind);
    if (!keys) co_return keys.error();
    std::string key;
    for (const auto& r : *keys) {
        if (auto bytes = from_base64(r.body); r.id == key_id && bytes) key = std::move(*bytes);
    }
    if (key.empty()) {
        key = fresh_key(random_);
        std::vector<store::record> put{{key_kind, key_id, to_base64(key)}};
        auto kept = co_await store_.change_records(std::move(put), {});
        if (!kept) co_return kept.error();
    }
    auto known = co_await store_.records(device_kind);
    if (!known) co_return known.error();
    auto waiting = co_await store_.records(request_kind);
    if (!waiting) co_return waiting.error();
    std::lock_guard lock(mutex_);
    key_ = secret(std::move(key));
    for (const auto& r : *known) {
        if (auto d = device_from_stored(r.body)) devices_[{d->as.id, d->as.role}] = std::move(*d);
        else log::error("auth", "the record of a device cannot be read", {{"id", r.id}});
    }
    for (const auto& r : *waiting) {
        if (auto request = request_from_stored(r.body)) requests_[request->id] = std::move(*request);
    }
    co_return result<void>();
}

std::optional<device> device_registry::find(const std::string& id, const std::string& role) const {
    std::lock_guard lock(mutex_);
    const auto at = devices_.find({id, role});
    if (at == devices_.end()) return std::nullopt;
    return at->second;
}

std::vector<device> device_registry::devices() const {
    std::lock_guard lock(mutex_);
    std::vector<device> all;
    for (const auto& [where, d] : devices_) all.push_back(d);
    return all;
}

std::vector<pairing_request> device_registry::requests() const {
    const auto now = time_.unix_ms();
    std::lock_guard lock(mutex_);
    std::vector<pairing_request> all;
    for (const auto& [id, r] : requests_) {
        if (!is_old(r, now)) all.push_back(r);
    }
    std::ranges::sort(all, std::greater(), &pairing_request::at_ms);
    return all;
}

void device_registry::note_seen(const std::string& id, const std::string& role) {
    std::lock_guard lock(mutex_);
    if (const auto at = devices_.find({id, role}); at != devices_.end()) {
        at->second.seen_ms = time_.unix_ms();
    }
}

std::string device_registry::token_of(const device& d) const {
    std::lock_guard lock(mutex_);
    return to_base64url(hmac_sha256(key_.reveal(), "device-token|" + d.as.id + "|" + d.as.role + "|" +
                                                    std::to_string(d.created_ms) + "|" +
                                                    std::to_string(d.token_generation)));
}

std::optional<device> device_registry::by_token(const std::string& id, const std::string& role,
                                                std::string_view token) const {
    auto d = find(id, role);
    if (!d || d->revoked_ms != 0 || !equal_in_constant_time(token_of(*d), token)) return std::nullopt;
    return d;
}

principal device_registry::principal_of(const device& d) const {
    if (d.as.role == "node") return principal_factory::make("node:" + d.as.id, user_role::node, {}, false);
    const bool admin = d.as.scopes.allows(scope::admin);
    const auto role = admin ? user_role::admin
                            : d.as.scopes.allows(scope::write) ? user_role::user : user_role::viewer;
    return principal_factory::make(subject_of(d.as.id), role, d.as.scopes, false);
}

// What a claim makes of what is known of that device in that role.
device device_registry::merged(device_claim claim) const {
    const auto now = time_.unix_ms();
    auto d = find(claim.id, claim.role).value_or(device{});
    // What was taken from a device does not come back with the next thing it is given.
    if (d.revoked_ms == 0) claim.scopes = joined(d.as.scopes, claim.scopes);
    if (d.created_ms == 0) d.created_ms = now;
    if (d.revoked_ms != 0) ++d.token_generation;
    d.revoked_ms = 0;
    d.approved_ms = d.seen_ms = now;
    d.as = std::move(claim);
    return d;
}

task<result<device>> device_registry::keep(device d, std::vector<pairing_request> answered) {
    std::vector<store::record> put{record_of(d)}, drop;
    for (const auto& r : answered) drop.push_back(record_of(r));
    auto kept = co_await store_.change_records(std::move(put), std::move(drop));
    if (!kept) co_return kept.error();
    std::lock_guard lock(mutex_);
    for (const auto& r : answered) requests_.erase(r.id);
    devices_[{d.as.id, d.as.role}] = d;
    co_return d;
}

task<result<void>> device_registry::forget(std::vector<pairing_request> answered,
                                           std::vector<device> gone) {
    std::vector<store::record> drop;
    for (const auto& r : answered) drop.push_back(record_of(r));
    for (const auto& d : gone) drop.push_back(record_of(d));
    auto kept = co_await store_.change_records({}, std::move(drop));
    if (!kept) co_return kept.error();
    std::lock_guard lock(mutex_);
    for (const auto& r : answered) requests_.erase(r.id);
    for (const auto& d : gone) devices_.erase({d.as.id, d.as.role});
    co_return result<void>();
}

std::vector<pairing_request> device_registry::requests_of(const std::string& id,
                                                          const std::string& role) const {
    std::lock_guard lock(mutex_);
    std::vector<pairing_request> found;
    for (const auto& [key, r] : requests_) {
        if (r.as.id == id && (role.empty() || r.as.role == role)) found.push_back(r);
    }
    return found;
}

// The requests that go when this claim is made one, those whose time is over among them.
std::vector<pairing_request> device_registry::replaced_by(const device_claim& claim) const {
    const auto now = time_.unix_ms();
    std::lock_guard lock(mutex_);
    std::vector<pairing_request> found;
    for (const auto& [key, r] : requests_) {
        if ((r.as.id == claim.id && r.as.role == claim.role) || is_old(r, now)) found.push_back(r);
    }
    return found;
}

result<pairing_request> device_registry::request(const std::string& id) const {
    for (const auto& r : requests()) {
        if (r.id == id) return r;
    }
    return error(errc::not_found, "there is no such pairing request",
                 "`openclaw devices list` shows those that wait; each does for an hour.");
}

result<device> device_registry::known(const std::string& id, const std::string& role) const {
    auto d = find(id, role);
    if (d) return std::move(*d);
    const auto all = devices();
    if (std::ranges::none_of(all, [&](const device& other) { return other.as.id == id; })) return no_device();
    return error(errc::not_found, "the device is not paired as \"" + printable(role, 64) + "\"",
                 "`openclaw devices list` shows the roles of each.");
}

task<result<device>> device_registry::pair(device_claim claim) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    if (devices().size() >= max_devices && !find(claim.id, claim.role)) co_return too_many();
    auto answered = requests_of(claim.id, claim.role);
    auto d = merged(std::move(claim));
    co_return co_await keep(std::move(d), std::move(answered));
}

task<result<pairing_request>> device_registry::ask(device_claim claim, std::string reason) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    for (auto& r : requests_of(claim.id, claim.role)) {
        // The same question again: whoever decides has its id before them.
        if (!asks_the_same(r.as, claim) || is_old(r, time_.unix_ms())) continue;
        r.repeated = true;
        co_return std::move(r);
    }
    auto old = replaced_by(claim);
    auto waiting = requests();   // the newest first
    std::erase_if(waiting, [&](const auto& r) { return r.as.remote_ip != claim.remote_ip; });
    if (waiting.size() >= max_requests_of_one) {
        old.push_back(waiting.back());
    } else if (requests().size() >= max_requests) {
        co_return error(errc::queue_full, "too many devices wait for approval",
                        "Answer some of them: openclaw devices list.");
    }
    pairing_request asked;
    asked.id = make_uuid(random_);
    asked.reason = std::move(reason);
    asked.as = std::move(claim);
    asked.at_ms = time_.unix_ms();
    std::vector<store::record> put{record_of(asked)}, drop;
    for (const auto& r : old) drop.push_back(record_of(r));
    auto kept = co_await store_.change_records(std::move(put), std::move(drop));
    if (!kept) co_return kept.error();
    std::lock_guard lock(mutex_);
    for (const auto& r : old) requests_.erase(r.id);
    requests_[asked.id] = asked;
    co_return asked;
}

task<result<device>> device_registry::approve(std::string request_id, principal by) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto asked = request(request_id);
    if (!asked) co_return asked.error();
    auto d = merged(asked->as);
    if (!by.scopes().covers(d.as.scopes)) co_return beyond("the device asks for more than you may do");
    if (devices().size() >= max_devices && !find(d.as.id, d.as.role)) co_return too_many();
    std::vector<pairing_request> answered{*asked};
    co_return co_await keep(std::move(d), std::move(answered));
}

task<result<pairing_request>> device_registry::reject(std::string request_id) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto asked = request(request_id);
    if (!asked) co_return asked.error();
    std::vector<pairing_request> answered{*asked};
    auto kept = co_await forget(std::move(answered));
    if (!kept) co_return kept.error();
    co_return std::move(*asked);
}

task<result<void>> device_registry::remove(std::string id, principal by, std::string role) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto gone = devices();
    std::erase_if(gone, [&](const device& d) {
        return d.as.id != id || (!role.empty() && d.as.role != role);
    });
    if (gone.empty()) co_return no_device();
    for (const auto& d : gone) {
        if (auto may = may_change(d, by); !may) co_return may.error();
    }
    co_return co_await forget(requests_of(id, role), std::move(gone));
}

task<result<void>> device_registry::rename(std::string id, std::string label, principal by) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto all = devices();
    std::erase_if(all, [&](const device& d) { return d.as.id != id; });
    if (all.empty()) co_return no_device();
    std::vector<store::record> put;
    for (auto& d : all) {
        if (auto may = may_change(d, by); !may) co_return may.error();
        d.label = label;
        put.push_back(record_of(d));
    }
    auto kept = co_await store_.change_records(std::move(put), {});
    if (!kept) co_return kept.error();
    std::lock_guard lock(mutex_);
    for (const auto& d : all) devices_[{d.as.id, d.as.role}] = d;
    co_return result<void>();
}

task<result<device>> device_registry::rotate(std::string id, std::string role,
                                             std::optional<scope_set> scopes, principal by) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto d = known(id, role);
    if (!d) co_return d.error();
    if (d->revoked_ms != 0) {
        co_return error(errc::conflict, "the device's token was revoked",
                        "The device has to ask for approval again.");
    }
    if (auto may = may_change(*d, by); !may) co_return may.error();
    if (scopes && !d->as.scopes.covers(*scopes)) {
        co_return error(errc::forbidden, "the device has not been approved for all of these scopes",
                        "Let it connect with them, and approve what it asks for.");
    }
    if (scopes) d->as.scopes = *scopes;
    ++d->token_generation;
    d->rotated_ms = time_.unix_ms();
    co_return co_await keep(std::move(*d));
}

task<result<device>> device_registry::revoke(std::string id, std::string role, principal by) {
    const auto change = co_await begin();
    if (!change) co_return change.error();
    auto d = known(id, role);
    if (!d) co_return d.error();
    if (auto may = may_change(*d, by); !may) co_return may.error();
    d->revoked_ms = time_.unix_ms();
    // One that was lost does not get to offer anything by pairing again.
    d->approved.reset();
    d->wish.reset();
    co_return co_await keep(std::move(*d));
}

}  // namespace openclaw::auth
