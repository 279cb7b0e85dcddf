// agents.create, update and delete, and agents.files.list, get and set (protocol.md §8). They speak of the
// agents of the configuration file, which run from the next start on; agents.list shows those that run.

#include "ingress/agent_changes.hpp"
#include "ingress/agent_files.hpp"
#include "ingress/config_answers.hpp"
#include "openclaw/config/foreseen.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <functional>
#include <memory>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_name = 128, max_path = 1024, max_model = 256, max_agent = 64;

// A key that has no place in the configuration is named, and so is one that the protocol does not know.
result<void> check_keys(const method_call& c, std::initializer_list<std::string_view> known) {
    if (auto all = refuse_fields(c, {"emoji", "avatar"}); !all) return all;
    for (const auto& [key, value] : c.params.items()) {
        const bool known_empty = key == "emoji" || key == "avatar";
        if (known_empty || std::ranges::find(known, key) != known.end()) continue;
        return bad_params(c, "at root: unexpected property '" + printable(key, 64) + "'");
    }
    return {};
}

std::filesystem::path state_folder(const method_call& c) {
    return c.gateway.d.identity.state_dir;
}

// `workspace` and `model`, as far as they are there.
result<agent_change> change_params(const method_call& c) {
    agent_change out;
    auto workspace = optional_text(c, "workspace", max_path);
    if (!workspace) return workspace.error();
    auto model = optional_text(c, "model", max_model);
    if (!model) return model.error();
    if (!model->empty()) out.model = std::move(*model);
    const auto* given = find(c.params, "workspace");
    if (given != nullptr && given->is_string() && workspace->empty()) {
        return bad_params(c, "at /workspace: must NOT have fewer than 1 characters");
    }
    if (workspace->empty()) return out;
    config::agent_settings wanted;
    wanted.workspace = *workspace;
    if (auto good = workspace_of(wanted, {}); !good) return good.error();
    out.workspace = std::move(*workspace);
    return out;
}

// As sessions.patch has it: an agent that could not answer is not made.
result<void> check_model(const config::settings& settings, const agent_change& change) {
    if (!change.model || change.model->empty()) return {};
    if (auto missing = config::missing_model(settings, *change.model)) return std::move(*missing);
    return {};
}

// Writes what `make` makes of the file.
task<result<config::edited>> rewrite(method_call& c, config::text_maker make, config_desk::listener written) {
    auto done = co_await c.gateway.config_file.rewrite(c.who, std::move(make), std::move(written));
    if (done && !done->refused.empty()) co_return refused_config(c, done->refused);
    if (done) co_await take_up_config(c, *done);
    co_return done;
}

// Whether a path is `folder`, or lies in it.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto ends = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return ends.first == folder.end();
}

// The same by where links lead. A path that cannot be followed counts: what may be in use stays.
bool leads_into(const std::filesystem::path& path, const std::filesystem::path& folder) {
    std::error_code of_path, of_folder;
    const auto real = std::filesystem::weakly_canonical(path, of_path);
    const auto real_folder = std::filesystem::weakly_canonical(folder, of_folder);
    return lies_in(path, folder) || of_path || of_folder || lies_in(real, real_folder);
}

// What becomes of the files of an agent that is deleted.
class leaving_files {
public:
    // Nothing is left to do for a workspace that cannot be named.
    void plan(const config::settings& before, const std::string& id, const std::filesystem::path& state) {
        const auto agents = agents_in(before);
        const auto leaving = std::ranges::find(agents, id, &config::agent_settings::id);
        const auto its = leaving == agents.end() ? result<agent_workspace>(error())
                                                 : workspace_of(*leaving, state);
        if (!its) return;
        workspace_ = *its;
        for (const auto& other : agents) {
            const auto others = workspace_of(other, state);
            if (other.id == id || !others || !leads_into(others->folder, its->folder)) continue;
            shared_with_ = other.id;
        }
    }
    void discard(std::int64_t now_ms) {
        if (!workspace_) return;
        auto done = shared_with_.empty()
                        ? discard_workspace(*workspace_, now_ms)
                        : error(errc::conflict, "agent \"" + shared_with_ + "\" works there too");
        if (done) removed_.push_back(std::move(*done));
        else failed_.push_back({{"path", workspace_->folder.string()}, {"reason", done.error().to_string()}});
    }
    void tell(json& answer) const {
        answer["removed"] = removed_;
        answer["failed"] = failed_;
    }

private:
    std::optional<agent_workspace> workspace_;
    std::string shared_with_;
    json removed_ = json::array(), failed_ = json::array();
};

// The workspace of the agent that `agentId` names in the configuration file.
task<result<agent_workspace>> workspace_of_call(method_call& c, const std::string& id) {
    const auto now = co_await c.gateway.config_file.load();
    if (!now) co_return now.error();
    if (!now->ok()) co_return refused_config(c, now->issues);
    const auto agent = find_agent(now->settings, id);
    if (!agent) co_return agent.error();
    co_return workspace_of(*agent, state_folder(c));
}

// The answer about files, with what `work` says of them as `member`.
using file_work = std::function<result<json>(const agent_workspace& in)>;
task<result<json>> about_files(method_call& c, const char* member, file_work work) {
    auto id = required_text(c, "agentId", max_agent);
    if (!id) co_return id.error();
    auto in = co_await workspace_of_call(c, *id);
    if (!in) co_return in.error();
    auto beside = [in = *in, work = std::move(work)] { return work(in); };
    auto done = co_await c.gateway.beside.run(std::move(beside));
    if (!done) co_return done.error();
    co_return json{{"agentId", *id}, {"workspace", in->folder.string()}, {member, std::move(*done)}};
}

}  // namespace

