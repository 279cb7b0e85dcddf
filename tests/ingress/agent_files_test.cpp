// The files of a workspace: which there are, and that nothing else is reached through them.

#include "support/temp_dir.hpp"

#include "ingress/agent_files.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace openclaw::ingress {
namespace {

namespace fs = std::filesystem;

class agent_files : public testing::Test {
protected:
    static std::string text_of(const fs::path& file) {
        std::ostringstream out;
        out << std::ifstream(file).rdbuf();
        return out.str();
    }
    static void put(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
    json row(const std::string& name) const {
        const auto list = list_agent_files(own);
        if (!list) return list.error().to_string();
        for (const auto& one : *list) {
            if (one["name"] == name) return one;
        }
        return nullptr;
    }
    result<json> write(const std::string& text) const { return write_agent_file(own, "SOUL.md", text, "t1"); }

    test::temp_dir state, outside;
    agent_workspace own{state.path() / "workspace-a", true};
    fs::path soul = own.folder / "SOUL.md";
};

TEST_F(agent_files, are_missing_at_first) {
    const auto list = list_agent_files(own);
    ASSERT_TRUE(list) << list.error().to_string();
    EXPECT_EQ(list->size(), 8u);
    for (const auto& one : *list) {
        EXPECT_EQ(one["missing"], true);
        EXPECT_EQ(one["path"], (own.folder / one["name"].get<std::string>()).string());
    }
    const auto none = read_agent_file(own, "SOUL.md");
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, json({{"name", "SOUL.md"}, {"path", soul.string()}, {"missing", true}}));
    EXPECT_FALSE(fs::exists(own.folder)) << "reading makes nothing";
}

TEST_F(agent_files, are_written_and_read_back) {
    const auto first = write("I am\n");
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_EQ((*first)["size"], 5);
    EXPECT_EQ((*first)["missing"], false);
    EXPECT_GT((*first)["updatedAtMs"], 1'600'000'000'000);
    EXPECT_EQ(fs::status(own.folder).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(soul).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    fs::permissions(soul, fs::perms(0644));
    ASSERT_TRUE(write("I was\n"));
    EXPECT_EQ(fs::status(soul).permissions(), fs::perms(0644)) << "its owner's choice";
    const auto read = read_agent_file(own, "SOUL.md");
    ASSERT_TRUE(read);
    EXPECT_EQ((*read)["content"], "I was\n");
    EXPECT_EQ(row("SOUL.md")["size"], 6);
    EXPECT_EQ(row("SOUL.md").contains("content"), false);
    EXPECT_EQ(std::distance(fs::directory_iterator(own.folder), {}), 1) << "no temporary file stays";
    ASSERT_TRUE(write(""));
    EXPECT_EQ((*read_agent_file(own, "SOUL.md"))["content"], "");
}

TEST_F(agent_files, have_no_other_names) {
    fs::create_directory(own.folder);
    put(state.path() / "secret", "canary");
    put(own.folder / "other.md", "canary");
    const std::vector<std::string> wrong{"",           ".",          "..",       "other.md",
                                         "../secret",  "soul.md",    "/SOUL.md", "./SOUL.md",
                                         "SOUL.md/",   "a/SOUL.md",  "SOUL.md ", std::string("SOUL.md\0x", 9),
                                         "../workspace-a/SOUL.md", (state.path() / "secret").string()};
    for (const auto& name : wrong) {
        EXPECT_EQ(read_agent_file(own, name).error().code, errc::not_found) << name;
        EXPECT_EQ(write_agent_file(own, name, "x", "t").error().code, errc::not_found) << name;
    }
    EXPECT_EQ(text_of(state.path() / "secret"), "canary");
}

TEST_F(agent_files, are_no_links) {
    fs::create_directory(own.folder);
    const auto target = outside.path() / "target";
    put(target, "canary");
    fs::create_symlink(target, soul);
    EXPECT_EQ(row("SOUL.md")["missing"], true);
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::invalid_input);
    EXPECT_EQ(write("x").error().code, errc::invalid_input);
    EXPECT_EQ(text_of(target), "canary");
    EXPECT_TRUE(fs::is_symlink(soul));
}

TEST_F(agent_files, are_no_folders_and_no_pipes) {
    fs::create_directories(soul);
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::invalid_input);
    EXPECT_EQ(write("x").error().code, errc::invalid_input);
    fs::remove(soul);
    ASSERT_EQ(mkfifo(soul.c_str(), 0600), 0);
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::invalid_input) << "and does not wait";
    EXPECT_EQ(write("x").error().code, errc::invalid_input);
    EXPECT_EQ(row("SOUL.md")["missing"], true);
}

