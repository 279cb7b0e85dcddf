#include "routing/scheduler_fixture.hpp"

namespace openclaw::routing {
namespace {

using texts = std::vector<std::string>;

TEST_F(scheduler_test, a_job_runs_when_it_is_due_and_that_is_on_record) {
    const auto id = add(hourly());
    EXPECT_EQ(get(id)["state"], json({{"nextRunAtMs", start_ms + hour}}));
    at(hour - 1);
    EXPECT_TRUE(submitted.empty());
    at(hour);
    until_ended(1);
    EXPECT_EQ(model.asked(), texts{"go"});
    const auto run = "cron:" + id + ":" + std::to_string(start_ms + hour);
    const json entry{{"ts", start_ms + hour},        {"jobId", id},
                     {"jobName", "a job"},           {"action", "finished"},
                     {"status", "ok"},               {"completionStatus", "succeeded"},
                     {"runId", run},                 {"runAtMs", start_ms + hour},
                     {"sessionKey", session_of(id, hour)}, {"summary", "re: go"},
                     {"provider", "house"},          {"model", "m"},
                     {"nextRunAtMs", start_ms + 2 * hour}};
    auto seen = runs()[0];
    EXPECT_TRUE(seen.contains("usage"));
    seen.erase("usage");
    seen.erase("durationMs");   // the router of this test has a clock of its own
    EXPECT_EQ(seen, entry);
    const auto state = get(id)["state"];
    EXPECT_EQ(state["lastRunStatus"], "ok");
    EXPECT_EQ(state["lastRunAtMs"], start_ms + hour);
    EXPECT_EQ(state["nextRunAtMs"], start_ms + 2 * hour);
    EXPECT_FALSE(state.contains("runningAtMs"));
    EXPECT_EQ(actions(), (texts{"added", "started", "finished"}));
    EXPECT_EQ(told[0]["job"]["id"], id);
    EXPECT_EQ(told[2]["status"], "ok");
    EXPECT_EQ(told[2]["summary"], "re: go");
}

TEST_F(scheduler_test, each_isolated_run_has_a_conversation_of_its_own) {
    const auto id = add(hourly());
    at(hour);
    until_ended(1);
    at(2 * hour);
    until_ended(2);
    EXPECT_EQ(store->transcript(session_of(id, hour)).size(), 2u);
    EXPECT_EQ(store->transcript(session_of(id, 2 * hour)).size(), 2u);
    EXPECT_EQ(model.rows_seen()[0], model.rows_seen()[1]);
}

TEST_F(scheduler_test, the_main_session_and_a_named_one_go_on) {
    auto event = hourly();
    event["sessionTarget"] = "main";
    event["payload"] = {{"kind", "systemEvent"}, {"text", "the door is open"}};
    add(event);
    auto named = hourly("news");
    named["sessionTarget"] = "session:news";
    add(named);
    at(hour);
    until_ended(2);
    EXPECT_EQ(store->transcript("agent:main:main").at(0).text(), "the door is open");
    EXPECT_EQ(store->transcript("agent:main:news").at(0).text(), "news");
}

// The process ends at each write in turn, before and after it is done; the next one goes on. One run, with
// one answer on record, whatever happened.
TEST_F(scheduler_test, an_occurrence_runs_once_wherever_the_process_is_killed) {
    int deaths = 0;
    for (const auto when : {mortal_store::when::before, mortal_store::when::after}) {
        for (int n = 1;; ++n) {
            const auto* side = when == mortal_store::when::before ? "before" : "after";
            SCOPED_TRACE(side + (" write " + std::to_string(n)));
            const auto due = (clock.unix_ms() - start_ms) / hour * hour + hour;
            const auto id = add(once(due));
            const auto before = runs().size();
            disk->die_at(n, when);
            at(due);
            until([&] { return disk->dead() || runs().size() > before; });
            const bool died = disk->dead();
            restart();
            clock.advance(milliseconds(minute));
            until_ended(before + 1);
            EXPECT_EQ(store->transcript(session_of(id, due)).size(), 2u);
            EXPECT_EQ(runs()[0]["status"], "ok");
            EXPECT_TRUE(jobs().empty()) << "it was to be deleted";
            const auto again = before + 1;
            restart();
            at(due + 2 * minute);
            settle();
            EXPECT_EQ(runs().size(), again);
            EXPECT_EQ(store->transcript(session_of(id, due)).size(), 2u);
            if (!died) break;
            ++deaths;
        }
    }
    // The job's row, the message, the answer, the end; each before and after.
    EXPECT_EQ(deaths, 8);
}

TEST_F(scheduler_test, what_is_running_at_the_end_of_a_process_is_found_again) {
    const auto id = add(hourly("hold 1"));
    at(hour);
    until_spoken(session_of(id, hour));
    EXPECT_EQ(get(id)["state"]["runningAtMs"], start_ms + hour);
    ASSERT_TRUE(test::run(io, s->update(id, {{"sessionTarget", "main"}})));
    restart();
    EXPECT_EQ(get(id)["state"]["runningAtMs"], start_ms + hour);
    EXPECT_TRUE(runs().empty());
    model.release("hold 1");
    until_ended(1);
    EXPECT_EQ(runs()[0]["status"], "ok");
    EXPECT_EQ(store->transcript(session_of(id, hour)).size(), 2u);
    EXPECT_FALSE(get(id)["state"].contains("runningAtMs"));
}

TEST_F(scheduler_test, a_clock_that_jumps_repeats_nothing) {
    const auto id = add(hourly());
    at(3 * hour);
    until_ended(1);
    const auto last = "cron:" + id + ":" + std::to_string(start_ms + 3 * hour);
    EXPECT_EQ(runs()[0]["runId"], last) << "one for three";
    for (const auto t : {hour, 2 * hour, 3 * hour}) {
        at(t);
        at(t + minute);
    }
    settle();
    EXPECT_EQ(submitted.size(), 1u);
    // A clock that was wrong by years, and is right again: the job goes on, and its hours run once.
    at(100'000 * hour);
    until_ended(2);
    at(3 * hour + minute);
    at(4 * hour);
    until_ended(3);
    EXPECT_EQ(runs()[0]["runAtMs"], start_ms + 4 * hour);
}

TEST_F(scheduler_test, nothing_begins_that_could_not_be_written) {
    const auto id = add(hourly());
    disk->fail_records(error(errc::disk_full, "no space"));
    at(hour);
    EXPECT_TRUE(submitted.empty());
    EXPECT_EQ(get(id)["state"], json({{"nextRunAtMs", start_ms + hour}}));
    at(hour + minute);
    until_ended(1);
    EXPECT_EQ(submitted.size(), 1u);
    disk->fail_records(error(errc::disk_full, "no space"));
    const auto refused = test::run(io, s->add(hourly()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::disk_full);
    EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(scheduler_test, a_message_that_is_refused_for_now_is_sent_again) {
    add(hourly());
    submit_failure = error(errc::queue_full, "10000 messages wait");
    at(hour);
    EXPECT_TRUE(runs().empty());
    restart();
    settle();
    EXPECT_TRUE(submitted.empty());
    submit_failure.reset();
    at(hour + minute);
    until_ended(1);
    EXPECT_EQ(submitted.size(), 1u);
    EXPECT_EQ(runs()[0]["status"], "ok");
}

TEST_F(scheduler_test, a_failed_run_says_why) {
    const auto id = add(hourly("fail 1"));
    at(hour);
    until_ended(1);
    EXPECT_EQ(runs()[0]["status"], "error");
    EXPECT_FALSE(runs()[0]["error"].get<std::string>().empty());
    EXPECT_EQ(get(id)["state"]["consecutiveErrors"], 1);
    EXPECT_EQ(get(id)["state"]["lastError"], runs()[0]["error"]);
    const auto lost = add([&] {
        auto job = hourly();
        job["agentId"] = "nobody";
        return job;
    }());
    at(2 * hour);
    until([&] { return runs().size() >= 3; });
    const auto why = get(lost)["state"]["lastError"].get<std::string>();
    EXPECT_TRUE(why.starts_with("there is no agent \"nobody\"")) << why;
}

TEST_F(scheduler_test, a_run_that_somebody_stops_has_failed) {
    const auto id = add(hourly("hold 1"));
    at(hour);
    const auto own = session_of(id, hour);
    until_spoken(own);
    EXPECT_EQ(r->abort(own, "", "enough").size(), 1u);
    until_ended(1);
    EXPECT_EQ(runs()[0]["status"], "error");
    EXPECT_EQ(runs()[0]["error"], "somebody stopped it");
    EXPECT_EQ(runs()[0]["summary"], "part ");
}

TEST_F(scheduler_test, what_was_missed_is_skipped_if_that_is_wished) {
    auto picky = hourly();
    picky["misfire"] = "skip";
    const auto id = add(picky);
    clock.advance(milliseconds(5 * hour + 10 * minute));
    restart();
    ASSERT_EQ(runs().size(), 1u);
    EXPECT_EQ(runs()[0]["status"], "skipped");
    EXPECT_EQ(runs()[0]["runAtMs"], start_ms + 5 * hour);
    EXPECT_EQ(actions(), texts{"finished"});
    EXPECT_EQ(get(id)["state"]["lastRunStatus"], "skipped");
    EXPECT_EQ(get(id)["misfire"], "skip");
    at(6 * hour);
    until_ended(2);
    EXPECT_EQ(submitted.size(), 1u);
}

TEST_F(scheduler_test, a_one_time_job_is_tried_again_under_another_name) {
    const auto id = add(once(hour));
    overloaded = true;
    at(hour);
    until_ended(1);
    EXPECT_EQ(runs()[0]["error"], "busy");
    EXPECT_EQ(get(id)["state"]["nextRunAtMs"], start_ms + hour + 30'000);
    overloaded = false;
    at(hour + 30'000);
    until_ended(2);
    EXPECT_EQ(runs()[0]["status"], "ok");
    EXPECT_EQ(runs()[0]["runId"], "cron:" + id + ":" + std::to_string(start_ms + hour) + ":1");
    EXPECT_EQ(model.asked().size(), 2u);
    EXPECT_TRUE(jobs().empty());
    EXPECT_EQ(actions(), (texts{"added", "started", "finished", "started", "finished", "removed"}));
}

TEST_F(scheduler_test, what_ends_the_process_is_not_tried_again) {
    const auto id = add(once(hour));
    overloaded = true;
    overloaded_as = openclaw::store::run_state::dead;
    at(hour);
    until_ended(1);
    EXPECT_EQ(runs()[0]["status"], "error");
    EXPECT_EQ(get(id)["enabled"], false);
}

TEST_F(scheduler_test, a_store_that_cannot_be_read_says_nothing_about_a_run) {
    const auto id = add(hourly());
    unread = error(errc::storage, "no answer");
    at(hour);
    until([&] { return model.asked().size() == 1; });
    settle();
    EXPECT_TRUE(runs().empty());
    EXPECT_TRUE(get(id)["state"].contains("runningAtMs"));
    unread.reset();
    restart();
    until_ended(1);
    EXPECT_EQ(runs()[0]["status"], "ok");
    EXPECT_EQ(store->transcript(session_of(id, hour)).size(), 2u);
}

TEST_F(scheduler_test, a_stop_waits_for_what_is_being_written) {
    disk->slow = std::make_shared<gate>();
    std::optional<result<json>> told_back;
    asio::co_spawn(io, s->add(hourly()),
                   [&](std::exception_ptr, result<json> row) { told_back = std::move(row); });
    settle();
    bool stopped = false;
    asio::co_spawn(io, s->stop(), [&](std::exception_ptr) { stopped = true; });
    settle();
    EXPECT_FALSE(stopped);
    disk->slow->open();
    settle();
    EXPECT_TRUE(stopped);
    ASSERT_TRUE(told_back);
    EXPECT_TRUE(*told_back) << "it is written";
}

TEST_F(scheduler_test, an_answer_is_announced_in_one_transaction_with_the_run) {
    auto job = hourly();
    job["delivery"] = {{"mode", "announce"}, {"channel", "test"}, {"to", "anna"}};
    const auto id = add(job);
    at(hour);
    until_ended(1);
    const auto out = store->deliveries();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].channel, "test");
    EXPECT_EQ(out[0].account, "first");
    EXPECT_EQ(out[0].peer, "anna");
    EXPECT_EQ(out[0].text, "re: go");
    EXPECT_EQ(woken, texts{"test"});
    EXPECT_EQ(get(id)["delivery"], job["delivery"]);
    job["delivery"]["channel"] = "pigeon";
    EXPECT_EQ(add(job), "not added: there is no channel \"pigeon\"");
}

TEST_F(scheduler_test, a_job_that_is_added_again_by_its_key_is_the_same) {
    auto job = hourly();
    job["idempotencyKey"] = "k";
    const auto id = add(job);
    restart();
    EXPECT_EQ(add(job), id);
    EXPECT_EQ(get(id).count("idempotencyKey"), 0u);
    job["idempotencyKey"] = "other";
    EXPECT_NE(add(job), id);
    EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(scheduler_test, who_asks_before_the_jobs_are_read_is_told_so) {
    add(hourly());
    disk->unreadable = true;
    restart();
    const auto asked = test::run(io, s->list());
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, errc::unavailable);
    EXPECT_EQ(asked.error().message, "the jobs cannot be read yet");
    disk->unreadable = false;
    restart();
    EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(scheduler_test, a_row_that_is_no_job_any_more_can_be_removed) {
    std::vector<openclaw::store::record> bad{{"cron_job", "old", R"({"job":{"name":"n"}})"}}, none;
    ASSERT_TRUE(test::run(io, store->change_records(bad, none)));
    restart();
    EXPECT_TRUE(jobs().empty());
    EXPECT_TRUE(test::run(io, s->remove("old")));
    EXPECT_TRUE(test::run(io, store->records("cron_job")).value().empty());
    EXPECT_EQ(test::run(io, s->remove("old")).error().code, errc::not_found);
}

TEST_F(scheduler_test, what_ran_by_a_clock_that_was_ahead_is_skipped_when_it_comes_again) {
    const auto id = add(hourly());
    at(100 * hour);
    until_ended(1);
    at(hour);
    at(100 * hour);
    until_ended(2);
    EXPECT_EQ(submitted.size(), 1u);
    EXPECT_EQ(runs()[0]["status"], "skipped");
    EXPECT_EQ(runs()[0]["error"], "it had run before, by a clock that was ahead");
    EXPECT_EQ(get(id)["state"]["lastRunStatus"], "skipped");
    at(101 * hour);
    until_ended(3);
    EXPECT_EQ(runs()[0]["status"], "ok");
}

TEST_F(scheduler_test, a_job_is_changed_and_removed) {
    const auto id = add(hourly());
    auto row = test::run(io, s->update(id, {{"name", "other"}, {"description", "d"},
                                            {"payload", {{"message", "new"}}}})).value();
    EXPECT_EQ(row["name"], "other");
    EXPECT_EQ(row["payload"], json({{"kind", "agentTurn"}, {"message", "new"}}));
    EXPECT_EQ(row["state"]["nextRunAtMs"], start_ms + hour) << "what is due stays so";
    row = test::run(io, s->update(id, {{"description", nullptr}, {"enabled", false}})).value();
    EXPECT_FALSE(row.contains("description"));
    EXPECT_FALSE(row["state"].contains("nextRunAtMs"));
    at(hour);
    EXPECT_TRUE(submitted.empty()) << "disabled";
    const auto wrong = test::run(io, s->update(id, {{"schedule", {{"kind", "cron"}, {"expr", "no"}}}}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(get(id)["schedule"]["kind"], "every") << "nothing has changed";
    restart();
    EXPECT_EQ(get(id)["payload"]["message"], "new");
    EXPECT_EQ(get(id)["enabled"], false);
    ASSERT_TRUE(test::run(io, s->remove(id)));
    EXPECT_EQ(actions(), texts{"removed"});
    EXPECT_EQ(test::run(io, s->remove(id)).error().code, errc::not_found);
    EXPECT_EQ(test::run(io, s->update(id, json::object())).error().code, errc::not_found);
    EXPECT_EQ(test::run(io, s->get(id)).error().code, errc::not_found);
    restart();
    EXPECT_TRUE(jobs().empty());
}

TEST_F(scheduler_test, a_run_by_hand) {
    using when = scheduler::run_when;
    auto off = hourly("hold 1");
    off["enabled"] = false;
    const auto id = add(off);
    EXPECT_EQ(test::run(io, s->run(id, when::if_enabled)).value().reason, "disabled");
    EXPECT_EQ(test::run(io, s->run(id, when::if_due)).value().reason, "not-due");
    const auto run = test::run(io, s->run(id, when::always)).value();
    EXPECT_EQ(run.run_id, "manual:" + id + ":" + std::to_string(start_ms) + ":1");
    EXPECT_EQ(test::run(io, s->run(id, when::always)).value().reason, "already-running");
    model.release("hold 1");
    until_ended(1);
    EXPECT_EQ(runs()[0]["runId"], run.run_id);
    EXPECT_EQ(get(id)["enabled"], false);
    EXPECT_EQ(test::run(io, s->run("x", when::always)).error().code, errc::not_found);
}

TEST_F(scheduler_test, the_history_of_a_removed_job_goes_with_it) {
    const auto id = add(hourly());
    at(hour);
    until_ended(1);
    ASSERT_TRUE(test::run(io, s->remove(id)));
    EXPECT_TRUE(runs().empty());
    restart();
    EXPECT_TRUE(runs().empty());
}

TEST_F(scheduler_test, each_change_makes_another_revision) {
    const auto first = test::run(io, s->list()).value().revision;
    EXPECT_EQ(test::run(io, s->list()).value().revision, first);
    add(hourly());
    EXPECT_NE(test::run(io, s->list()).value().revision, first);
    EXPECT_EQ(test::run(io, s->status()).value().next_ms, start_ms + hour);
}

TEST_F(scheduler_test, after_the_end_everybody_is_told_so) {
    end();
    begin();
    test::run(io, s->stop());
    EXPECT_EQ(test::run(io, s->list()).error().code, errc::unavailable);
}

// Jobs of the configuration.
class configured_jobs_test : public scheduler_test {
protected:
    void configure(json jobs) {
        configured = std::move(jobs);
        restart();
    }
    json daily(const std::string& id) {
        auto job = hourly();
        job["id"] = id;
        return job;
    }
};

TEST_F(configured_jobs_test, run_beside_those_of_clients_and_keep_their_state) {
    configure({daily("digest")});
    const auto own = add(hourly());
    at(hour);
    until_ended(2);
    const auto before = get("digest");
    restart();
    EXPECT_EQ(jobs().size(), 2u);
    EXPECT_EQ(before["state"]["lastRunStatus"], "ok");
    EXPECT_EQ(get("digest"), before);
    at(hour + minute);
    EXPECT_EQ(runs().size(), 2u) << "once";
    configure(json::array());
    EXPECT_EQ(jobs().size(), 1u);
    EXPECT_EQ(jobs()[0]["id"], own);
}

TEST_F(configured_jobs_test, begin_as_they_are_now_written) {
    configure({daily("digest")});
    auto other = daily("digest");
    other["payload"]["message"] = "other";
    clock.advance(milliseconds(90 * minute));
    configure({other});
    settle();
    EXPECT_TRUE(submitted.empty()) << "what was due before a change does not run";
    at(2 * hour);
    until_ended(1);
    EXPECT_EQ(submitted[0].text, "other");
}

TEST_F(configured_jobs_test, are_changed_in_the_configuration_alone) {
    configure({daily("digest")});
    EXPECT_EQ(test::run(io, s->update("digest", {{"enabled", false}})).error().code, errc::conflict);
    EXPECT_EQ(test::run(io, s->remove("digest")).error().code, errc::conflict);
    EXPECT_TRUE(test::run(io, s->run("digest", scheduler::run_when::always)));
}

TEST_F(configured_jobs_test, a_one_time_job_is_done_once) {
    auto job = once(hour);
    job["id"] = "once";
    configure({job});
    at(hour);
    until_ended(1);
    EXPECT_EQ(get("once")["enabled"], false);
    restart();
    at(hour + minute);
    EXPECT_EQ(get("once")["enabled"], false);
    EXPECT_EQ(runs().size(), 1u);
    job["name"] = "renamed";
    configure({job});
    EXPECT_EQ(get("once")["name"], "renamed");
    EXPECT_EQ(get("once")["enabled"], false) << "its time has passed";
}

TEST_F(configured_jobs_test, what_is_wrong_with_one_keeps_no_other_from_running) {
    auto nameless = hourly();
    nameless["name"] = "not an id";
    auto bad = daily("bad");
    bad["schedule"] = {{"kind", "cron"}, {"expr", "* *"}};
    const json list{bad, daily("good"), daily("good"), nameless, 7};
    configure(list);
    ASSERT_EQ(jobs().size(), 1u);
    EXPECT_EQ(jobs()[0]["id"], "good");
    const auto problems = scheduler::problems_of(list);
    ASSERT_EQ(problems.size(), 4u);
    EXPECT_TRUE(problems[0].starts_with("cron.jobs[0]: schedule: \"expr\": ")) << problems[0];
    EXPECT_EQ(problems[1], "cron.jobs[2]: there is another job with the id \"good\"");
    EXPECT_TRUE(problems[2].starts_with("cron.jobs[3]: it needs an \"id\"")) << problems[2];
    EXPECT_EQ(problems[3], "cron.jobs[4]: a job has to be an object");
}

}  // namespace
}  // namespace openclaw::routing
