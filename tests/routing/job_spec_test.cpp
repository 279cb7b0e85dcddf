#include "routing/job_spec.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

constexpr std::int64_t now = 1'770'292'800'000;

json job() {
    return {{"name", "n"},
            {"schedule", {{"kind", "cron"}, {"expr", "0 8 * * *"}, {"tz", "Europe/Berlin"}}},
            {"payload", {{"kind", "agentTurn"}, {"message", "m"}}}};
}
json with(const json& patch) {
    auto out = job();
    out.merge_patch(patch);
    return out;
}
const json of_event = json::parse(R"({"payload": {"kind": "systemEvent", "text": "t", "message": null}})");

TEST(job_spec, says_what_it_read) {
    EXPECT_EQ(spec_json(parse_job(job(), now).value()),
              with({{"enabled", true}, {"deleteAfterRun", false}, {"sessionTarget", "isolated"},
                    {"wakeMode", "now"}}));
    const auto all = with({{"description", "d"}, {"agentId", "a"}, {"enabled", false},
                           {"deleteAfterRun", true}, {"misfire", "skip"},
                           {"sessionTarget", "session:news"}, {"wakeMode", "next-heartbeat"},
                           {"payload", {{"model", "p/m"}, {"timeoutSeconds", 1.5}}},
                           {"delivery", {{"mode", "announce"}, {"channel", "c"}, {"to", "t"},
                                         {"accountId", "x"}, {"threadId", "7"}}}});
    EXPECT_EQ(spec_json(parse_job(all, now).value()), all);
    const auto event = parse_job(with(of_event), now).value();
    EXPECT_EQ(event.target, "main");
    EXPECT_EQ(spec_json(event)["payload"], json({{"kind", "systemEvent"}, {"text", "t"}}));
}

TEST(job_spec, a_one_time_job_goes_when_it_is_done) {
    const auto at = with({{"schedule", {{"kind", "at"}, {"at", "2026-03-01T00:00:00Z"}, {"expr", nullptr},
                                        {"tz", nullptr}}}});
    EXPECT_TRUE(parse_job(at, now)->delete_after_run);
    auto kept = at;
    kept["deleteAfterRun"] = false;
    EXPECT_FALSE(parse_job(kept, now)->delete_after_run);
}

TEST(job_spec, what_is_unset_is_as_if_it_were_not_there) {
    const auto unset = with({{"pacing", nullptr}, {"failureAlert", false},
                             {"payload", {{"thinking", ""}, {"toolsAllow", json::array()},
                                          {"timeoutSeconds", 0}}},
                             {"delivery", {{"mode", "none"}, {"bestEffort", true}}}});
    // merge_patch drops what is null; null is what a client may send.
    auto sent = unset;
    sent["trigger"] = nullptr;
    EXPECT_EQ(spec_json(parse_job(sent, now).value()), spec_json(parse_job(job(), now).value()));
}

TEST(job_spec, refuses_by_name) {
    struct wrong_case {
        json patch;
        const char* says;
    };
    const wrong_case cases[] = {
        {{{"name", nullptr}}, "\"name\" of the job has to say something"},
        {{{"name", 3}}, "\"name\" of the job has to be a string"},
        {{{"name", std::string(201, 'x')}}, "at most 200 bytes"},
        {{{"enabled", "yes"}}, "\"enabled\" of the job has to be true or false"},
        {{{"trigger", {{"script", "x"}}}}, "`trigger` of a job is not in effect"},
        {{{"misfire", "never"}}, "\"misfire\" of the job has to be \"run\" or \"skip\""},
        {{{"wakeMode", "later"}}, "\"wakeMode\""},
        {{{"agentId", "a b"}}, "\"agentId\" is no name"},
        {{{"schedule", nullptr}}, "a job needs a \"schedule\""},
        {{{"schedule", {{"kind", "on-exit"}}}}, "there is no kind \"on-exit\""},
        {{{"payload", nullptr}}, "a job needs a \"payload\""},
        {{{"payload", {{"kind", "command"}}}}, "kind \"command\" is not in effect"},
        {{{"payload", {{"message", " "}}}}, "\"message\" of the payload has to say something"},
        {{{"payload", {{"thinking", "high"}}}}, "`thinking` of the payload is not in effect"},
        {{{"payload", {{"timeoutSeconds", -1}}}}, "\"timeoutSeconds\" of the payload"},
        {{{"sessionTarget", "current"}}, "`sessionTarget` \"current\" is not in effect"},
        {{{"sessionTarget", "session:cron:x"}}, "may not begin with `cron:`"},
        {{{"sessionTarget", "session:agent:b:x"}, {"agentId", "a"}}, "belongs to agent \"b\""},
        {{{"sessionTarget", "main"}, {"wakeMode", "next-heartbeat"}}, "there are no heartbeats"},
        {{{"delivery", {{"mode", "webhook"}, {"to", "https://x"}}}}, "mode \"webhook\" is not in effect"},
        {{{"delivery", {{"mode", "announce"}}}}, "spoken to last is not in effect"},
        {{{"delivery", {{"mode", "announce"}, {"channel", "last"}, {"to", "x"}}}}, "spoken to last"},
        {{{"delivery", {{"mode", "announce"}, {"channel", "c"}}}}, "spoken to last"},
        {{{"delivery", {{"mode", "none"}, {"failureDestination", {{"to", "x"}}}}}}, "`failureDestination`"},
    };
    for (const auto& c : cases) {
        const auto spec = parse_job(with(c.patch), now);
        ASSERT_FALSE(spec) << c.patch;
        EXPECT_EQ(spec.error().code, errc::invalid_input);
        EXPECT_NE(spec.error().message.find(c.says), std::string::npos) << spec.error().message;
    }
    auto isolated = with(of_event);
    isolated["sessionTarget"] = "isolated";
    EXPECT_EQ(parse_job(isolated, now).error().message, "a systemEvent goes to the main session");
    EXPECT_FALSE(parse_job(json::array(), now));
}

