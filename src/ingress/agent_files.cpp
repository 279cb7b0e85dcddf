#include "ingress/agent_files.hpp"

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/model/session_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace openclaw::ingress {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> names{"AGENTS.md", "SOUL.md",      "TOOLS.md",     "IDENTITY.md",
                                                "USER.md",   "HEARTBEAT.md", "BOOTSTRAP.md", "MEMORY.md"};
constexpr mode_t private_folder = 0700, private_file = 0600;

error failed(const char* what, const fs::path& at) {
    return from_errno(errno, std::string(what) + " " + at.string());
}

error no_regular_file(const fs::path& at) {
    return error(errc::invalid_input, at.string() + " is no regular file",
                 "Links are not followed; put the file itself there.");
}

result<void> check_name(const std::string& name) {
    if (std::ranges::find(names, name) != names.end()) return {};
    std::string known;
    for (const auto n : names) known += (known.empty() ? "" : ", ") + std::string(n);
    return error(errc::not_found, "unsupported file \"" + printable(name, 64) + "\"",
                 "There are " + known + ".");
}

// not_found when it is not there.
result<descriptor> open_folder(const agent_workspace& of) {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (of.own ? O_NOFOLLOW : 0);
    descriptor fd(::open(of.folder.c_str(), flags));
    if (fd) return fd;
    if (errno == ENOTDIR || errno == ELOOP) {
        return error(errc::invalid_input, "the workspace " + of.folder.string() + " is no folder",
                     of.own ? "A link is not followed; configure its target as the `workspace`." : "");
    }
    return failed("cannot open the workspace", of.folder);
}

result<descriptor> open_or_make_folder(const agent_workspace& of) {
    auto known = open_folder(of);
    if (known || known.error().code != errc::not_found) return known;
    if (::mkdir(of.folder.c_str(), private_folder) != 0 && errno != EEXIST) {
        return failed("cannot make the workspace", of.folder);
    }
    const descriptor above(::open(of.folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above || ::fsync(above.get()) != 0) return failed("cannot sync", of.folder.parent_path());
    return open_folder(of);
}

json entry_of(const agent_workspace& in, std::string_view name, const struct stat* there) {
    json entry{{"name", name}, {"path", (in.folder / name).string()}, {"missing", there == nullptr}};
    if (there == nullptr) return entry;
    entry["size"] = there->st_size;
    entry["updatedAtMs"] =
        std::int64_t{there->st_mtim.tv_sec} * 1000 + there->st_mtim.tv_nsec / 1'000'000;
    return entry;
}

result<std::string> read_text(const descriptor& fd, const fs::path& at) {
    std::string text(max_agent_file + 1, '\0');
    std::size_t used = 0;
    while (used < text.size()) {
        const auto n = ::read(fd.get(), text.data() + used, text.size() - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("cannot read", at);
        if (n == 0) break;
        used += static_cast<std::size_t>(n);
    }
    if (used > max_agent_file) {
        return error(errc::too_large,
                     at.string() + " is longer than " + std::to_string(max_agent_file) + " bytes");
    }
    text.resize(used);
    if (!is_utf8(text)) return error(errc::invalid_input, at.string() + " is no UTF-8 text");
    return text;
}

result<void> write_text(const descriptor& fd, std::string_view text, mode_t mode, const fs::path& at) {
    while (!text.empty()) {
        const auto n = ::write(fd.get(), text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("cannot write", at);
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fchmod(fd.get(), mode) != 0) return failed("cannot set the mode of", at);
    if (::fsync(fd.get()) != 0) return failed("cannot sync", at);
    return {};
}

// What the file in the way has as its mode, or what a new one gets.
result<mode_t> mode_for(const descriptor& folder, const std::string& name, const fs::path& at) {
    struct stat info {};
    if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) return failed("cannot look at", at);
        return private_file;
    }
    if (!S_ISREG(info.st_mode)) return no_regular_file(at);
    return info.st_mode & 0777;
}

}  // namespace

result<agent_workspace> workspace_of(const config::agent_settings& agent, const fs::path& state) {
    if (agent.workspace.empty()) {
        if (!is_valid_id(agent.id)) {
            return error(errc::invalid_input, "an agent called \"" + printable(agent.id, 64) +
                                                  "\" has no folder of its own",
                         "Configure its `workspace`.");
        }
        // The names that the published gateway gives them, so that its folders are found.
        return agent_workspace{state / (agent.id == "main" ? "workspace" : "workspace-" + agent.id), true};
    }
    fs::path folder = agent.workspace;
    const char* home = agent.workspace.starts_with("~/") ? std::getenv("HOME") : nullptr;
    if (home != nullptr) folder = fs::path(home) / agent.workspace.substr(2);
    if (!folder.is_absolute() || agent.workspace.find('\0') != std::string::npos) {
        return error(errc::invalid_input,
                     "the workspace \"" + printable(agent.workspace, 200) + "\" is no absolute path",
                     "Write it from / or ~/ on.");
    }
    return agent_workspace{folder.lexically_normal(), false};
}

result<json> list_agent_files(const agent_workspace& in) {
    const auto folder = open_folder(in);
    if (!folder && folder.error().code != errc::not_found) return folder.error();
    json list = json::array();
    for (const auto name : names) {
        struct stat info {};
        const bool there = folder &&
                           ::fstatat(folder->get(), name.data(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                           S_ISREG(info.st_mode);
        list.push_back(entry_of(in, name, there ? &info : nullptr));
    }
    return list;
}

result<json> read_agent_file(const agent_workspace& in, const std::string& name) {
    if (auto known = check_name(name); !known) return known.error();
    const auto at = in.folder / name;
    const auto folder = open_folder(in);
    if (!folder && folder.error().code != errc::not_found) return folder.error();
    if (!folder) return entry_of(in, name, nullptr);
    // Without O_NONBLOCK a pipe in the file's place would hang the thread.
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const descriptor fd(::openat(folder->get(), name.c_str(), flags));
    if (!fd && errno == ENOENT) return entry_of(in, name, nullptr);
    if (!fd && errno == ELOOP) return no_regular_file(at);
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) return failed("cannot read", at);
    if (!S_ISREG(info.st_mode)) return no_regular_file(at);
    auto text = read_text(fd, at);
    if (!text) return text.error();
    auto entry = entry_of(in, name, &info);
    entry["content"] = std::move(*text);
    return entry;
}

result<json> write_agent_file(const agent_workspace& in, const std::string& name, std::string_view content,
                              const std::string& token) {
    if (auto known = check_name(name); !known) return known.error();
    if (content.size() > max_agent_file) {
        return error(errc::too_large,
                     name + " may have " + std::to_string(max_agent_file) + " bytes at most");
    }
    const auto at = in.folder / name;
    const auto folder = open_or_make_folder(in);
    if (!folder) return folder.error();
    const auto mode = mode_for(*folder, name, at);
    if (!mode) return mode.error();
    const auto fresh = "." + name + "." + token;
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const descriptor fd(::openat(folder->get(), fresh.c_str(), flags, private_file));
    if (!fd) return failed("cannot write beside", at);
    auto written = write_text(fd, content, *mode, at);
    if (written && ::renameat(folder->get(), fresh.c_str(), folder->get(), name.c_str()) != 0) {
        written = failed("cannot replace", at);
    }
    if (!written) {
        ::unlinkat(folder->get(), fresh.c_str(), 0);
        return written.error();
    }
    struct stat info {};
    if (::fsync(folder->get()) != 0 || ::fstat(fd.get(), &info) != 0) return failed("cannot sync", in.folder);
    return entry_of(in, name, &info);
}

result<json> discard_workspace(const agent_workspace& of, std::int64_t now_ms) {
    if (!of.own) {
        return error(errc::invalid_input, "not the gateway's own: it is configured, so it stays");
    }
    const json missing{{"path", of.folder.string()}, {"method", "missing"}};
    const auto folder = open_folder(of);
    if (!folder && folder.error().code == errc::not_found) return missing;
    if (!folder) return folder.error();
    const agent_workspace trash{of.folder.parent_path() / "trash", true};
    const auto into = open_or_make_folder(trash);
    if (!into) return into.error();
    const auto name = of.folder.filename().string() + "-" + std::to_string(now_ms);
    // A rename moves what stands there, and a link itself should one stand there by now.
    if (::renameat2(AT_FDCWD, of.folder.c_str(), into->get(), name.c_str(), RENAME_NOREPLACE) != 0) {
        return failed("cannot move to the trash", of.folder);
    }
    return json{{"path", of.folder.string()}, {"method", "trash"}};
}

}  // namespace openclaw::ingress
