#pragma once

#include "openclaw/auth/device_signature.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace openclaw::test {

// A device with a key of its own, as a client has one (protocol.md §2.6).
class test_device {
public:
    test_device() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free) {
        std::array<unsigned char, 32> raw{};
        auto size = raw.size();
        if (!key_ || EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) != 1) {
            throw std::runtime_error("no key");
        }
        public_key_.assign(raw.begin(), raw.end());
    }

    std::string id() const { return to_hex(sha256(public_key_)); }

    // Adds a signed `device` to the params of a connect.
    void sign(json& params, const std::string& nonce, std::int64_t at_ms) const {
        const auto& client = params["client"];
        const json auth = params.value("auth", json::object());
        std::string token;
        for (const char* kind : {"token", "deviceToken", "bootstrapToken"}) {
            if (!auth.contains(kind)) continue;
            token = auth.value(kind, "");
            break;
        }
        std::string scopes;
        for (const auto& s : params.value("scopes", json::array())) {
            scopes += (scopes.empty() ? "" : ",") + s.get<std::string>();
        }
        const auto text = "v3|" + id() + "|" + client.value("id", "") + "|" + client.value("mode", "") +
                          "|" + params.value("role", "operator") + "|" + scopes + "|" +
                          std::to_string(at_ms) + "|" + token + "|" + nonce + "|" +
                          lower(client.value("platform", "")) + "|" + lower(client.value("deviceFamily", ""));
        params["device"] = {{"id", id()},
                            {"publicKey", to_base64(public_key_)},
                            {"signature", to_base64(signature_of(text))},
                            {"signedAt", at_ms},
                            {"nonce", nonce}};
    }

private:
    static std::string lower(std::string text) {
        for (auto& c : text) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return text;
    }

    std::string signature_of(const std::string& text) const {
        std::array<unsigned char, 64> out{};
        auto size = out.size();
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              &EVP_MD_CTX_free);
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
            EVP_DigestSign(context.get(), out.data(), &size, bytes, text.size()) != 1) {
            throw std::runtime_error("no signature");
        }
        return {out.begin(), out.end()};
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    std::string public_key_;
};

}  // namespace openclaw::test