TEST_F(agent_files, are_not_behind_a_linked_folder_of_the_gateway) {
    fs::create_directory_symlink(outside.path(), own.folder);
    put(outside.path() / "SOUL.md", "canary");
    EXPECT_EQ(list_agent_files(own).error().code, errc::invalid_input);
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::invalid_input);
    EXPECT_EQ(write("x").error().code, errc::invalid_input);
    EXPECT_EQ(discard_workspace(own, 1).error().code, errc::invalid_input);
    EXPECT_EQ(text_of(outside.path() / "SOUL.md"), "canary");
    const agent_workspace chosen{own.folder, false};
    EXPECT_TRUE(read_agent_file(chosen, "SOUL.md")) << "who configures a link means it";
}

TEST_F(agent_files, have_a_size) {
    ASSERT_TRUE(write(std::string(max_agent_file, 'x')));
    EXPECT_TRUE(read_agent_file(own, "SOUL.md"));
    EXPECT_EQ(write(std::string(max_agent_file + 1, 'x')).error().code, errc::too_large);
    std::ofstream(soul, std::ios::app) << "x";
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::too_large);
    put(soul, "\xff");
    EXPECT_EQ(read_agent_file(own, "SOUL.md").error().code, errc::invalid_input);
}

TEST_F(agent_files, go_to_the_trash_as_a_whole) {
    EXPECT_EQ((*discard_workspace(own, 7))["method"], "missing");
    ASSERT_TRUE(write("mine"));
    const auto link = own.folder / "link";
    fs::create_directory_symlink(outside.path(), link);
    put(outside.path() / "kept", "canary");
    const auto gone = discard_workspace(own, 7);
    ASSERT_TRUE(gone) << gone.error().to_string();
    EXPECT_EQ(*gone, json({{"path", own.folder.string()}, {"method", "trash"}}));
    EXPECT_FALSE(fs::exists(own.folder));
    EXPECT_EQ(text_of(state.path() / "trash" / "workspace-a-7" / "SOUL.md"), "mine");
    EXPECT_EQ(text_of(outside.path() / "kept"), "canary");
    ASSERT_TRUE(write("again"));
    EXPECT_FALSE(discard_workspace(own, 7)) << "what is in the trash is not replaced";
    EXPECT_EQ(text_of(soul), "again");
}

TEST_F(agent_files, stay_where_they_were_configured_to_be) {
    const agent_workspace chosen{outside.path(), false};
    EXPECT_EQ(discard_workspace(chosen, 1).error().code, errc::invalid_input);
    EXPECT_TRUE(fs::exists(outside.path()));
    ASSERT_TRUE(write("mine"));
    fs::create_directory_symlink(outside.path(), state.path() / "trash");
    EXPECT_FALSE(discard_workspace(own, 1)) << "the trash is no link either";
    EXPECT_TRUE(fs::is_empty(outside.path()));
}

TEST(agent_workspace_of, is_configured_or_named_by_the_id) {
    const auto folder = [](const std::string& id, const std::string& configured) {
        config::agent_settings agent;
        agent.id = id;
        agent.workspace = configured;
        const auto found = workspace_of(agent, "/state");
        return found ? found->folder.string() + (found->own ? " own" : "") : std::string("refused");
    };
    EXPECT_EQ(folder("main", ""), "/state/workspace own");
    EXPECT_EQ(folder("work", ""), "/state/workspace-work own");
    EXPECT_EQ(folder("..", ""), "refused");
    EXPECT_EQ(folder("a/b", ""), "refused");
    EXPECT_EQ(folder("work", "/srv/../srv/w"), "/srv/w");
    const char* home = std::getenv("HOME");
    EXPECT_EQ(folder("work", "~/w"), home == nullptr ? "refused" : std::string(home) + "/w");
    EXPECT_EQ(folder("work", "w"), "refused");
    EXPECT_EQ(folder("work", "~other/w"), "refused");
    EXPECT_EQ(folder("work", std::string("/srv\0/w", 7)), "refused");
}

}  // namespace
}  // namespace openclaw::ingress
