#include "openclaw/auth/gateway_identity.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace openclaw::auth {

namespace {

constexpr const char* kind = "gateway-identity";
constexpr const char* own_id = "own";
constexpr std::size_t key_bytes = 32;

struct free_key { void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); } };
using key_ptr = std::unique_ptr<EVP_PKEY, free_key>;
using raw_key = std::array<unsigned char, key_bytes>;

std::string text_of(const raw_key& raw) { return {raw.begin(), raw.end()}; }

error no_key(const char* what) {
    return error(errc::internal, std::string("the gateway's own key ") + what);
}

result<gateway_identity> identity_of(EVP_PKEY* key) {
    raw_key raw{};
    auto size = raw.size();
    if (key == nullptr || EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 ||
        size != raw.size()) {
        return no_key("cannot be used");
    }
    const auto bytes = text_of(raw);
    return gateway_identity{to_hex(sha256(bytes)), to_base64url(bytes)};
}

// The stored form: {"privateKey": base64, "createdAtMs"}.
result<gateway_identity> read(const std::string& body) {
    const auto parsed = parse_json(body);
    auto raw = from_base64(parsed ? string_or(*parsed, "privateKey") : "");
    if (!raw || raw->size() != key_bytes) return no_key("is damaged in the store");
    const auto* bytes = reinterpret_cast<const unsigned char*>(raw->data());
    const key_ptr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes, raw->size()));
    OPENSSL_cleanse(raw->data(), raw->size());
    return identity_of(key.get());
}

result<std::string> private_text(EVP_PKEY* key) {
    raw_key raw{};
    auto size = raw.size();
    if (EVP_PKEY_get_raw_private_key(key, raw.data(), &size) != 1) return no_key("cannot be kept");
    auto text = to_base64(text_of(raw));
    OPENSSL_cleanse(raw.data(), raw.size());
    return text;
}

}  // namespace

identity_keeper::identity_keeper(store::store& store, const time_source& time)
    : store_(store), time_(time) {}

task<result<gateway_identity>> identity_keeper::get() {
    const auto place = co_await one_.acquire();
    if (known_) co_return *known_;
    auto found = co_await find_or_make();
    if (found) known_ = *found;
    co_return found;
}

task<result<gateway_identity>> identity_keeper::find_or_make() {
    auto records = co_await store_.records(kind);
    if (!records) co_return records.error();
    for (const auto& r : *records) {
        if (r.id == own_id) co_return read(r.body);
    }
    const key_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    auto made = identity_of(key.get());
    if (!made) co_return made.error();
    auto text = private_text(key.get());
    if (!text) co_return text.error();
    const json body{{"privateKey", *text}, {"createdAtMs", time_.unix_ms()}};
    std::vector<store::record> put{{kind, own_id, dump(body)}};
    std::vector<store::record> drop;
    auto kept = co_await store_.change_records(std::move(put), std::move(drop));
    if (!kept) co_return kept.error();
    log::info("auth", "made the gateway's own identity", {{"device", made->device_id}});
    co_return made;
}

}  // namespace openclaw::auth
