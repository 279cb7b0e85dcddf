#include "cli/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace openclaw::cli {
namespace {

using testing::HasSubstr;

class config_command : public testing::Test {
protected:
    test::terminal t;

    void write(const std::string& text) {
        std::ofstream(t.config()) << text;
        chmod(t.config().c_str(), 0600);
    }
    std::string file() {
        std::ostringstream text;
        text << std::ifstream(t.config()).rdbuf();
        return text.str();
    }
};

TEST_F(config_command, sets_and_gets_and_keeps_comments) {
    write("{ // mine\n  gateway: { network: { port: 18789 } },\n}\n");
    EXPECT_EQ(t.run({"config", "set", "gateway.network.port", "18790"}), done) << t.err.str();
    EXPECT_EQ(file(), "{ // mine\n  gateway: { network: { port: 18790 } },\n}\n");
    EXPECT_THAT(t.out.str(), HasSubstr("It applies when the gateway starts."));
    EXPECT_EQ(t.run({"config", "get", "gateway.network.port"}), done);
    EXPECT_EQ(t.out.str(), "18790\n");
    EXPECT_EQ(t.run({"config", "unset", "gateway.network.port"}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "get", "gateway.network.port"}), done);
    EXPECT_EQ(t.out.str(), "18789\n") << "the default";
}

TEST_F(config_command, makes_the_file_when_there_is_none) {
    EXPECT_EQ(t.run({"config", "set", "gateway.network.port", "18790"}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "validate"}), done) << t.out.str() << t.err.str();
}

TEST_F(config_command, validate_names_the_jobs_that_would_not_run) {
    write("{ cron: { jobs: [ 'rubbish', { id: 'x', name: 'x', shedule: {} } ] } }\n");
    EXPECT_EQ(t.run({"config", "validate"}), done) << "a start leaves them out";
    EXPECT_THAT(t.out.str(), HasSubstr("a job would not run: cron.jobs[0]: "));
    EXPECT_THAT(t.out.str(), HasSubstr("a job would not run: cron.jobs[1]: "));
}

TEST_F(config_command, validate_says_what_the_start_would) {
    write("{\n  gateway: { auth: { type: 'disabled' }, network: { host: '0.0.0.0' } },\n"
          "  agents: { defaults: { model: 'nope/none' } },\n}\n");
    EXPECT_EQ(t.run({"config", "validate"}), done) << "a flag of the start may allow it";
    EXPECT_THAT(t.out.str(), HasSubstr(":2:28: gateway.auth.type: the gateway does not start like this"));
    EXPECT_THAT(t.out.str(), HasSubstr(":3:32: agents.defaults.model: there is no provider nope"));
}

TEST_F(config_command, goes_back_to_what_was_there) {
    write("{ gateway: { network: { port: 1 } } }\n");
    EXPECT_EQ(t.run({"config", "rollback"}), failed) << "nothing is kept yet";
    EXPECT_EQ(t.run({"config", "set", "gateway.network.port", "2"}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "history"}), done);
    EXPECT_THAT(t.out.str(), HasSubstr("Set gateway.network.port"));
    EXPECT_THAT(t.out.str(), HasSubstr("2 *"));
    EXPECT_EQ(t.run({"config", "diff", "--json"}), done);
    EXPECT_EQ(json::parse(t.out.str()),
              json::parse(R"({"version": 1, "changes": [{"path": "gateway.network.port", "before": "1",
                              "after": "2", "reload": "restart"}]})"));
    EXPECT_EQ(t.run({"config", "rollback", "7"}), failed);
    EXPECT_THAT(t.err.str(), HasSubstr("version 7"));
    EXPECT_EQ(t.run({"config", "rollback"}), done) << t.err.str();
    EXPECT_EQ(file(), "{ gateway: { network: { port: 1 } } }\n");
    EXPECT_EQ(t.run({"config", "rollback", "2"}), done) << t.err.str();
    EXPECT_EQ(file(), "{ gateway: { network: { port: 2 } } }\n");
}

TEST_F(config_command, a_diff_shows_no_secret) {
    write("{ gateway: { auth: { token: 'canary-one-0123456789' } } }\n");
    EXPECT_EQ(t.run({"config", "set", "gateway.auth.token", "canary-two-0123456789"}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "diff"}), done);
    EXPECT_THAT(t.out.str(), HasSubstr("gateway.auth.token"));
    EXPECT_THAT(t.out.str(), testing::Not(HasSubstr("canary")));
}