TEST(job_spec, is_changed_in_part) {
    const auto old = spec_json(parse_job(job(), now).value());
    auto wanted = old;
    wanted["payload"]["model"] = "p/m";
    EXPECT_EQ(patched_spec(old, {{"payload", {{"model", "p/m"}}}}), wanted);
    wanted["payload"].erase("model");
    EXPECT_EQ(patched_spec(old, {{"payload", {{"model", nullptr}}}}), wanted);
    wanted["payload"] = {{"kind", "systemEvent"}, {"text", "t"}};
    EXPECT_EQ(patched_spec(old, {{"payload", wanted["payload"]}}), wanted) << "another kind";
    wanted = old;
    wanted["schedule"] = {{"kind", "every"}, {"everyMs", 1000}};
    EXPECT_EQ(patched_spec(old, {{"schedule", wanted["schedule"]}}), wanted);
    EXPECT_EQ(patched_spec(patched_spec(old, {{"agentId", "a"}}), {{"agentId", nullptr}}), old);
}

TEST(job_spec, a_state_is_what_was_written) {
    job_state s;
    s.enabled = false;
    s.settled_ms = 1;
    s.not_before_ms = 2;
    s.errors_in_row = 3;
    s.running = running_job{4, 5, 6, true, 7};
    s.last_status = run_status::skipped;
    s.last_error = "e";
    s.last_started_ms = 7;
    s.last_duration_ms = 8;
    const auto out = state_json(s);
    EXPECT_EQ(state_json(state_from(out)), out);
    EXPECT_EQ(out["running"],
              json({{"dueMs", 4}, {"firstDueMs", 5}, {"startedMs", 6}, {"byHand", true}, {"attempt", 7}}));
    EXPECT_EQ(state_json(state_from(json("nonsense"))), state_json(job_state()));
}

TEST(job_spec, a_run_has_one_name_in_every_process) {
    EXPECT_EQ(run_name("j", {7, 7, 9, false}), "cron:j:7");
    EXPECT_EQ(run_name("j", {7, 7, 10, false}), "cron:j:7");
    EXPECT_EQ(run_name("j", {7, 7, 9, false, 2}), "cron:j:7:2");
    EXPECT_EQ(run_name("j", {7, 7, 7, true}), "manual:j:7:1");
    auto spec = parse_job(job(), now).value();
    auto m = message_of("j", spec, "cron:j:7", "");
    EXPECT_EQ(m.run_id, "cron:j:7");
    EXPECT_EQ(m.idempotency_key, "cron:j:7");
    EXPECT_EQ(m.session, "cron:j:7");
    EXPECT_FALSE(m.deliver);
    EXPECT_FALSE(m.commands) << "a job resets no session";
    spec.target = "session:news";
    EXPECT_EQ(message_of("j", spec, "cron:j:7", "").session, "news");
    spec.target = "main";
    spec.announce = {"c", "", "t", "7"};
    m = message_of("j", spec, "manual:j:7:1", "acc");
    EXPECT_EQ(m.session, "main");
    EXPECT_TRUE(m.deliver);
    EXPECT_EQ(m.origin.account, "acc");
    EXPECT_EQ(m.origin.peer, "t");
    EXPECT_EQ(m.origin.thread, "7");
}

}  // namespace
}  // namespace openclaw::routing
