#include "config/field_table.hpp"
#include "config/json5_parser.hpp"
#include "config/support.hpp"

#include "openclaw/config/editor.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

// What is made from the field table, and what the table must hold.
namespace openclaw::config {
namespace {

std::string read(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

// With OPENCLAW_WRITE_GENERATED set the files are written anew, for the author of a new setting.
void expect_generated(const std::string& name, const std::string& text) {
    const auto file = std::string(OPENCLAW_SOURCE_DIR) + "/" + name;
    if (std::getenv("OPENCLAW_WRITE_GENERATED") != nullptr) std::ofstream(file) << text;
    EXPECT_TRUE(read(file) == text)
        << name << " is not what the field table says; write it anew with "
        << "OPENCLAW_WRITE_GENERATED=1 test_config";
}

TEST(Generated, TheManualIsUpToDate) {
    expect_generated("docs/configuration.md", manual_markdown());
}

TEST(Generated, TheSchemaIsUpToDate) {
    expect_generated("config/openclaw.schema.json", json_schema().dump(2) + "\n");
}

TEST(Table, EachRowSaysWhatItDoes) {
    for_each_row([](const std::string& path, const field_node& node) {
        EXPECT_FALSE(node.row->doc.empty()) << path;
        EXPECT_TRUE(node.row->kind != field_kind::choice || !node.row->choices.empty()) << path;
        EXPECT_TRUE(node.row->kind != field_kind::secret || node.row->at != nullptr ||
                    path.starts_with("channels."))
            << path;
    });
}

// A member that a row names by mistake would be set by two rows; those that share one are known.
TEST(Table, EachMemberHasOneRow) {
    settings s;
    std::set<const void*> seen;
    std::set<std::string> twice;
    for_each_row([&](const std::string& path, const field_node& node) {
        if (node.row->at == nullptr || path.find_first_of("*[") != std::string::npos) return;
        const owner o = path.starts_with("agents.defaults") ? owner(&s.agents.defaults) : owner(&s);
        const auto target = node.row->at(o);
        const void* address = std::visit(
            [](auto p) -> const void* {
                if constexpr (std::is_pointer_v<decltype(p)>)
                    return p;
                else
                    return nullptr;
            },
            target);
        if (!seen.insert(address).second) twice.insert(path);
    });
    EXPECT_EQ(twice, (std::set<std::string>{"gateway.network.https.cert.certFile",
                                            "gateway.network.https.key",
                                            "agents.defaults.model.primary"}));
}

// Every default of the table is a value that the table itself accepts.
TEST(Table, ItsDefaultsPass) {
    json all = *get_value(load("{}"), "", false);
    for (const auto* unset : {"token", "oauth"})
        all["gateway"]["auth"].erase(unset);
    const auto loaded = load(dump(all));
    EXPECT_TRUE(loaded.issues.empty()) << show(loaded.issues) << dump(all);
}

TEST(Table, KnowsThePlacesOfItsChoices) {
    const std::pair<const char*, log::level> levels[] = {{"debug", log::level::debug},
                                                         {"info", log::level::info},
                                                         {"warn", log::level::warn},
                                                         {"error", log::level::error},
                                                         {"fatal", log::level::fatal}};
    for (const auto& [word, level] : levels) {
        EXPECT_EQ(load("{ gateway: { logging: { level: '" + std::string(word) + "' } } }")
                      .settings.gateway.logging.level,
                  level);
    }
    const std::pair<const char*, provider_api> apis[] = {
        {"anthropic-messages", provider_api::anthropic_messages},
        {"openai-completions", provider_api::openai_completions},
        {"openai-responses", provider_api::openai_responses},
        {"google-generative-ai", provider_api::google_generative_ai},
        {"ollama", provider_api::ollama},
        {"echo", provider_api::echo}};
    for (const auto& [word, api] : apis) {
        EXPECT_EQ(load("{ models: { providers: { x: { api: '" + std::string(word) + "' } } } }")
                      .settings.providers.at("x")
                      .api,
                  api);
    }
    const std::pair<const char*, auth_type> types[] = {{"token", auth_type::token},
                                                       {"oauth", auth_type::oauth},
                                                       {"disabled", auth_type::disabled},
                                                       {"password", auth_type::password}};
    for (const auto& [word, type] : types) {
        EXPECT_EQ(load("{ gateway: { auth: { type: '" + std::string(word) + "' } } }")
                      .settings.gateway.auth.type,
                  type);
    }
}

} // namespace
} // namespace openclaw::config
