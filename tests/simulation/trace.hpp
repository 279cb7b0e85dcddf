#pragma once

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

namespace openclaw::simulation {

// Something happened that must not.
struct violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What happened in a run, in order. Two runs of a seed have the same hash, or something in the code
// under test depends on more than its input.
class trace {
public:
    explicit trace(bool print) : print_(print) {}

    // With the time of the run in front.
    void add(std::string line);
    std::uint64_t hash() const { return hash_; }
    std::size_t size() const { return size_; }
    // The newest lines.
    const std::deque<std::string>& last() const { return last_; }

private:
    static constexpr std::size_t kept = 60;
    bool print_;
    std::uint64_t hash_ = 14695981039346656037U;   // FNV-1a
    std::size_t size_ = 0;
    std::deque<std::string> last_;
};

}  // namespace openclaw::simulation