TEST_F(config_command, applies_a_file_on_trial) {
    write("{ gateway: { network: { port: 1 } } }\n");
    const auto other = t.config().string() + ".new";
    const auto put = [&](const std::string& text) { std::ofstream(other) << text; };
    put("{ gateway: { network: { port: 'x' } } }\n");
    EXPECT_EQ(t.run({"config", "apply", other}), failed);
    EXPECT_THAT(t.err.str(), HasSubstr(other + ":1:31"));
    put("{ gateway: { network: { port: 3 } } }\n");
    EXPECT_EQ(t.run({"config", "apply", other, "--confirm-within", "soon"}), wrong_usage);
    EXPECT_EQ(file(), "{ gateway: { network: { port: 1 } } }\n");
    EXPECT_EQ(t.run({"config", "confirm"}), failed) << "nothing is on trial";
    EXPECT_EQ(t.run({"config", "apply", other, "--confirm-within", "60s"}), done) << t.err.str();
    EXPECT_THAT(t.out.str(), HasSubstr("Confirm within 1m: openclaw config confirm"));
    EXPECT_EQ(file(), "{ gateway: { network: { port: 3 } } }\n");
    EXPECT_EQ(t.run({"config", "history"}), done);
    EXPECT_THAT(t.out.str(), HasSubstr("on trial"));
    EXPECT_EQ(t.run({"config", "confirm"}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "history"}), done);
    EXPECT_THAT(t.out.str(), testing::Not(HasSubstr("on trial")));
}

TEST_F(config_command, refuses_a_value_that_does_not_pass) {
    write("{}\n");
    EXPECT_NE(t.run({"config", "set", "gateway.network.port", "99999"}), done);
    EXPECT_EQ(file(), "{}\n");
    EXPECT_THAT(t.err.str(), HasSubstr("port"));
    EXPECT_THAT(t.err.str(), HasSubstr("error: " + t.config().string() + ":"));
}

TEST_F(config_command, names_the_file_that_is_wrong) {
    write("{ gateway: {\n");
    EXPECT_NE(t.run({"config", "set", "gateway.network.port", "5"}), done);
    EXPECT_THAT(t.err.str(), HasSubstr(t.config().string() + ": line 1"));
    write("{}\n");
    EXPECT_NE(t.run({"config", "unset", "gateway.network.port"}), done);
    EXPECT_THAT(t.err.str(), HasSubstr(t.config().string() + ": gateway.network.port is not set"));
}

TEST_F(config_command, a_text_may_be_set_to_nothing) {
    EXPECT_EQ(t.run({"config", "set", "agents.defaults.systemPrompt", ""}), done) << t.err.str();
    EXPECT_EQ(t.run({"config", "set", "", "5"}), wrong_usage);
    EXPECT_THAT(t.err.str(), HasSubstr("PATH is empty"));
}

TEST_F(config_command, masks_secrets_unless_told) {
    write("{ gateway: { auth: { token: 'abcdefghijklmnopqrstuvwxyz0123456789' } } }\n");
    EXPECT_EQ(t.run({"config", "get", "gateway.auth.token"}), done);
    EXPECT_EQ(t.out.str().find("abcdefghij"), std::string::npos) << t.out.str();
    EXPECT_EQ(t.run({"config", "get", "gateway.auth.token", "--reveal"}), done);
    EXPECT_EQ(t.out.str(), "abcdefghijklmnopqrstuvwxyz0123456789\n");
}

TEST_F(config_command, validate_names_every_problem) {
    write("{ gatway: {}, gateway: { network: { port: 'x' } } }\n");
    EXPECT_EQ(t.run({"config", "validate"}), failed);
    EXPECT_THAT(t.out.str(), HasSubstr("gatway"));
    EXPECT_THAT(t.out.str(), HasSubstr("gateway.network.port"));
    EXPECT_EQ(t.run({"config", "validate", "--json"}), failed);
    const auto document = json::parse(t.out.str());
    EXPECT_FALSE(document.value("valid", true));
    EXPECT_GE(document.value("issues", json::array()).size(), 2U);
}

TEST_F(config_command, schema_is_one_document) {
    EXPECT_EQ(t.run({"config", "schema"}), done);
    EXPECT_TRUE(parse_json(t.out.str(), 64));
}

}  // namespace
}  // namespace openclaw::cli
