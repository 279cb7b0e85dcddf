#include "ingress/presence.hpp"

#include <algorithm>
#include <utility>

namespace openclaw::ingress {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{1'000};
constexpr milliseconds longest_pause{60'000};
constexpr std::size_t max_rate = 4 << 20;   // bytes a second, to all together

// Two rows of the same client, which names itself.
bool are_one(const json& a, const json& b) { return a.value("instanceId", "") == b.value("instanceId", "-"); }

// Who is told of.
std::string name_of_told(const json& entry) {
    for (const char* by : {"instanceId", "deviceId", "host"}) {
        if (const auto name = entry.find(by); name != entry.end()) return by + name->get<std::string>();
    }
    return string_or(entry, "text");
}

std::int64_t told_at(const json& entry) { return entry["ts"].get<std::int64_t>(); }

}  // namespace

json presence_entry(const connect_grant& client, const std::string& connection, const std::string& ip,
                    std::int64_t now_ms) {
    const bool node = client.role == "node";
    const bool people = client.client_mode == "ui" || client.client_mode == "webchat";
    if (!node && !(people && client.who.allows(scope::read))) return nullptr;
    const auto& host = client.display_name.empty() ? client.client_id : client.display_name;
    json row{{"ts", now_ms},
             {"onlineSince", now_ms},
             {"reason", "connect"},
             {"text", (node ? "Node: " : "Client: ") + host + ", version " + client.client_version},
             {"roles", {client.role}},
             {"scopes", client.who.scopes().names()}};
    const std::pair<const char*, const std::string&> known[] = {
        {"host", host},
        {"ip", ip},
        {"version", client.client_version},
        {"platform", client.platform},
        {"deviceFamily", client.device_family},
        {"mode", client.client_mode},
        {"deviceId", client.device_id},
        {"instanceId", client.instance_id.empty() ? connection : client.instance_id}};
    for (const auto& [name, value] : known) {
        if (!value.empty()) row[name] = value;
    }
    return row;
}

presence_board::ticket presence_board::enter(json entry) {
    ticket t = 0;
    {
        std::lock_guard lock(mutex_);
        t = ++last_;
        present_.emplace_hint(present_.end(), t, std::move(entry));
        ++version_;
    }
    news_.open();
    return t;
}

void presence_board::leave(ticket t, std::int64_t now_ms) {
    {
        std::lock_guard lock(mutex_);
        auto found = present_.extract(t);
        if (!found) return;
        ++version_;
        if (gone_.size() < max_listed) {
            gone_.push_back(std::move(found.mapped()));
            gone_.back()["reason"] = "disconnect";
            gone_.back()["ts"] = now_ms;
        }
    }
    news_.open();
}

void presence_board::tell(json entry) {
    {
        std::lock_guard lock(mutex_);
        auto name = name_of_told(entry);
        if (told_.size() >= max_told && !told_.contains(name)) {
            told_.erase(std::ranges::min_element(
                told_, {}, [](const auto& row) { return told_at(row.second); }));
        }
        told_.insert_or_assign(std::move(name), std::move(entry));
        ++version_;
    }
    news_.open();
}

void presence_board::forget_told(std::int64_t before_ms) {
    std::size_t gone = 0;
    {
        std::lock_guard lock(mutex_);
        gone = std::erase_if(told_, [&](const auto& row) { return told_at(row.second) < before_ms; });
        if (gone > 0) ++version_;
    }
    if (gone > 0) news_.open();
}

presence_board::listing presence_board::list() const {
    std::lock_guard lock(mutex_);
    return list_now();
}

presence_board::listing presence_board::news() {
    std::lock_guard lock(mutex_);
    auto out = list_now();
    for (auto& row : std::exchange(gone_, {})) {
        const bool here = std::ranges::any_of(out.entries, [&](const json& e) { return are_one(e, row); });
        if (!here) out.entries.push_back(std::move(row));
    }
    return out;
}

presence_board::listing presence_board::list_now() const {
    listing out;
    out.version = version_;
    for (auto it = present_.begin(); it != present_.end() && out.entries.size() < max_listed; ++it) {
        out.entries.push_back(it->second);
    }
    out.omitted = present_.size() - out.entries.size();
    for (const auto& [name, row] : told_) out.entries.push_back(row);
    return out;
}

std::int64_t presence_board::version() const {
    std::lock_guard lock(mutex_);
    return version_;
}

milliseconds presence_pause(std::size_t bytes, std::size_t hearers) {
    const auto needed = milliseconds(static_cast<std::int64_t>(bytes * hearers * 1000 / max_rate));
    return std::clamp(needed, shortest_pause, longest_pause);
}

}  // namespace openclaw::ingress
