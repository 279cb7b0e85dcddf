#include "routing/job_history.hpp"

#include <algorithm>
#include <charconv>

namespace openclaw::routing {

namespace {

// Of one width, so that they sort.
std::string id_of(std::int64_t number) {
    auto digits = std::to_string(number);
    return std::string(12 - std::min<std::size_t>(digits.size(), 12), '0') + digits;
}

std::int64_t number_of(const std::string& id) {
    std::int64_t number = 0;
    const auto* end = id.data() + id.size();
    const auto read = std::from_chars(id.data(), end, number);
    return read.ec == std::errc() && read.ptr == end ? number : 0;
}

store::record record_of(std::int64_t number, std::string body) {
    return {job_history::kind, id_of(number), std::move(body)};
}

}  // namespace

std::vector<store::record> job_history::load(const std::vector<store::record>& rows) {
    std::vector<store::record> drop;
    for (const auto& row : rows) {
        auto entry = parse_json(row.body);
        const auto number = number_of(row.id);
        if (!entry || number == 0) {
            drop.push_back({kind, row.id, {}});
            continue;
        }
        const auto job = string_or(*entry, "jobId");
        rows_.emplace(number, std::move(*entry));
        ++count_[job];
        trim(job, drop);
    }
    return drop;
}

void job_history::add(json entry, change& out) {
    const auto number = rows_.empty() ? 1 : rows_.rbegin()->first + 1;
    const auto job = string_or(entry, "jobId");
    out.put.push_back(record_of(number, dump(entry)));
    rows_.emplace_hint(rows_.end(), number, std::move(entry));
    ++count_[job];
    trim(job, out.drop);
}

void job_history::take_back(const change& c) {
    for (const auto& row : c.put) {
        if (row.kind != kind) continue;
        const auto found = rows_.find(number_of(row.id));
        if (found == rows_.end()) continue;
        --count_[string_or(found->second, "jobId")];
        rows_.erase(found);
    }
}

void job_history::forget(const std::string& job, change& out) {
    for (auto row = rows_.begin(); row != rows_.end();) {
        if (string_or(row->second, "jobId") == job) {
            out.drop.push_back(record_of(row->first, {}));
            row = rows_.erase(row);
        } else {
            ++row;
        }
    }
    count_.erase(job);
}

// One row came: one goes at most.
void job_history::trim(const std::string& job, std::vector<store::record>& drop) {
    auto oldest = rows_.begin();
    if (count_[job] > per_job) {
        oldest = std::find_if(rows_.begin(), rows_.end(),
                              [&](const auto& row) { return string_or(row.second, "jobId") == job; });
    } else if (rows_.size() <= in_all) {
        return;
    }
    const auto whose = count_.find(string_or(oldest->second, "jobId"));
    if (--whose->second == 0) count_.erase(whose);
    drop.push_back(record_of(oldest->first, {}));
    rows_.erase(oldest);
}

bool job_history::has(const std::string& run) const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const auto& row) { return string_or(row.second, "runId") == run; });
}

std::vector<const json*> job_history::list() const {
    std::vector<const json*> out;
    out.reserve(rows_.size());
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) out.push_back(&row->second);
    return out;
}

}  // namespace openclaw::routing
