#include "openclaw/auth/device_signature.hpp"

#include "openclaw/core/encoding.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace openclaw::auth {

namespace {

constexpr std::int64_t max_clock_difference_ms = 120'000;
constexpr std::size_t key_bytes = 32, signature_bytes = 64;
constexpr std::size_t max_key_text = 1024;  // a PEM of such a key has 113 characters

struct free_key { void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); } };
struct free_bio { void operator()(BIO* b) const { BIO_free(b); } };
struct free_context { void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); } };
using key_ptr = std::unique_ptr<EVP_PKEY, free_key>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// An encrypted key is none: without this OpenSSL would ask for its pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

std::string key_of_pem(std::string_view pem) {
    const std::unique_ptr<BIO, free_bio> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const key_ptr key(PEM_read_bio_PUBKEY(in.get(), nullptr, no_pass_phrase, nullptr));
    std::array<unsigned char, key_bytes> raw{};
    std::size_t size = raw.size();
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size) != 1) {
        return {};
    }
    return {raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(size)};
}

// Points of small order, also in the spellings that are not canonical: for such a key anybody can
// make a signature.
bool has_small_order(std::string_view raw) {
    static constexpr std::array<std::string_view, 7> points{
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
    std::string without_sign(raw);
    without_sign.back() = static_cast<char>(without_sign.back() & 0x7f);
    const auto text = to_hex(without_sign);
    return std::find(points.begin(), points.end(), text) != points.end();
}

bool verifies(std::string_view raw_key, std::string_view signature, std::string_view text) {
    const key_ptr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw_key),
                                                  raw_key.size()));
    const std::unique_ptr<EVP_MD_CTX, free_context> context(EVP_MD_CTX_new());
    return key && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

std::string joined(const std::vector<std::string>& scopes) {
    std::string all;
    for (const auto& s : scopes) {
        if (!all.empty() || &s != &scopes.front()) all += ',';
        all += s;
    }
    return all;
}

// Trimmed, and ASCII letters in lower case.
std::string normal(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n\v\f";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    std::string out(text.substr(begin, text.find_last_not_of(blank) - begin + 1));
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// What both versions of the signed text have in common, behind their name.
std::string signed_text(const device_proof& p, const signed_connect& c) {
    return "|" + p.id + "|" + c.client_id + "|" + c.client_mode + "|" + c.role + "|" +
           joined(c.scopes) + "|" + std::to_string(p.signed_at_ms) + "|" + c.token + "|" + p.nonce;
}

bool is_signed(const device_proof& p, const signed_connect& c, std::string_view raw_key) {
    const auto signature = from_base64(p.signature);
    if (!signature || signature->size() != signature_bytes) return false;
    const auto text = signed_text(p, c);
    const auto machine = "|" + normal(c.platform) + "|" + normal(c.device_family);
    return verifies(raw_key, *signature, "v3" + text + machine) ||
           verifies(raw_key, *signature, "v2" + text);
}

bool is_blank(std::string_view text) { return normal(text).empty(); }

}  // namespace

std::string raw_public_key(std::string_view text) {
    if (text.size() > max_key_text) return {};
    if (text.find("BEGIN") != std::string_view::npos) return key_of_pem(text);
    auto raw = from_base64(text);
    if (!raw || raw->size() != key_bytes) return {};
    return std::move(*raw);
}

std::optional<device_refusal> check_device(const device_proof& proof, const signed_connect& connect,
                                           std::string_view challenge, std::int64_t now_ms) {
    const auto key = raw_public_key(proof.public_key);
    if (key.empty() || has_small_order(key)) {
        return device_refusal{"device public key invalid", "DEVICE_AUTH_PUBLIC_KEY_INVALID",
                              "device-public-key"};
    }
    if (to_hex(sha256(key)) != proof.id) {
        return device_refusal{"device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH",
                              "device-id-mismatch"};
    }
    if (proof.signed_at_ms < now_ms - max_clock_difference_ms ||
        proof.signed_at_ms > now_ms + max_clock_difference_ms) {
        return device_refusal{"device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED",
                              "device-signature-stale"};
    }
    if (is_blank(proof.nonce)) {
        return device_refusal{"device nonce required", "DEVICE_AUTH_NONCE_REQUIRED",
                              "device-nonce-missing"};
    }
    if (proof.nonce != challenge) {
        return device_refusal{"device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH",
                              "device-nonce-mismatch"};
    }
    if (!is_signed(proof, connect, key)) {
        return device_refusal{"device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID",
                              "device-signature"};
    }
    return std::nullopt;
}

}  // namespace openclaw::auth
