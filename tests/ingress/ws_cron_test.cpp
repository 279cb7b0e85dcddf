// cron.* over the wire.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

constexpr std::int64_t hour = 3'600'000;

json job(const std::string& name, const std::string& text = "hello") {
    return {{"name", name},
            {"schedule", {{"kind", "every"}, {"everyMs", hour}}},
            {"sessionTarget", "isolated"},
            {"wakeMode", "now"},
            {"payload", {{"kind", "agentTurn"}, {"message", text}}}};
}

class ws_cron : public test::ws_client_test {
protected:
    std::string add(json params) {
        return payload("cron.add", std::move(params))["id"].get<std::string>();
    }
    // The next `cron` event that says `action`.
    json told(const std::string& action) {
        const auto wanted = [&](const json& m) {
            return m.value("event", "") == "cron" && m["payload"]["action"] == action;
        };
        auto& seen = client.seen;
        auto found = std::find_if(seen.begin(), seen.end(), wanted);
        const auto event = found != seen.end() ? *found : client.until(wanted);
        seen.erase(seen.begin(), std::find(seen.begin(), seen.end(), event) + 1);
        return event["payload"];
    }
    std::vector<std::string> names(const json& params) {
        std::vector<std::string> out;
        const auto page = payload("cron.list", params);
        for (const auto& row : page["jobs"]) out.push_back(row["name"].get<std::string>());
        return out;
    }
};

using texts = std::vector<std::string>;

// The command line fails on a page that does not add up.
TEST_F(ws_cron, the_page_of_no_jobs_adds_up) {
    const auto page = payload("cron.list", {{"includeDisabled", false}, {"limit", 200}, {"offset", 0}});
    EXPECT_FALSE(page["snapshotRevision"].get<std::string>().empty());
    EXPECT_EQ(page["limit"], 200);
    EXPECT_EQ(page["offset"], 0);
    EXPECT_EQ(page["total"], 0);
    EXPECT_EQ(page["nextOffset"], nullptr);
    EXPECT_EQ(page["jobs"], json::array());
    EXPECT_EQ(refusal("cron.list", {{"limit", 201}})["code"], "INVALID_REQUEST");
    const auto past = payload("cron.runs", {{"scope", "all"}, {"offset", 3}});
    EXPECT_EQ(past["entries"], json::array());
    EXPECT_EQ(past["offset"], 3);
    const auto status = payload("cron.status");
    EXPECT_EQ(status["enabled"], true);
    EXPECT_EQ(status["jobs"], 0);
    EXPECT_EQ(status["nextWakeAtMs"], nullptr);
}

TEST_F(ws_cron, a_job_lives) {
    const auto made = payload("cron.add", job("news"));
    const auto id = made["id"].get<std::string>();
    EXPECT_EQ(told("added")["job"], made);
    EXPECT_EQ(payload("cron.get", {{"jobId", id}}), made);
    EXPECT_EQ(payload("cron.status")["nextWakeAtMs"], made["state"]["nextRunAtMs"]);
    EXPECT_EQ(payload("cron.list")["jobs"], json::array({made}));

    const auto changed = payload("cron.update", {{"id", id}, {"patch", {{"name", "other"}}}});
    EXPECT_EQ(changed["name"], "other");
    EXPECT_EQ(told("updated")["job"], changed);

    const auto run = payload("cron.run", {{"id", id}});
    EXPECT_EQ(run["enqueued"], true);
    EXPECT_EQ(told("started")["jobId"], id);
    const auto end = told("finished");
    EXPECT_EQ(end["status"], "ok");
    EXPECT_EQ(end["runId"], run["runId"]);
    const auto page = payload("cron.runs", {{"id", id}, {"runId", run["runId"]}});
    ASSERT_EQ(page["total"], 1);
    EXPECT_EQ(page["entries"][0]["summary"], end["summary"]);
    const auto session = page["entries"][0]["sessionKey"].get<std::string>();
    EXPECT_TRUE(session.starts_with("agent:main:cron:" + id + ":")) << session;
    EXPECT_EQ(payload("chat.history", {{"sessionKey", session}})["messages"].size(), 2u);

    EXPECT_EQ(payload("cron.remove", {{"id", id}}), json({{"ok", true}, {"removed", true}}));
    EXPECT_EQ(told("removed")["jobId"], id);
    EXPECT_EQ(payload("cron.runs")["total"], 0);
}