task<result<json>> call_agents_create(method_call c) {
    if (auto known = check_keys(c, {"name", "workspace", "model"}); !known) co_return known.error();
    auto name = required_text(c, "name", max_name);
    if (!name) co_return name.error();
    auto id = agent_id_of(*name);
    if (!id) co_return id.error();
    auto change = change_params(c);
    if (!change) co_return change.error();
    const auto workspace = std::make_shared<std::string>();
    config::text_maker make = [id = *id, change = *change, state = state_folder(c),
                               workspace](const config::load_outcome& now) -> result<std::string> {
        if (auto there = check_model(now.settings, change); !there) return there.error();
        auto made = now.settings.agents.defaults;
        made.id = id;
        if (change.workspace) made.workspace = *change.workspace;
        const auto its = workspace_of(made, state);
        if (!its) return its.error();
        *workspace = its->folder.string();
        return with_new_agent(now, id, change);
    };
    auto written = config_teller(c, c.method);
    auto done = co_await rewrite(c, std::move(make), std::move(written));
    if (!done) co_return done.error();
    json answer{{"ok", true}, {"agentId", *id}, {"name", *id}, {"workspace", *workspace}};
    if (change->model) answer["model"] = *change->model;
    co_return answer;
}

task<result<json>> call_agents_update(method_call c) {
    auto known = check_keys(c, {"agentId", "name", "workspace", "model"});
    if (!known) co_return known.error();
    auto id = required_text(c, "agentId", max_agent);
    if (!id) co_return id.error();
    auto name = optional_text(c, "name", max_name);
    if (!name) co_return name.error();
    if (!name->empty() && *name != *id) {
        co_return error(errc::invalid_input, "`name` is not in effect in this version",
                        "An agent is called by its id.");
    }
    auto change = change_params(c);
    if (!change) co_return change.error();
    const auto is_null = [&c](const char* param) {
        const auto* value = find(c.params, param);
        return value != nullptr && value->is_null();
    };
    if (is_null("model")) change->model = "";
    if (is_null("workspace")) change->workspace = "";
    config::text_maker make = [id = *id,
                               change = *change](const config::load_outcome& now) -> result<std::string> {
        if (auto there = check_model(now.settings, change); !there) return there.error();
        return with_changed_agent(now, id, change);
    };
    auto written = config_teller(c, c.method);
    auto done = co_await rewrite(c, std::move(make), std::move(written));
    if (!done) co_return done.error();
    co_return json{{"ok", true}, {"agentId", *id}};
}

task<result<json>> call_agents_delete(method_call c) {
    if (auto known = check_keys(c, {"agentId", "deleteFiles"}); !known) co_return known.error();
    auto id = required_text(c, "agentId", max_agent);
    if (!id) co_return id.error();
    auto with_files = optional_bool(c, "deleteFiles", true);
    if (!with_files) co_return with_files.error();
    const auto files = std::make_shared<leaving_files>();
    const auto bindings = std::make_shared<std::size_t>(0);
    config::text_maker make = [id = *id, with_files = *with_files, state = state_folder(c), files,
                               bindings](const config::load_outcome& now) -> result<std::string> {
        auto out = with_agent_removed(now, id);
        if (!out) return out.error();
        *bindings = out->removed_bindings;
        if (with_files) files->plan(now.settings, id, state);
        return std::move(out->text);
    };
    // Also when the caller has gone: a folder that nobody's agent has would stay.
    config_desk::listener written = [tell = config_teller(c, c.method), files,
                                     &time = c.gateway.d.time](const config::edited& e) {
        tell(e);
        files->discard(time.unix_ms());
    };
    auto done = co_await rewrite(c, std::move(make), std::move(written));
    if (!done) co_return done.error();
    json answer{{"ok", true}, {"agentId", *id}, {"removedBindings", *bindings}};
    if (*with_files) files->tell(answer);
    co_return answer;
}

task<result<json>> call_agents_files_list(method_call c) {
    file_work work = list_agent_files;
    co_return co_await about_files(c, "files", std::move(work));
}

task<result<json>> call_agents_files_get(method_call c) {
    auto name = required_text(c, "name", max_name);
    if (!name) co_return name.error();
    file_work work = [name = *name](const agent_workspace& in) { return read_agent_file(in, name); };
    co_return co_await about_files(c, "file", std::move(work));
}

task<result<json>> call_agents_files_set(method_call c) {
    auto name = required_text(c, "name", max_name);
    if (!name) co_return name.error();
    const auto* content = find(c.params, "content");
    if (content == nullptr) co_return bad_params(c, "must have required property 'content'");
    if (!content->is_string()) co_return bad_params(c, "at /content: must be string");
    file_work work = [name = *name, text = content->get<std::string>(),
                      token = make_hex_token(c.gateway.d.random, 8)](const agent_workspace& in) {
        return write_agent_file(in, name, text, token);
    };
    auto answer = co_await about_files(c, "file", std::move(work));
    if (answer) (*answer)["ok"] = true;
    co_return answer;
}

}  // namespace openclaw::ingress
