#include "simulation/trace.hpp"

#include "simulation/virtual_clock.hpp"

#include <cstdio>

namespace openclaw::simulation {

void trace::add(std::string line) {
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(
        virtual_clock::now().time_since_epoch() - std::chrono::hours(1));
    line.insert(0, std::to_string(passed.count()) + " ");
    for (const char c : line) {
        hash_ ^= static_cast<unsigned char>(c);
        hash_ *= 1099511628211U;
    }
    ++size_;
    if (print_) std::puts(line.c_str());
    last_.push_back(std::move(line));
    if (last_.size() > kept) last_.pop_front();
}

}  // namespace openclaw::simulation
