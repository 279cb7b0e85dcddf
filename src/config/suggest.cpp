#include "config/suggest.hpp"

#include <algorithm>
#include <cctype>

namespace openclaw::config {

namespace {

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string_view nearest(std::string_view typed, std::span<const std::string_view> words) {
    // A key of a whole document's length is no typing error; it would only cost time.
    if (typed.empty() || typed.size() > 64) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, typed.size() / 3) + 1;
    for (const auto word : words) {
        const auto distance = edit_distance(typed, word);
        // "Log" for "Logging": a beginning of three letters is a better guess than a few edits.
        const bool begins = typed.size() >= 3 && word.starts_with(typed);
        const auto score = begins ? std::min<std::size_t>(distance, 1) : distance;
        if (score < best_distance && score < std::max(typed.size(), word.size())) {
            best = word;
            best_distance = score;
        }
    }
    return best;
}

} // namespace openclaw::config
