#include "routing/scheduler_fixture.hpp"

namespace openclaw::routing {
namespace {

class scheduler_reload_test : public scheduler_test {
protected:
    json daily(const std::string& id) {
        auto job = hourly();
        job["id"] = id;
        return job;
    }
};

// Those of clients, and what the others know of themselves, stay.
TEST_F(scheduler_reload_test, jobs_of_the_configuration_are_taken_up_while_it_runs) {
    configured = {daily("digest"), daily("gone")};
    restart();
    const auto own = add(hourly());
    auto other = daily("digest");
    other["payload"]["message"] = "other";
    ASSERT_TRUE(test::run(io, s->configure({other, daily("new")})));
    EXPECT_EQ(jobs().size(), 3u);
    EXPECT_EQ(get("digest")["payload"]["message"], "other");
    EXPECT_EQ(get("new")["enabled"], true);
    EXPECT_EQ(get(own)["enabled"], true);
    EXPECT_EQ(test::run(io, s->get("gone")).error().code, errc::not_found);
    configured = {other, daily("new")};
    restart();
    EXPECT_EQ(jobs().size(), 3u) << "it is in the store";
}

}  // namespace
}  // namespace openclaw::routing
