#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/store/store.hpp"

#include <optional>
#include <string>

namespace openclaw::auth {

// What the gateway is to others: an Ed25519 key, made once and kept in the state store.
struct gateway_identity {
    std::string device_id;    // lower-case hex SHA-256 of the raw public key
    std::string public_key;   // 32 bytes, base64url without padding
};

// Finds the identity, or makes it when there is none. Owned by the gateway's context; any thread.
class identity_keeper {
public:
    identity_keeper(store::store& store, const time_source& time);

    // Errors: the store's; internal when no key can be made or the stored one is none.
    task<result<gateway_identity>> get();

private:
    task<result<gateway_identity>> find_or_make();

    store::store& store_;
    const time_source& time_;
    semaphore one_{1};                       // of those who ask, so that one key is made
    std::optional<gateway_identity> known_;  // under one_
};

}  // namespace openclaw::auth
