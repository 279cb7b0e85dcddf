#include "openclaw/auth/node_surface.hpp"

#include <gtest/gtest.h>

namespace openclaw::auth {
namespace {

using names = std::vector<std::string>;

struct platform_case {
    const char* name;
    const char* platform;
    names commands, caps;
};
void PrintTo(const platform_case& c, std::ostream* out) { *out << c.name; }

class node_platform : public testing::TestWithParam<platform_case> {};

// Everything is declared, out of order and twice.
TEST_P(node_platform, keeps_what_it_may_offer) {
    node_surface declared;
    declared.commands = {"system.run",    "camera.snap",   "camera.list", "system.run", "sms.send",
                         "system.notify", "device.health", "rm -rf",      "",           "SYSTEM.RUN",
                         "system.runx"};
    declared.caps = {"system", "camera", "sms", "", "camera", "device", "camera.list"};
    declared.permissions = {{"camera", true}};
    const auto kept = on_platform(declared, GetParam().platform);
    EXPECT_EQ(kept.commands, GetParam().commands);
    EXPECT_EQ(kept.caps, GetParam().caps);
    EXPECT_EQ(kept.permissions, declared.permissions);
}

const std::vector<platform_case> platform_cases{
    {"linux", "linux", {"system.notify", "system.run"}, {"system"}},
    {"darwin", "darwin", {"camera.list", "system.notify", "system.run"}, {"camera", "device", "system"}},
    {"windows", "Win32", {"camera.list", "system.notify", "system.run"}, {"camera", "device", "system"}},
    {"ios", "iOS 18.1", {"camera.list", "system.notify"}, {"camera", "device", "system"}},
    {"android", "android", {"camera.list", "device.health", "system.notify"}, {"camera", "device", "system"}},
    {"watchos", "watchOS", {"system.notify"}, {"device", "system"}},
    {"unknown", "toaster", {}, {}},
    {"empty", "", {}, {}},
};
INSTANTIATE_TEST_SUITE_P(, node_platform, testing::ValuesIn(platform_cases),
                         [](const auto& i) { return std::string(i.param.name); });

struct scope_case {
    const char* name;
    names commands;
    std::vector<scope> needs;
};
void PrintTo(const scope_case& c, std::ostream* out) { *out << c.name; }

class node_approval : public testing::TestWithParam<scope_case> {};

TEST_P(node_approval, takes_these_scopes) {
    node_surface s;
    s.caps = {"system"};
    s.commands = GetParam().commands;
    EXPECT_EQ(scopes_to_approve(s), GetParam().needs);
}

const std::vector<scope_case> scope_cases{
    {"no_commands", {}, {scope::pairing}},
    {"ordinary", {"camera.list", "system.notify"}, {scope::pairing, scope::write}},
    {"run", {"camera.list", "system.run"}, {scope::pairing, scope::admin}},
    {"which", {"system.which"}, {scope::pairing, scope::admin}},
    {"browser", {"browser.proxy"}, {scope::pairing, scope::admin}},
    {"folders", {"fs.listDir"}, {scope::pairing, scope::admin}},
    {"approvals", {"system.execApprovals.get"}, {scope::pairing, scope::admin}},
};
INSTANTIATE_TEST_SUITE_P(, node_approval, testing::ValuesIn(scope_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(node_surface, approval_covers_less_and_not_more) {
    const node_surface approved{
        {"camera"}, {"camera.list", "system.notify"}, {{"camera", true}, {"mic", false}}};
    EXPECT_TRUE(covers(approved, {}));
    EXPECT_TRUE(covers(approved, {{"camera"}, {"camera.list"}, {{"camera", true}, {"location", false}}}));
    EXPECT_FALSE(covers(approved, {{"system"}, {}, {}}));
    EXPECT_FALSE(covers(approved, {{}, {"system.run"}, {}}));
    EXPECT_FALSE(covers(approved, {{}, {}, {{"mic", true}}}));
    EXPECT_FALSE(covers(approved, {{}, {}, {{"location", true}}}));
}

TEST(node_surface, only_what_is_declared_and_approved_is_offered) {
    const node_surface declared{{"camera", "system"}, {"camera.list", "system.run"}, {{"mic", true}}};
    const node_surface approved{{"camera"}, {"camera.list", "system.notify"}, {}};
    const auto both = common(declared, approved);
    EXPECT_EQ(both.caps, names{"camera"});
    EXPECT_EQ(both.commands, names{"camera.list"});
    EXPECT_FALSE(both.permissions.at("mic"));
    EXPECT_TRUE(both.offers("camera.list"));
    EXPECT_FALSE(both.offers("system.run"));
}

}  // namespace
}  // namespace openclaw::auth
