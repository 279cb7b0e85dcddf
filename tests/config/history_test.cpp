#include "config/support.hpp"
#include "support/temp_dir.hpp"

#include "openclaw/config/history.hpp"
#include "openclaw/core/encoding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace openclaw::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class history : public testing::Test {
protected:
    history() { where.home = where.state_dir = dir.path(); where.config_file = dir.path() / "openclaw.json"; }
    void keep(const std::string& text, std::int64_t at = 1) {
        ASSERT_TRUE(keep_version(dir.path(), {0, at, "me", {}, {}, text}));
    }
    void write(const std::string& text) { std::ofstream(where.config_file) << text; }
    std::string text() const {
        std::ostringstream out;
        out << std::ifstream(where.config_file).rdbuf();
        return out.str();
    }
    trial_state settle(std::int64_t now) {
        const auto verdict = settle_trial(where, now);
        EXPECT_TRUE(verdict);
        return verdict->state;
    }

    test::temp_dir dir;
    locations where;
};

TEST_F(history, keeps_each_text_once_with_what_changed) {
    keep("{gateway: {network: {port: 1}}}", 10);
    keep("{gateway: {network: {port: 1}}}", 11);
    keep("{gateway: {network: {port: 2}}, hooks: {h: {secret: '${S}'}}}", 12);
    keep("{gateway: {network: {port: 1}}}", 13);
    const auto all = read_versions(dir.path());
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 3u);
    EXPECT_EQ((*all)[2].time_ms, 10);
    EXPECT_EQ((*all)[1].number, 2);
    EXPECT_THAT((*all)[1].changed, ElementsAre("gateway.network.port", "hooks.h.secret"));
    EXPECT_EQ((*all)[0].text, "{gateway: {network: {port: 1}}}");
    EXPECT_EQ((*all)[0].hash, (*all)[2].hash);
    EXPECT_EQ(find_version(dir.path(), 2)->time_ms, 12);
    EXPECT_EQ(find_version(dir.path(), 4).error().code, errc::not_found);
}

TEST_F(history, is_for_its_owner_alone) {
    keep("{}");
    struct stat folder {}, file {};
    ASSERT_EQ(stat((dir.path() / "config-history").c_str(), &folder), 0);
    ASSERT_EQ(stat((dir.path() / "config-history" / "000001.json").c_str(), &file), 0);
    EXPECT_EQ(folder.st_mode & 0777, 0700u);
    EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(history, the_oldest_go) {
    for (std::size_t i = 0; i < most_versions + 3; ++i) keep("{} // " + std::to_string(i));
    const auto all = read_versions(dir.path());
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), most_versions);
    EXPECT_EQ(all->front().number, static_cast<int>(most_versions) + 3);
    EXPECT_EQ(all->back().number, 4);
}

TEST_F(history, what_is_no_version_is_left_out) {
    keep("{}");
    std::ofstream(dir.path() / "config-history" / "000002.json") << "broken";
    std::ofstream(dir.path() / "config-history" / "note.txt") << "mine";
    EXPECT_EQ(read_versions(dir.path())->size(), 1u);
}

TEST_F(history, a_trial_that_nobody_confirms_ends_with_the_text_before) {
    EXPECT_EQ(settle(1), trial_state::none);
    write("{} // old");
    ASSERT_TRUE(begin_trial(dir.path(), {100, to_hex(sha256("{} // new")), "{} // old"}));
    EXPECT_EQ(settle(1), trial_state::waits) << "it is about to be written";
    write("{} // new");
    EXPECT_EQ(settle(99), trial_state::waits);
    EXPECT_EQ(settle_trial(where, 99)->until_ms, 100);
    EXPECT_EQ(text(), "{} // new");
    EXPECT_EQ(settle(100), trial_state::rolled_back);
    EXPECT_EQ(text(), "{} // old");
    EXPECT_EQ(settle(101), trial_state::none);
    EXPECT_THAT(read_versions(dir.path())->front().who, HasSubstr("rolled back"));
}

TEST_F(history, a_trial_that_is_confirmed_stays) {
    write("{} // new");
    ASSERT_TRUE(begin_trial(dir.path(), {100, to_hex(sha256("{} // new")), "{} // old"}));
    ASSERT_TRUE(end_trial(dir.path()));
    EXPECT_EQ(settle(200), trial_state::none);
    EXPECT_EQ(text(), "{} // new");
    EXPECT_EQ(end_trial(dir.path()).error().code, errc::not_found);
}

TEST_F(history, a_change_after_it_ends_a_trial) {
    write("{} // by hand");
    ASSERT_TRUE(begin_trial(dir.path(), {100, to_hex(sha256("{} // new")), "{} // old"}));
    EXPECT_EQ(settle(200), trial_state::overtaken);
    EXPECT_EQ(text(), "{} // by hand");
    EXPECT_EQ(settle(200), trial_state::none);
}

}  // namespace
}  // namespace openclaw::config
