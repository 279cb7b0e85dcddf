#include "openclaw/core/encoding.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using namespace std::string_literals;

struct pair {
    const char* name;
    std::string plain;
    std::string coded;
};

class base64 : public testing::TestWithParam<pair> {};

TEST_P(base64, goes_there_and_back) {
    EXPECT_EQ(to_base64(GetParam().plain), GetParam().coded);
    const auto back = from_base64(GetParam().coded);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, GetParam().plain);
}

// RFC 4648, section 10.
INSTANTIATE_TEST_SUITE_P(encoding, base64,
                         testing::Values(pair{"empty", "", ""}, pair{"one", "f", "Zg=="},
                                         pair{"two", "fo", "Zm8="}, pair{"three", "foo", "Zm9v"},
                                         pair{"six", "foobar", "Zm9vYmFy"},
                                         pair{"zero", "\0\0\0"s, "AAAA"},
                                         pair{"high", "\xff\xfe\xfd", "//79"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(encoding, base64_reads_the_url_alphabet_and_no_padding) {
    EXPECT_EQ(from_base64("__79").value(), "\xff\xfe\xfd");
    EXPECT_EQ(from_base64("Zm8").value(), "fo");
    EXPECT_EQ(from_base64("Zg").value(), "f");
}

class bad_base64 : public testing::TestWithParam<const char*> {};

TEST_P(bad_base64, is_refused) {
    const auto got = from_base64(GetParam());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::invalid_input);
}

INSTANTIATE_TEST_SUITE_P(encoding, bad_base64,
                         testing::Values("Z", "Zm9vY", "Zm 9v", "Zm9v\n", "Zg=", "Zg===", "====", "=",
                                         "Z===", "Zh==", "Zm9=", "Z=g=", "Zm9v====", "\xff\xff"));

TEST(encoding, hex) {
    EXPECT_EQ(to_hex("\x00\x7f\xff"s), "007fff"s);
    EXPECT_EQ(to_hex(""), "");
}

TEST(encoding, sha256_matches_fips_180) {
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(encoding, hmac_sha256_matches_rfc_4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(encoding, hmac_sha256_takes_an_empty_key_and_no_data) {
    EXPECT_EQ(to_hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

struct utf8_case {
    const char* name;
    std::string text;
    bool good;
};

class utf8 : public testing::TestWithParam<utf8_case> {};

TEST_P(utf8, is_judged_anywhere_in_a_text) {
    const auto& p = GetParam();
    EXPECT_EQ(is_utf8(p.text), p.good);
    EXPECT_EQ(is_utf8("12345678" + p.text), p.good);   // behind a whole block
    EXPECT_EQ(is_utf8("1234" + p.text + "5678901234"), p.good);
}

INSTANTIATE_TEST_SUITE_P(
    encoding, utf8,
    testing::Values(utf8_case{"two_bytes", "\xc3\xa9", true},
                    utf8_case{"three_bytes", "\xe2\x82\xac", true},
                    utf8_case{"four_bytes", "\xf0\x9f\x98\x80", true},
                    utf8_case{"last_character", "\xf4\x8f\xbf\xbf", true},
                    utf8_case{"zero", "\0"s, true},
                    utf8_case{"beyond_the_last", "\xf4\x90\x80\x80", false},
                    utf8_case{"overlong_slash", "\xc0\xaf", false},
                    utf8_case{"overlong_three", "\xe0\x80\xaf", false},
                    utf8_case{"overlong_four", "\xf0\x80\x80\xaf", false},
                    utf8_case{"surrogate", "\xed\xa0\x80", false},
                    utf8_case{"alone", "\x80", false},
                    utf8_case{"cut_short", "\xe2\x82", false},
                    utf8_case{"not_a_lead_byte", "\xff", false}),
    [](const auto& tested) { return tested.param.name; });

TEST(encoding, utf8_prefix_never_splits_a_character) {
    const std::string text = "a\xe2\x82\xac" "b";
    EXPECT_EQ(utf8_prefix(text, 0), "");
    EXPECT_EQ(utf8_prefix(text, 1), "a");
    EXPECT_EQ(utf8_prefix(text, 2), "a");
    EXPECT_EQ(utf8_prefix(text, 3), "a");
    EXPECT_EQ(utf8_prefix(text, 4), "a\xe2\x82\xac");
    EXPECT_EQ(utf8_prefix(text, 99), text);
}

struct print_case {
    const char* name;
    std::string text;
    std::string shown;
};

class printing : public testing::TestWithParam<print_case> {};

TEST_P(printing, shows_only_what_is_harmless) {
    EXPECT_EQ(printable(GetParam().text), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    encoding, printing,
    testing::Values(print_case{"plain", "caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
                    print_case{"escape", "\x1b[31mred", "?[31mred"},
                    print_case{"lines", "a\r\nb", "a??b"},
                    print_case{"delete_key", "a\x7f", "a?"},
                    print_case{"c1_control", "a\xc2\x9b" "31m", "a?31m"},
                    print_case{"not_utf8", "a\xff" "b", "a?b"},
                    print_case{"right_to_left", "a\xe2\x80\xae" "b", "a?b"},
                    print_case{"isolate", "a\xe2\x81\xa6" "b", "a?b"},
                    print_case{"line_separator", "a\xe2\x80\xa8" "b", "a?b"},
                    print_case{"zero_width", "a\xe2\x80\x8b" "b", "a?b"},
                    print_case{"arabic_letter_mark", "a\xd8\x9c" "b", "a?b"},
                    print_case{"tag_character", "a\xf3\xa0\x81\x81" "b", "a?b"},
                    print_case{"byte_order_mark", "\xef\xbb\xbf" "b", "?b"}),
    [](const auto& tested) { return tested.param.name; });

TEST(encoding, printable_is_cut_to_its_limit) {
    EXPECT_EQ(printable("aaaa", 3), "aaa");
    EXPECT_EQ(printable("aa\xe2\x82\xac", 4), "aa");
}

TEST(encoding, percent_goes_there_and_back) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const auto coded = percent_encode(all);
    EXPECT_EQ(percent_decode(coded).value(), all);
    EXPECT_EQ(percent_encode("a b/\xc3\xa9~"), "a%20b%2F%C3%A9~");
}

TEST(encoding, percent_decodes_plus_only_when_asked) {
    EXPECT_EQ(percent_decode("a+b%2b").value(), "a+b+");
    EXPECT_EQ(percent_decode("a+b%2B", true).value(), "a b+");
    EXPECT_EQ(percent_decode("%41").value(), "A");
}

TEST(encoding, percent_refuses_broken_escapes) {
    for (const auto* bad : {"%", "%4", "a%4", "%zz", "%4g", "%%41"}) {
        const auto got = percent_decode(bad);
        ASSERT_FALSE(got) << bad;
        EXPECT_EQ(got.error().code, errc::invalid_input);
    }
}

}  // namespace
}  // namespace openclaw
