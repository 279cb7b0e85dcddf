// Lists of what this gateway does not have: an empty answer in the protocol's shape is the truth.
// What would change such a thing is not a method here.

#include "ingress/methods.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

struct fixed_answer {
    std::string_view method;
    std::string_view payload;   // JSON
};

constexpr std::array answers{
    fixed_answer{"artifacts.list", R"({"artifacts":[]})"},
    fixed_answer{"environments.list", R"({"environments":[]})"},
    fixed_answer{"exec.approval.list", "[]"},
    fixed_answer{"hooks.status", R"({"workspaceDir":"","managedHooksDir":"","hooks":[]})"},
    fixed_answer{"last-heartbeat", "null"},
    fixed_answer{"plugin.approval.list", "[]"},
    fixed_answer{"plugins.list",
                 R"({"plugins":[],"diagnostics":[],"mutationAllowed":false,"generation":0})"},
    fixed_answer{"projects.list", R"({"projects":[]})"},
    fixed_answer{"question.list", R"({"questions":[]})"},
    fixed_answer{"secrets.store.list", R"({"entries":[]})"},
    fixed_answer{"sessions.groups.list", R"({"groups":[],"sectionOrder":[]})"},
    fixed_answer{"talk.config", R"({"config":{}})"},
    fixed_answer{"taskSuggestions.list", R"({"suggestions":[]})"},
    fixed_answer{"tasks.list", R"({"tasks":[]})"},
    fixed_answer{"terminal.list", R"({"sessions":[]})"},
    fixed_answer{"tts.status", R"({"enabled":false,"provider":""})"},
    fixed_answer{"update.status", R"({"sentinel":null,"updateAvailable":null})"},
    fixed_answer{"voicewake.get", R"({"triggers":[]})"},
};

}  // namespace

task<result<json>> call_empty(method_call c) {
    const auto found = std::find_if(answers.begin(), answers.end(),
                                    [&](const auto& a) { return a.method == c.method; });
    if (found == answers.end()) co_return error(errc::internal, "no answer for " + c.method);
    co_return parse_json(found->payload);
}

task<result<json>> call_usage_status(method_call c) {
    co_return json{{"updatedAt", c.gateway.d.time.unix_ms()}, {"providers", json::array()}};
}

task<result<json>> call_skills_status(method_call c) {
    auto agent = agent_param(c);
    if (!agent) co_return agent.error();
    co_return json{{"workspaceDir", ""},
                   {"managedSkillsDir", ""},
                   {"agentId", *agent},
                   {"skills", json::array()}};
}

}  // namespace openclaw::ingress
