#include "openclaw/net/service_manager.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <unistd.h>

namespace openclaw::net {
namespace {

class service_manager : public testing::Test {
protected:
    void TearDown() override {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    }
};

TEST_F(service_manager, hears_the_process_that_it_waits_for) {
    auto news = notify_listener::open();
    ASSERT_TRUE(news) << news.error().to_string();
    EXPECT_EQ(news->take(getpid()), "");
    setenv("NOTIFY_SOCKET", news->address().c_str(), 1);
    EXPECT_TRUE(tell_service_manager("READY=1\nSTATUS=here"));
    EXPECT_EQ(news->take(getpid()), "READY=1\nSTATUS=here");
    EXPECT_TRUE(tell_service_manager("READY=1"));
    EXPECT_EQ(news->take(getpid() + 1), "") << "somebody else said it";
}

TEST_F(service_manager, that_is_not_there_is_no_error) {
    EXPECT_FALSE(tell_service_manager("READY=1"));
    for (const auto& address : {std::string("/nowhere/notify"), std::string("@nobody-listens"),
                                std::string("relative"), std::string("/"), std::string(200, '/')}) {
        setenv("NOTIFY_SOCKET", address.c_str(), 1);
        EXPECT_FALSE(tell_service_manager("READY=1")) << address;
    }
}

struct watchdog_case {
    std::string name, usec, pid;
    int milliseconds;
};
std::ostream& operator<<(std::ostream& out, const watchdog_case& c) { return out << c.name; }

class watchdog_test : public service_manager, public testing::WithParamInterface<watchdog_case> {};
TEST_P(watchdog_test, says_when_a_sign_is_due) {
    const auto& c = GetParam();
    if (!c.usec.empty()) setenv("WATCHDOG_USEC", c.usec.c_str(), 1);
    if (!c.pid.empty()) setenv("WATCHDOG_PID", c.pid.c_str(), 1);
    EXPECT_EQ(watchdog_interval().count(), c.milliseconds);
}
INSTANTIATE_TEST_SUITE_P(
    service_manager, watchdog_test,
    testing::Values(watchdog_case{"nobody_waits", "", "", 0},
                    watchdog_case{"half_of_it", "30000000", "", 15'000},
                    watchdog_case{"for_us", "30000000", std::to_string(getpid()), 15'000},
                    watchdog_case{"for_another", "30000000", "1", 0},
                    watchdog_case{"never_without_a_pause", "1", "", 1},
                    watchdog_case{"no_number", "30s", "", 0}, watchdog_case{"negative", "-5", "", 0}),
    [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace openclaw::net
