#include "app/gateway.hpp"
#include "app/reload_parts.hpp"

#include "openclaw/config/form.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace openclaw::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The class of each setting is true: what is not for a restart has somebody who takes it up. What keeps a
// setting of class restart as it was is tested beside `until_restart`.
TEST(reload_parts, each_live_setting_has_somebody_who_takes_it_up) {
    std::size_t live = 0;
    const auto hints = config::ui_hints();
    for (const auto& [pattern, hint] : hints.items()) {
        auto path = pattern;
        for (std::size_t at; (at = path.find('*')) != std::string::npos;) path.replace(at, 1, "name");
        for (std::size_t at; (at = path.find("[]")) != std::string::npos;) path.replace(at, 2, "[0]");
        const auto setting = config::find_setting(path);
        ASSERT_TRUE(setting) << path;
        if (!setting->in_effect || config::reload_class_of(path) == config::reload_class::restart) continue;
        ++live;
        EXPECT_FALSE(parts_of(path).empty()) << path;
    }
    EXPECT_GT(live, 50u);
}

TEST(reload_parts, by_path) {
    EXPECT_THAT(parts_of("gateway.logging.level"), ElementsAre(part::logging));
    EXPECT_THAT(parts_of("gateway.logging.audit.events"), ElementsAre(part::clients));
    EXPECT_THAT(parts_of("agents.list[0].model"), ElementsAre(part::agents));
    EXPECT_THAT(parts_of("bindings"), ElementsAre(part::routing));
    EXPECT_THAT(parts_of("gateway.networks"), IsEmpty());
    EXPECT_THAT(parts_of("channels.test"), IsEmpty());
    EXPECT_THAT(parts_of("gateway"), SizeIs(3)) << "a block as a whole";
}

