#include "app/supervision.hpp"

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/net/service_manager.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace openclaw::app {

namespace {

std::string status_line(std::string_view what) { return "STATUS=" + std::string(what) + "\n"; }

// Who started it reads its last words from a pipe, and goes as soon as it is ready.
void leave_terminal() {
    if (std::getenv(background_mark) == nullptr) return;
    unsetenv(background_mark);
    unsetenv("NOTIFY_SOCKET");
    log::flush();
    const descriptor nowhere(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!nowhere) return;
    dup2(nowhere.get(), STDOUT_FILENO);
    dup2(nowhere.get(), STDERR_FILENO);
}

}  // namespace

void supervision::start() {
    interval_ = net::watchdog_interval();
    if (interval_.count() > 0) show_life();
}

void supervision::show_life() {
    net::tell_service_manager("WATCHDOG=1");
    timer_.expires_after(interval_);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) show_life();
    });
}

void supervision::ready(std::string_view address) {
    net::tell_service_manager("READY=1\n" + status_line("serving at " + std::string(address)));
    leave_terminal();
}

void supervision::restarting() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    net::tell_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()) + "\n" +
                              status_line("restarting in place"));
}

void supervision::stopping() { net::tell_service_manager("STOPPING=1\n" + status_line("stopping")); }

void tell_stage(std::string_view what) {
    log::info("app", "stopping: " + std::string(what));
    net::tell_service_manager(status_line("stopping: " + std::string(what)));
}

}  // namespace openclaw::app
