#pragma once

#include "openclaw/core/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace openclaw::app {

// What the gateway says to the service manager that started it, if one did: systemd, or `openclaw gateway
// start`. All but the watchdog's sign on the main thread.
class supervision {
public:
    explicit supervision(asio::io_context& io) : timer_(io) {}

    // The io_context, by running this, shows that it is alive: a sign at once, and then one each half of
    // the time that the service manager waits for it. For as long as `io` runs.
    void start();

    // Serving at `address`. A process that `gateway start` put into the background lets go of the terminal:
    // from here on its log file has what it says.
    void ready(std::string_view address);
    // The same process goes on as a new run of the program, which says that it is ready.
    void restarting();
    void stopping();

private:
    void show_life();
    asio::steady_timer timer_;
    std::chrono::milliseconds interval_{0};
};

// One stage of the end: into the log, and into what `systemctl status` shows.
void tell_stage(std::string_view what);

// Set for the process by `gateway start`.
inline constexpr const char* background_mark = "OPENCLAW_BACKGROUND";

}  // namespace openclaw::app