class reload_test : public testing::Test {
protected:
    void begin(const std::string& text) {
        write(text);
        gateway::options o;
        o.where.home = o.where.state_dir = dir.path();
        o.where.config_file = dir.path() / "openclaw.json";
        o.config.outcome = config::load_text(text, nothing);
        o.config.outcome.settings.gateway.network.port = 0;   // as a flag does
        o.environment = nothing;
        o.probe_port = [](std::uint16_t) { return false; };
        auto opened = gateway::open(io, std::move(o));
        ASSERT_TRUE(opened) << opened.error().to_string();
        g = std::move(*opened);
        g->start();
    }
    void TearDown() override {
        if (g) test::run(io, g->stop(milliseconds(5'000), ingress::server::sockets::close));
        log::set_threshold(log::level::off);
    }
    // In one step, so that nobody sees half of it.
    void write(const std::string& text) {
        std::ofstream(dir.path() / "new") << text;
        std::filesystem::rename(dir.path() / "new", dir.path() / "openclaw.json");
    }
    config::reload_report reload() { return test::run(io, g->reload("a test")); }
    static std::string file(const std::string& more) {
        return "{gateway: {auth: {token: 'test-token-0123456789'}}" + more + "}";
    }
    static std::optional<std::string> nothing(const std::string&) { return std::nullopt; }

    test::temp_dir dir;
    asio::io_context io;
    std::unique_ptr<gateway> g;
};

TEST_F(reload_test, agents_are_what_the_file_says_now) {
    begin(file(""));
    EXPECT_EQ(g->agents().default_agent().id, "main");
    write(file(", agents: {list: [{id: 'one', model: 'local/echo'}, {id: 'two', model: 'local/echo'}]}"));
    const auto report = reload();
    EXPECT_TRUE(report.in_effect);
    EXPECT_THAT(report.plan.live, testing::Contains("agents.list[0].id"));
    EXPECT_EQ(g->agents().all().size(), 2u);
    EXPECT_EQ(g->agents().default_agent().id, "one");
}

TEST_F(reload_test, the_log_level_is_taken_at_once) {
    begin(file(""));
    log::set_threshold(log::level::error);
    write("{gateway: {auth: {token: 'test-token-0123456789'}, logging: {level: 'fatal'}}}");
    EXPECT_THAT(reload().plan.live, ElementsAre("gateway.logging.level"));
    EXPECT_FALSE(log::enabled(log::level::error));
    EXPECT_TRUE(log::enabled(log::level::fatal));
}

TEST_F(reload_test, what_waits_is_named_until_it_is_taken_back) {
    begin(file(""));
    write("{gateway: {network: {port: 4}, auth: {token: 'test-token-0123456789'}}}");
    const auto changed = reload();
    EXPECT_THAT(changed.plan.restart, ElementsAre("gateway.network.port"));
    EXPECT_THAT(changed.pending, ElementsAre("gateway.network.port"));
    EXPECT_THAT(reload().pending, ElementsAre("gateway.network.port")) << "still";
    write(file(""));
    EXPECT_THAT(reload().pending, IsEmpty());
}

TEST_F(reload_test, a_file_that_does_not_pass_changes_nothing) {
    begin(file(", agents: {list: [{id: 'one', model: 'local/echo'}]}"));
    const auto* before = &g->agents();
    write("{gateway: {network: {port: 'x'}, nothing: 1}, agents: {list: [{id: 'two'}]}}");
    const auto report = reload();
    EXPECT_FALSE(report.in_effect);
    ASSERT_THAT(report.problems, SizeIs(2));
    EXPECT_THAT(report.problems[0], HasSubstr("openclaw.json:1:28: gateway.network.port"));
    EXPECT_EQ(&g->agents(), before);
    std::filesystem::remove(dir.path() / "openclaw.json");
    EXPECT_THAT(reload().problems, SizeIs(1)) << "a file that is gone";
    write(file(", agents: {list: [{id: 'two', model: 'local/echo'}]}"));
    EXPECT_TRUE(reload().in_effect);
    EXPECT_EQ(g->agents().default_agent().id, "two");
}

TEST_F(reload_test, each_version_is_kept_with_who_brought_it) {
    begin(file(""));
    write(file(", bindings: [{agent: 'main'}]"));
    EXPECT_TRUE(reload().in_effect);
    test::run(io, g->stop(milliseconds(5'000), ingress::server::sockets::close));
    g.reset();   // with it what it was still writing
    const auto kept = config::read_versions(dir.path());
    ASSERT_TRUE(kept);
    ASSERT_THAT(*kept, SizeIs(1));
    EXPECT_EQ(kept->front().who, "a test");
    EXPECT_THAT(kept->front().changed, ElementsAre("bindings[0].agent"));
}

TEST_F(reload_test, a_trial_whose_time_is_over_ends_with_what_was_before) {
    begin(file(""));
    const auto tried = file(", agents: {list: [{id: 'tried', model: 'local/echo'}]}");
    ASSERT_TRUE(config::begin_trial(dir.path(), {1, to_hex(sha256(tried)), file("")}));
    write(tried);
    EXPECT_TRUE(reload().in_effect);
    EXPECT_EQ(g->agents().default_agent().id, "main");
}

TEST_F(reload_test, nobody_waits_for_a_reload_after_the_end) {
    begin(file(""));
    test::run(io, g->stop(milliseconds(5'000), ingress::server::sockets::close));
    EXPECT_FALSE(reload().in_effect);
    g.reset();
}

class watch_test : public testing::Test {
protected:
    // Until the watch has called.
    void until_told() {
        io.restart();
        while (told == 0 && io.run_one() > 0) {}
        EXPECT_EQ(std::exchange(told, 0), 1);
    }
    void put(const std::string& name, const std::string& text) { std::ofstream(dir.path() / name) << text; }

    test::temp_dir dir;
    asio::io_context io;
    int told = 0;
};

TEST_F(watch_test, sees_a_write_a_rename_a_removal_and_what_a_link_leads_to) {
    std::filesystem::create_directory(dir.path() / "real");
    put("real/file", "1");
    std::filesystem::create_symlink(dir.path() / "real/file", dir.path() / "file");
    config_watch watch(io, [this]() -> task<> { ++told; co_return; }, milliseconds(1));
    ASSERT_EQ(watch.add(dir.path() / "file"), "");
    watch.start();
    put("real/file", "2");
    until_told();
    put("other", "3");
    std::filesystem::rename(dir.path() / "other", dir.path() / "file");
    until_told();
    std::filesystem::remove(dir.path() / "file");
    until_told();
    test::run(io, watch.stop());
}

TEST_F(watch_test, a_folder_that_is_not_there_is_named) {
    config_watch watch(io, {}, milliseconds(1));
    EXPECT_THAT(watch.add(dir.path() / "none" / "file"), HasSubstr("none cannot be watched"));
    test::run(io, watch.stop());
}

}  // namespace
}  // namespace openclaw::app
