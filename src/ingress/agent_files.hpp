#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

// The files in an agent's workspace that say who it is and what it has to know (protocol.md §8,
// agents.files.*). All here but `workspace_of` blocks. No link is followed within a workspace, nor to
// one in the state folder: what is no regular file counts as none, and is neither read nor replaced.
namespace openclaw::ingress {

constexpr std::size_t max_agent_file = 1 << 20;   // bytes

struct agent_workspace {
    std::filesystem::path folder;
    bool own = false;   // in the state folder, made and named by the gateway; else configured
};
// Pure but for HOME, which "~/" stands for. invalid_input when the configured path is not absolute, or the id
// could not be a part of a path.
result<agent_workspace> workspace_of(const config::agent_settings& agent, const std::filesystem::path& state);

// [{name, path, missing, size?, updatedAtMs?}] of every file that there can be.
result<json> list_agent_files(const agent_workspace& in);
// The same of one, with its content. not_found for a name that is none of these files'; invalid_input
// for what is no regular file or no UTF-8; too_large.
result<json> read_agent_file(const agent_workspace& in, const std::string& name);
// Puts the content in the file's place in one step, so that it is on disk; makes the folder. `token` makes
// the name of the temporary file nobody else's. Errors: as read_agent_file's, disk_full, io.
result<json> write_agent_file(const agent_workspace& in, const std::string& name, std::string_view content,
                              const std::string& token);

// Moves an own workspace into `trash` beside it: {path, method} as agents.delete tells it. A configured
// folder and a link are refused, and left.
result<json> discard_workspace(const agent_workspace& of, std::int64_t now_ms);

}  // namespace openclaw::ingress
