#include "ingress/log_tail.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <string_view>

namespace openclaw::ingress {

namespace {

// The bytes of the file from `begin` to `end`, or fewer when it has become shorter.
std::string read_part(std::ifstream& in, std::int64_t begin, std::int64_t end) {
    std::string part(static_cast<std::size_t>(end - begin), '\0');
    in.seekg(begin);
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    part.resize(static_cast<std::size_t>(in.gcount()));
    return part;
}

// The newest `limit` lines of `text`; `cut` when there are more.
json newest_lines(std::string_view text, std::size_t limit, bool& cut) {
    std::deque<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end > 0) lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (lines.size() > limit) {
            lines.pop_front();
            cut = true;
        }
    }
    json out = json::array();
    for (const auto line : lines) out.push_back(line);
    return out;
}

}  // namespace

result<json> tail_log(const log_query& q) {
    json out{{"file", q.file}, {"cursor", 0}, {"size", 0}, {"lines", json::array()}};
    if (q.file.empty()) return out;
    std::ifstream in(q.file, std::ios::binary | std::ios::ate);
    if (!in) return error(errc::io, "the log file cannot be read", "Look at gateway.logging.file.");
    const std::int64_t size = in.tellg();
    const bool reset = q.cursor && *q.cursor > size;
    const bool follows = q.cursor && !reset;
    const auto from = follows ? *q.cursor : 0;
    const auto begin = std::max(from, size - q.max_bytes);
    auto part = read_part(in, begin, size);
    bool cut = follows && begin > from;
    // Begun in the middle of a line: that line is left out.
    std::size_t first = 0;
    if (begin > from) {
        const auto end = part.find('\n');
        first = end == std::string::npos ? part.size() : end + 1;
    }
    const auto last = part.rfind('\n');
    const auto whole = last == std::string::npos ? 0 : last + 1;
    std::string_view text = part;
    text = first < whole ? text.substr(first, whole - first) : std::string_view();
    out["lines"] = newest_lines(text, q.limit, cut);
    // A line longer than what is looked at does not hold the reader up.
    const bool stuck = whole == 0 && std::ssize(part) >= q.max_bytes;
    out["cursor"] = begin + (stuck ? std::ssize(part) : static_cast<std::int64_t>(whole));
    out["size"] = size;
    if (cut) out["truncated"] = true;
    if (reset) out["reset"] = true;
    return out;
}

}  // namespace openclaw::ingress
