#include "config/field_table.hpp"
#include "config/support.hpp"

#include "openclaw/config/reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What keeps a setting of class restart as it was is its accessor, and that is for single settings alone.
TEST(reload, each_setting_of_class_restart_can_be_kept_as_it_was) {
    std::size_t seen = 0;
    for_each_row([&](const std::string& path, const field_node& node) {
        const auto& row = *node.row;
        if (row.reload != reload_class::restart || !row.in_effect) return;
        ++seen;
        EXPECT_NE(row.at, nullptr) << path;
        EXPECT_EQ(path.find_first_of("*["), std::string::npos) << path;
    });
    EXPECT_GT(seen, 3u);
}

TEST(reload, what_waits_for_a_restart_stays_and_the_rest_is_taken) {
    const auto running = load(R"({gateway: {network: {port: 1}, auth: {token: "a"}}})").settings;
    const auto next = load(R"({gateway: {network: {port: 2, host: "0.0.0.0"},
                               auth: {type: "password", token: "b"},
                               sessions: {timeout: "1m"}, monitoring: {metrics: {endpoint: "/m"}},
                               logging: {level: "debug", file: {path: "/x", maxFiles: 2}}}})").settings;
    const auto now = until_restart(next, running);
    EXPECT_EQ(now.gateway.network.port, 1);
    EXPECT_EQ(now.gateway.network.host, "127.0.0.1");
    EXPECT_EQ(now.gateway.auth.type, auth_type::token);
    EXPECT_EQ(now.gateway.monitoring.metrics.endpoint, "/metrics");
    EXPECT_EQ(now.gateway.logging.file.path, "");
    EXPECT_TRUE(now.gateway.auth.token.matches("b"));
    EXPECT_EQ(now.gateway.sessions.timeout, std::chrono::minutes(1));
    EXPECT_EQ(now.gateway.logging.level, log::level::debug);
    EXPECT_EQ(now.gateway.logging.file.max_files, 2u);
    EXPECT_THAT(waiting_for_restart(next, running),
                ElementsAre("gateway.network.host", "gateway.network.port", "gateway.auth.type",
                            "gateway.logging.file.path", "gateway.monitoring.metrics.endpoint"));
    EXPECT_THAT(waiting_for_restart(running, running), IsEmpty());
}

struct planned {
    const char *name, *before, *after;
    std::vector<std::string> live, restart, idle;
};

TEST(reload, a_plan_says_of_each_change_what_becomes_of_it) {
    const std::vector<planned> cases{
        {"live", "{}", "{gateway: {logging: {level: 'debug'}}}", {"gateway.logging.level"}, {}, {}},
        {"restart", "{gateway: {network: {port: 1}}}", "{}", {}, {"gateway.network.port"}, {}},
        {"not acted on", "{}", "{gateway: {tailscale: {enabled: true}}}", {}, {},
         {"gateway.tailscale.enabled"}},
        {"an element", "{bindings: [{agent: 'a'}]}", "{bindings: [{agent: 'b'}]}", {"bindings[0].agent"},
         {}, {}},
        {"a new one", "{}", "{hooks: {h: {secret: 's'}}}", {"hooks.h.secret"}, {}, {}},
        {"whole jobs", "{}", "{cron: {jobs: [{id: 'j'}]}}", {"cron.jobs"}, {}, {}},
        {"nothing", "{tools: {}}", "// mine\n{tools: {}}", {}, {}, {}},
    };
    for (const auto& c : cases) {
        const auto plan = plan_of(diff(load(c.before), load(c.after)));
        EXPECT_EQ(plan.live, c.live) << c.name;
        EXPECT_EQ(plan.restart, c.restart) << c.name;
        EXPECT_EQ(plan.idle, c.idle) << c.name;
    }
}

TEST(reload, the_class_of_a_path) {
    EXPECT_EQ(reload_class_of("gateway.network.port"), reload_class::restart);
    EXPECT_EQ(reload_class_of("agents.list[3].model"), reload_class::live);
    EXPECT_EQ(reload_class_of("channels.test.whatever.below"), reload_class::module);
    EXPECT_EQ(reload_class_of("no such setting"), reload_class::live);
}

}  // namespace
}  // namespace openclaw::config
