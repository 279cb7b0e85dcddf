#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace openclaw {

// Where randomness comes from: the kernel, or a seed in tests. Thread-safe.
class random_source {
public:
    virtual ~random_source() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    std::uint64_t number();
    // 0 <= x < 1.
    double unit();
};

// getrandom(2), buffered per thread.
class system_random final : public random_source {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

// A repeatable sequence; not for secrets.
class seeded_random final : public random_source {
public:
    explicit seeded_random(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::mutex mutex_;
    std::uint64_t state_;
};

// A version 4 UUID, lower case with dashes (RFC 9562).
std::string make_uuid(random_source& random);
// A version 7 UUID: ids made later sort later, so that rows named by them lie together in an index.
std::string make_uuid(random_source& random, std::int64_t unix_ms);
// `bytes` random bytes as lower-case hex.
std::string make_hex_token(random_source& random, std::size_t bytes);

}  // namespace openclaw
