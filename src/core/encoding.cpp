#include "openclaw/core/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace openclaw {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";
constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The length of the well-formed character at the start of `s`, 0 when there is none
// (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view s) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char a = at(0);
    if (a < 0x80) return 1;
    if (a < 0xc2 || a > 0xf4) return 0;
    const std::size_t n = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    if (s.size() < n) return 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (a == 0xe0) low = 0xa0;
    if (a == 0xed) high = 0x9f;
    if (a == 0xf0) low = 0x90;
    if (a == 0xf4) high = 0x8f;
    if (at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < n; ++i) {
        if ((at(i) & 0xc0) != 0x80) return 0;
    }
    return n;
}

// Characters that move the cursor, hide text or turn its direction.
bool is_treacherous(std::string_view c) {
    const auto a = static_cast<unsigned char>(c[0]);
    if (c.size() == 1) return a < 0x20 || a == 0x7f;
    if (c == "\xd8\x9c") return true;  // Arabic letter mark
    if (c.size() == 2) return a == 0xc2 && static_cast<unsigned char>(c[1]) < 0xa0;
    // Tag characters: text that nobody sees and a model reads.
    if (c.size() == 4) return c.starts_with("\xf3\xa0\x80") || c.starts_with("\xf3\xa0\x81");
    if (c.size() == 3 && a == 0xe2) {
        const auto b = static_cast<unsigned char>(c[1]);
        const auto d = static_cast<unsigned char>(c[2]);
        return (b == 0x80 && ((d >= 0x8b && d <= 0x8f) || (d >= 0xa8 && d <= 0xae))) ||
               (b == 0x81 && d >= 0xa0 && d <= 0xaf);
    }
    return c == "\xef\xbb\xbf";
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned block = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            block <<= 8;
            if (i + k < bytes.size()) block |= static_cast<unsigned char>(bytes[i + k]);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += i + k > bytes.size() ? '=' : base64_digits[block >> (18 - 6 * k) & 63];
        }
    }
    return text;
}

std::string to_base64url(std::string_view bytes) {
    auto text = to_base64(bytes);
    for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

result<std::string> from_base64(std::string_view text) {
    const bool padded = text.ends_with('=');
    if (padded && text.size() % 4 != 0) return error(errc::invalid_input, "not base64");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned block = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) return error(errc::invalid_input, "not base64");
        block = (block << 6 | static_cast<unsigned>(value)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(block >> bits & 0xff);
        }
    }
    // Bits that are left over must be zero: one value has one spelling.
    const bool clean = (block & ((1U << bits) - 1)) == 0;
    if (text.size() % 4 == 1 || !clean) return error(errc::invalid_input, "not base64");
    return bytes;
}

std::string sha256(std::string_view data) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    // OpenSSL's one-shot call looks the algorithm up and allocates each time.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    struct free_context { void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); } };
    static thread_local const std::unique_ptr<EVP_MD_CTX, free_context> context(EVP_MD_CTX_new());
    auto* bytes = reinterpret_cast<unsigned char*>(digest.data());
    if (EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), bytes, nullptr) != 1) {
        // A digest that nobody computed would be one that everybody knows.
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    unsigned length = 0;
    // OpenSSL takes a null key for "the key of last time", and fails.
    const auto* bytes = HMAC(EVP_sha256(), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
                             reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                             reinterpret_cast<unsigned char*>(digest.data()), &length);
    if (bytes == nullptr) throw std::runtime_error("HMAC-SHA256 failed");
    return digest;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        // Eight plain bytes at a time: most text is ASCII.
        if (text.size() >= 8) {
            std::uint64_t block = 0;
            std::memcpy(&block, text.data(), 8);
            if ((block & 0x8080808080808080ULL) == 0) {
                text.remove_prefix(8);
                continue;
            }
        }
        const auto n = utf8_length(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

std::string printable(std::string_view text, std::size_t limit) {
    text = utf8_prefix(text, limit);
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const auto n = utf8_length(text);
        const auto c = text.substr(0, n == 0 ? 1 : n);
        if (n == 0 || is_treacherous(c)) clean += '?';
        else clean += c;
        text.remove_prefix(c.size());
    }
    return clean;
}

result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return error(errc::invalid_input, "a broken %-escape");
            out += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += "0123456789ABCDEF"[byte >> 4];
        out += "0123456789ABCDEF"[byte & 15];
    }
    return out;
}

}  // namespace openclaw
