#include "cli/output.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace openclaw::cli {

namespace {

// Characters, as a terminal counts them for the scripts that are one column wide.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

}  // namespace

std::string clean(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (true) {
        const auto end = text.find_first_of("\n\t");
        const auto part = text.substr(0, end);
        out += printable(part, part.size());
        if (end == std::string_view::npos) return out;
        out += text[end];
        text.remove_prefix(end + 1);
    }
}

std::string one_line(std::string_view text) {
    std::string flat(text);
    std::replace_if(flat.begin(), flat.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return printable(flat, flat.size());
}

std::string painted(std::string_view text, paint p, bool colour) {
    static constexpr std::array<std::string_view, 6> codes{"", "1", "2", "32", "33", "31"};
    if (!colour || p == paint::none) return std::string(text);
    return "\x1b[" + std::string(codes[static_cast<std::size_t>(p)]) + "m" + std::string(text) +
           "\x1b[0m";
}

paint paint_of(std::string_view state) {
    for (const auto* good : {"healthy", "connected", "ok", "running", "ready"}) {
        if (state == good) return paint::green;
    }
    for (const auto* bad : {"unhealthy", "failed", "error", "down"}) {
        if (state == bad) return paint::red;
    }
    for (const auto* doubtful : {"degraded", "connecting", "warning", "stopped"}) {
        if (state == doubtful) return paint::yellow;
    }
    return paint::none;
}

std::string age(std::int64_t then_ms, std::int64_t now_ms) {
    if (then_ms <= 0) return "-";
    const auto seconds = std::max<std::int64_t>(0, (now_ms - then_ms) / 1000);
    if (seconds < 60) return std::to_string(seconds) + "s ago";
    if (seconds < 3600) return std::to_string(seconds / 60) + "m ago";
    if (seconds < 86'400) return std::to_string(seconds / 3600) + "h ago";
    return std::to_string(seconds / 86'400) + "d ago";
}

void table::add(const std::vector<std::string>& cells) {
    auto& row = rows_.emplace_back();
    for (const auto& cell : cells) row.push_back(cell.empty() ? "-" : one_line(cell));
    row.resize(head_.size());
}

void table::print(std::ostream& out, bool colour) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < head_.size(); ++i) {
        std::size_t w = width(head_[i]);
        for (const auto& row : rows_) w = std::max(w, width(row[i]));
        widths.push_back(w);
    }
    const auto line = [&](const std::vector<std::string>& cells, bool is_head) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const bool is_state = head_[i] == "STATE" || head_[i] == "STATUS";
            const auto p = is_head ? paint::bold : is_state ? paint_of(cells[i]) : paint::none;
            out << painted(cells[i], p, colour);
            if (i + 1 < cells.size()) out << std::string(widths[i] - width(cells[i]) + 2, ' ');
        }
        out << '\n';
    };
    line(head_, true);
    for (const auto& row : rows_) line(row, false);
}

}  // namespace openclaw::cli
