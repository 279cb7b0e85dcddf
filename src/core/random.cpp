#include "openclaw/core/random.hpp"

#include "openclaw/core/encoding.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace openclaw {

std::uint64_t random_source::number() {
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
}

double random_source::unit() {
    return static_cast<double>(number() >> 11) * 0x1.0p-53;
}

void system_random::fill(std::span<std::uint8_t> bytes) {
    // One system call fills many requests: ids are made several times per turn.
    struct buffer {
        std::array<std::uint8_t, 512> data{};
        std::size_t used = 512;
    };
    static thread_local buffer b;
    while (!bytes.empty()) {
        if (b.used == b.data.size()) {
            std::size_t have = 0;
            while (have < b.data.size()) {
                const auto n = getrandom(b.data.data() + have, b.data.size() - have, 0);
                if (n < 0 && errno != EINTR) std::abort();  // no randomness: nothing is safe
                if (n > 0) have += static_cast<std::size_t>(n);
            }
            b.used = 0;
        }
        const auto n = std::min(bytes.size(), b.data.size() - b.used);
        std::memcpy(bytes.data(), b.data.data() + b.used, n);
        std::memset(b.data.data() + b.used, 0, n);
        b.used += n;
        bytes = bytes.subspan(n);
    }
}

void seeded_random::fill(std::span<std::uint8_t> bytes) {
    std::lock_guard lock(mutex_);
    for (auto& byte : bytes) {  // splitmix64, one step per byte
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        byte = static_cast<std::uint8_t>(z ^ (z >> 31));
    }
}

namespace {

std::string uuid_text(std::array<std::uint8_t, 16> bytes, unsigned version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace

std::string make_uuid(random_source& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    return uuid_text(bytes, 4);
}

std::string make_uuid(random_source& random, std::int64_t unix_ms) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(unix_ms >> (40 - 8 * i));
    }
    return uuid_text(bytes, 7);
}

std::string make_hex_token(random_source& random, std::size_t bytes) {
    std::string raw(bytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    return to_hex(raw);
}

}  // namespace openclaw
