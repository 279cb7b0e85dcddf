#include "simulation/virtual_clock.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>

namespace openclaw::simulation::virtual_clock {

namespace {

using namespace std::chrono_literals;

constexpr duration beginning = 1h;
constexpr auto first_day = 1'767'225'600s;   // 2026-01-01, of the wall's clock

duration time_now = beginning;
int timer = -1;                        // of the io_context made last
time_point due = time_point::max();
bool is_ready = false;                 // the descriptor says that a timer is due

void signal(bool ready) {
    if (timer < 0 || is_ready == ready) return;
    is_ready = ready;
    std::uint64_t count = 1;
    [[maybe_unused]] const auto n =
        ready ? write(timer, &count, sizeof count) : read(timer, &count, sizeof count);
}

}  // namespace

void reset() {
    time_now = beginning;
}

time_point now() {
    return time_point(time_now);
}

time_point next_timer() {
    return due;
}

void forget_timers() {
    timer = -1;
    due = time_point::max();
    is_ready = false;
}

void move(time_point to) {
    time_now = to.time_since_epoch();
    signal(due <= now());
}

}  // namespace openclaw::simulation::virtual_clock

namespace clock_of_run = openclaw::simulation::virtual_clock;

// The linker takes these before those of the libraries.
namespace std::chrono {
inline namespace _V2 {

steady_clock::time_point steady_clock::now() noexcept {
    return clock_of_run::now();
}

system_clock::time_point system_clock::now() noexcept {
    const auto passed = clock_of_run::time_now - clock_of_run::beginning;
    return system_clock::time_point(clock_of_run::first_day + passed);
}

}  // namespace _V2
}  // namespace std::chrono

// Asio's reactor makes one of these per io_context, sets it to the time of the earliest timer, and looks
// at its timers when it is readable. A real one becomes readable a little after its time, by an interrupt;
// this one at once, so that a run does not depend on the machine.
extern "C" {

int timerfd_create(int, int) noexcept {
    clock_of_run::forget_timers();
    clock_of_run::timer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return clock_of_run::timer;
}

int timerfd_settime(int fd, int flags, const itimerspec* wanted, itimerspec*) noexcept {
    if (fd != clock_of_run::timer) return 0;   // of an io_context that goes
    const auto wait = std::chrono::seconds(wanted->it_value.tv_sec) +
                      std::chrono::nanoseconds(wanted->it_value.tv_nsec);
    const bool at_once = (flags & TFD_TIMER_ABSTIME) != 0;   // Asio's word for a timer that is due
    clock_of_run::due = at_once ? clock_of_run::now() : clock_of_run::now() + wait;
    clock_of_run::signal(at_once);
    return 0;
}

}  // extern "C"
