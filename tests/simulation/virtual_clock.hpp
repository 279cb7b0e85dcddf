#pragma once

#include <chrono>

// The time of the simulation. This program defines the clocks of the C++ library and the timer
// descriptor that Asio's reactor waits with, so that every deadline, timer and reading of a clock in the
// code under test, which knows nothing of it, is on this time. One thread; it stands still unless told.
namespace openclaw::simulation::virtual_clock {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

// Back to the beginning, for a new run.
void reset();
time_point now();
// When the timers of the io_context made last are due next; time_point::max(): there are none.
time_point next_timer();
// That io_context goes, and its descriptor with it.
void forget_timers();
// Moves the time to `to`; what is due by then finds that in the next poll of the io_context.
void move(time_point to);

}  // namespace openclaw::simulation::virtual_clock
