#include "cli/nearest.hpp"

#include <algorithm>
#include <limits>

namespace openclaw::cli {

namespace {

// Optimal string alignment: edits by one letter and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t k = 0; k <= b.size(); ++k) d[0][k] = k;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t change = a[i - 1] == b[k - 1] ? 0 : 1;
            d[i][k] = std::min({d[i - 1][k] + 1, d[i][k - 1] + 1, d[i - 1][k - 1] + change});
            const bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
            if (swapped) d[i][k] = std::min(d[i][k], d[i - 2][k - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& words) {
    if (typed.size() > 64) return {};
    std::string best;
    std::size_t least = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const auto& word : words) {
        const auto n = distance(typed, word);
        // "stat" for "status": a beginning of three letters counts as near.
        const bool begins = typed.size() >= 3 && word.starts_with(typed);
        if (n >= least && !(begins && best.empty())) continue;
        best = word;
        least = std::min(least, n);
    }
    return best;
}

}  // namespace openclaw::cli