TEST_F(ws_cron, lists_are_cut_sorted_and_filtered) {
    add(job("b"));
    auto c = job("C");
    c["schedule"]["everyMs"] = hour / 2;
    c["agentId"] = "main";
    add(c);
    auto a = job("a");
    a["enabled"] = false;
    a["description"] = "of the Moon";
    add(a);
    EXPECT_EQ(names({}), (texts{"C", "b"})) << "the next one first; disabled ones are left out";
    EXPECT_EQ(names({{"includeDisabled", true}}), (texts{"C", "b", "a"}));
    EXPECT_EQ(names({{"includeDisabled", true}, {"sortDir", "desc"}}), (texts{"b", "C", "a"}));
    EXPECT_EQ(names({{"enabled", "disabled"}}), texts{"a"});
    EXPECT_EQ(names({{"enabled", "all"}, {"sortBy", "name"}}), (texts{"a", "b", "C"}));
    EXPECT_EQ(names({{"enabled", "all"}, {"query", "moon"}}), texts{"a"});
    EXPECT_EQ(names({{"agentId", "main"}}), (texts{"C", "b"})) << "the default agent's";
    EXPECT_EQ(names({{"agentId", "other"}}), texts{});
    EXPECT_EQ(names({{"scheduleKind", "cron"}}), texts{});
    EXPECT_EQ(names({{"lastRunStatus", "unknown"}}), (texts{"C", "b"}));
    const auto page = payload("cron.list", {{"enabled", "all"}, {"limit", 2}, {"sortBy", "name"}});
    EXPECT_EQ(page["jobs"].size(), 2u);
    EXPECT_EQ(page["hasMore"], true);
    EXPECT_EQ(page["nextOffset"], 2);
    EXPECT_EQ(names({{"enabled", "all"}, {"limit", 2}, {"sortBy", "name"}, {"offset", 2}}), texts{"C"});
    EXPECT_EQ(refusal("cron.list", {{"sortBy", "colour"}})["code"], "INVALID_REQUEST");
}

// A job whose runs would fail each time is no job.
TEST_F(ws_cron, what_a_job_names_has_to_be_there) {
    const auto id = add(job("n"));
    EXPECT_EQ(payload("cron.runs", {{"id", id}})["entries"], json::array()) << "it has not run yet";
    const std::pair<const char*, json> cases[] = {
        {"there is no agent", {{"sessionTarget", "session:agent:nobody:x"}}},
        {"payload.model", {{"payload", {{"kind", "agentTurn"}, {"message", "x"}, {"model", "nope/none"}}}}},
        {"there is no agent", {{"agentId", "nobody"}}},
    };
    for (const auto& [what, patch] : cases) {
        auto other = job("m");
        other.merge_patch(patch);
        const auto added = refusal("cron.add", other);
        EXPECT_EQ(added["code"], "INVALID_REQUEST") << patch;
        EXPECT_NE(string_or(added, "message").find(what), std::string::npos) << added;
        const auto changed = refusal("cron.update", {{"id", id}, {"patch", patch}});
        EXPECT_EQ(changed["code"], "INVALID_REQUEST") << patch;
    }
    const auto renamed = refusal("cron.update", {{"id", id}, {"patch", {{"id", "zz"}}}});
    EXPECT_NE(string_or(renamed, "message").find("/patch/id"), std::string::npos) << renamed;
    EXPECT_EQ(payload("cron.update", {{"id", id}, {"patch", {{"id", id}, {"name", "o"}}}})["name"], "o");
    EXPECT_EQ(payload("cron.list")["total"], 1);
    auto named = job("s");
    named["sessionTarget"] = "session:agent:main:x";
    EXPECT_FALSE(add(named).empty());
}

