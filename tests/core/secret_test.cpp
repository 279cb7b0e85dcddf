#include "openclaw/core/error.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/secret.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <concepts>
#include <cstring>
#include <new>
#include <ostream>
#include <set>
#include <thread>

namespace openclaw {
namespace {

template <class T>
concept printed = requires(std::ostream& out, const T& v) { out << v; };
static_assert(!printed<secret>);
static_assert(!std::equality_comparable<secret>);
static_assert(!std::constructible_from<nlohmann::json, secret>);
static_assert(!std::convertible_to<secret, std::string>);
static_assert(!std::convertible_to<std::string, secret>);

TEST(secret, matches_only_itself) {
    const secret s("correct horse");
    EXPECT_TRUE(s.matches("correct horse"));
    EXPECT_FALSE(s.matches("correct hors"));
    EXPECT_FALSE(s.matches("correct horse "));
    EXPECT_FALSE(s.matches(""));
}

TEST(secret, an_empty_one_matches_nothing) {
    EXPECT_FALSE(secret().matches(""));
    EXPECT_TRUE(secret().empty());
}

TEST(secret, copies_and_moves) {
    secret a("one");
    secret b = a;
    EXPECT_EQ(b.reveal(), "one");
    secret c = std::move(a);
    EXPECT_EQ(c.reveal(), "one");
    b = secret("two");
    EXPECT_EQ(b.reveal(), "two");
    c = b;
    EXPECT_EQ(c.reveal(), "two");
    c = *&c;
    EXPECT_EQ(c.reveal(), "two");
}

// Whether the bytes of `needle` are anywhere in the object that lived at `memory`.
bool holds(const unsigned char* memory, std::string_view needle) {
    return memmem(memory, sizeof(secret), needle.data(), needle.size()) != nullptr;
}

// A short string lives inside of the object; its bytes must not stay when the secret goes.
TEST(secret, leaves_no_bytes_behind) {
    alignas(secret) unsigned char memory[sizeof(secret)] = {};
    auto* s = new (memory) secret(std::string("0123456789"));
    EXPECT_TRUE(holds(memory, "0123456789"));
    const secret taken = std::move(*s);
    EXPECT_FALSE(holds(memory, "23456789"));
    *s = taken;
    EXPECT_TRUE(holds(memory, "0123456789"));
    s->~secret();
    EXPECT_FALSE(holds(memory, "23456789"));
}

TEST(secret, equal_in_constant_time) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(random, uuid_has_the_form_of_version_4) {
    system_random random;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto id = make_uuid(random);
        ASSERT_EQ(id.size(), 36u);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef-"), std::string::npos);
        EXPECT_EQ(id[8], '-');
        EXPECT_EQ(id[13], '-');
        EXPECT_EQ(id[14], '4');
        EXPECT_EQ(id[18], '-');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
        EXPECT_EQ(id[23], '-');
        seen.insert(id);
    }
    EXPECT_EQ(seen.size(), 1000u);
}

TEST(random, seeded_is_repeatable_and_the_seed_matters) {
    seeded_random a(1);
    seeded_random b(1);
    seeded_random c(2);
    const auto first = make_hex_token(a, 16);
    EXPECT_EQ(first, make_hex_token(b, 16));
    EXPECT_NE(first, make_hex_token(c, 16));
    EXPECT_NE(first, make_hex_token(a, 16));
    EXPECT_EQ(first.size(), 32u);
}

TEST(random, unit_stays_in_its_range_and_spreads) {
    seeded_random random(7);
    double low = 1;
    double high = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto u = random.unit();
        ASSERT_GE(u, 0);
        ASSERT_LT(u, 1);
        low = std::min(low, u);
        high = std::max(high, u);
    }
    EXPECT_LT(low, 0.01);
    EXPECT_GT(high, 0.99);
}

TEST(random, fills_more_than_its_buffer_from_many_threads) {
    system_random random;
    std::mutex mutex;
    std::set<std::string> seen;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i) {
                    auto token = make_hex_token(random, 2000);
                    std::lock_guard lock(mutex);
                    seen.insert(std::move(token));
                }
            });
        }
    }
    EXPECT_EQ(seen.size(), 80u);
}

TEST(error, every_code_has_its_own_name) {
    std::set<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(errc::internal); ++i) {
        names.insert(name_of(static_cast<errc>(i)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::internal));
    EXPECT_EQ(names.count("unknown"), 0u);
    EXPECT_EQ(make_error_code(errc::forbidden).message(), "forbidden");
    EXPECT_STREQ(error_category().name(), "openclaw");
}

TEST(error, tells_its_story) {
    EXPECT_EQ(error(errc::io).to_string(), "io");
    EXPECT_EQ(error(errc::io, "cannot read x").to_string(), "cannot read x");
    EXPECT_EQ(error(errc::io, "cannot read x", "Look at it.").to_string(), "cannot read x. Look at it.");
    EXPECT_EQ(error(errc::io, "", "Look at it.").to_string(), "io. Look at it.");
}

TEST(error, an_unexpected_one_throws_with_its_story) {
    const result<int> r = error(errc::io, "cannot read x");
    try {
        (void)r.value();
        FAIL() << "nothing was thrown";
    } catch (const std::logic_error& e) {
        EXPECT_NE(std::string(e.what()).find("cannot read x"), std::string::npos);
    }
}

TEST(error, maps_errno) {
    EXPECT_EQ(from_errno(ENOENT, "open x").code, errc::not_found);
    EXPECT_EQ(from_errno(EACCES, "open x").code, errc::forbidden);
    EXPECT_EQ(from_errno(ENOSPC, "write x").code, errc::disk_full);
    EXPECT_EQ(from_errno(EADDRINUSE, "bind").code, errc::in_use);
    EXPECT_EQ(from_errno(EIO, "read x").code, errc::io);
    EXPECT_EQ(from_errno(ENOENT, "open x").message, "open x: No such file or directory");
}

}  // namespace
}  // namespace openclaw
