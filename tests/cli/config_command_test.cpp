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