TEST_F(ws_cron, what_is_wrong_is_refused) {
    const json missing{{"code", "CRON_JOB_NOT_FOUND"}, {"jobId", "x"}};
    EXPECT_EQ(refusal("cron.get", {{"id", "x"}})["details"], missing);
    EXPECT_EQ(refusal("cron.run", {{"id", "x"}})["details"], missing);
    EXPECT_EQ(refusal("cron.remove", {{"jobId", "x"}})["details"], missing);
    EXPECT_EQ(refusal("cron.update", {{"id", "x"}, {"patch", json::object()}})["details"], missing);
    EXPECT_EQ(refusal("cron.runs", {{"id", "x"}})["details"], missing);
    EXPECT_EQ(refusal("cron.update", {{"id", "x"}})["message"],
              "invalid cron.update params: at /patch: must be object");
    EXPECT_EQ(refusal("cron.runs", {{"scope", "job"}})["code"], "INVALID_REQUEST");
    auto other = job("n");
    other["agentId"] = "nobody";
    refusal("cron.add", other);
    other = job("n");
    other["delivery"] = {{"mode", "announce"}, {"channel", "pigeon"}, {"to", "x"}};
    EXPECT_EQ(refusal("cron.add", other)["code"], "INVALID_REQUEST");
    EXPECT_EQ(payload("cron.list")["total"], 0);
    other = job("n");
    other["idempotencyKey"] = std::string(257, 'k');
    EXPECT_EQ(refusal("cron.add", other)["code"], "INVALID_REQUEST");
    const auto id = add(job("n"));
    EXPECT_EQ(payload("cron.run", {{"id", id}, {"mode", "due"}}),
              json({{"ok", true}, {"ran", false}, {"reason", "not-due"}}));
    EXPECT_FALSE(refusal("cron.update", {{"id", id}, {"patch", {{"agentId", "nobody"}}}})["message"].empty());
}

TEST_F(ws_cron, runs_are_filtered) {
    const auto id = add(job("n"));
    payload("cron.run", {{"id", id}});
    told("finished");
    payload("cron.run", {{"id", id}});
    told("finished");
    const auto down = payload("cron.runs")["entries"];
    ASSERT_EQ(down.size(), 2u);
    const auto up = payload("cron.runs", {{"sortDir", "asc"}, {"limit", 1}});
    EXPECT_EQ(up["entries"][0], down[1]);
    EXPECT_EQ(up["nextOffset"], 1);
    EXPECT_EQ(payload("cron.runs", {{"status", "error"}})["total"], 0);
    EXPECT_EQ(payload("cron.runs", {{"statuses", {"ok", "error"}}})["total"], 2);
    EXPECT_EQ(payload("cron.runs", {{"query", "no such words"}})["total"], 0);
    EXPECT_EQ(payload("cron.runs", {{"scope", "all"}, {"runId", "x"}})["total"], 0);
}

TEST(cron_configuration, its_jobs_are_listed_and_run) {
    auto settings = test::gateway_settings();
    auto mine = job("mine");
    mine["id"] = "mine";
    settings.cron["jobs"] = {mine};
    test::gateway_fixture gateway(settings);
    test::wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    EXPECT_EQ(client.call("cron.get", {{"id", "mine"}})["payload"]["name"], "mine");
    EXPECT_EQ(client.call("cron.remove", {{"id", "mine"}})["error"]["message"],
              "the job \"mine\" is the configuration's. Change cron.jobs there.");
    EXPECT_EQ(client.call("cron.run", {{"id", "mine"}})["payload"]["enqueued"], true);
}

TEST(cron_events, are_for_those_who_may_read) {
    test::gateway_fixture gateway;
    test::wire_websocket blind(gateway.port()), admin(gateway.port());
    blind.connect(test::gateway_token, {"operator.pairing"});
    admin.connect(test::gateway_token);
    ASSERT_EQ(admin.call("cron.add", job("n"))["ok"], true);
    // Whatever came before this answer has been seen.
    EXPECT_EQ(blind.call("health")["ok"], true);
    for (const auto& m : blind.seen) EXPECT_NE(m.value("event", ""), "cron");
}

}  // namespace
}  // namespace openclaw
