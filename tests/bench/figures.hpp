#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace openclaw::bench {

// The value that `share` of the figures do not exceed; 0 when there are none.
inline double percentile(std::vector<double> figures, double share) {
    if (figures.empty()) return 0;
    std::sort(figures.begin(), figures.end());
    const auto last = static_cast<double>(figures.size() - 1);
    return figures[static_cast<std::size_t>(last * share + 0.5)];
}

}  // namespace openclaw::bench
