#include "openclaw/core/secret.hpp"

#include "openclaw/core/encoding.hpp"

#include <openssl/crypto.h>

namespace openclaw {

namespace {

// The whole buffer, not only the bytes in use: a short string that was moved from keeps its bytes
// behind a length of zero.
void wipe(std::string& s) noexcept {
    s.resize(s.capacity());
    OPENSSL_cleanse(s.data(), s.size());
    s.clear();
}

}  // namespace

secret::secret(std::string value) : value_(std::move(value)) {
    wipe(value);
}

secret::secret(secret&& other) noexcept : value_(std::move(other.value_)) {
    wipe(other.value_);
}

secret& secret::operator=(const secret& other) {
    if (this != &other) {
        wipe(value_);
        value_ = other.value_;
    }
    return *this;
}

secret& secret::operator=(secret&& other) noexcept {
    if (this != &other) {
        wipe(value_);
        value_ = std::move(other.value_);
        wipe(other.value_);
    }
    return *this;
}

secret::~secret() {
    wipe(value_);
}

bool secret::matches(std::string_view candidate) const {
    return !value_.empty() && equal_in_constant_time(value_, candidate);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    const auto left = sha256(a);
    const auto right = sha256(b);
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace openclaw
