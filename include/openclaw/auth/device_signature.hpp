#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::auth {

// What a client sends to prove that it holds the key of a device (protocol.md §2.6).
struct device_proof {
    std::string id;            // lower-case hex SHA-256 of the raw public key
    std::string public_key;    // Ed25519: 32 bytes in base64 of either alphabet, or PEM
    std::string signature;     // 64 bytes in base64 of either alphabet
    std::string nonce;         // the challenge that this connection was given
    std::int64_t signed_at_ms = 0;
};

// What the signature covers besides, as it stands in the params of `connect`.
struct signed_connect {
    std::string client_id, client_mode;
    std::string role;                   // the resolved one
    std::vector<std::string> scopes;    // in the order sent
    std::string token;                  // the first of token, deviceToken and bootstrapToken
    std::string platform, device_family;
};

// Why a proof was not taken: the texts of protocol.md §2.6.
struct device_refusal {
    std::string_view message, code, reason;
};

// Nothing when the proof holds, for this challenge and at this time. Pure.
std::optional<device_refusal> check_device(const device_proof& proof, const signed_connect& connect,
                                           std::string_view challenge, std::int64_t now_ms);

// The 32 bytes of an Ed25519 key in any of its spellings; empty when it is none.
std::string raw_public_key(std::string_view text);

}  // namespace openclaw::auth
