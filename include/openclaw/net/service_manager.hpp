#pragma once

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <sys/types.h>

// What a process and who started it tell each other over a Unix datagram socket, as sd_notify(3) and
// systemd.service(5) describe it.
namespace openclaw::net {

// Sends "READY=1" and the like, lines of NAME=value, to the socket that NOTIFY_SOCKET names: a path, or
// "@name" for one without. False: nobody is there to hear it. Never waits. Any thread.
bool tell_service_manager(std::string_view lines);

// How often WATCHDOG=1 is due so that a process which misses one is not yet taken for dead: half of
// WATCHDOG_USEC. 0: nobody waits for it.
std::chrono::milliseconds watchdog_interval();

// The side of who starts a process and waits for what it says. One owner, one thread.
class notify_listener {
public:
    static result<notify_listener> open();

    // The value of NOTIFY_SOCKET for the process.
    const std::string& address() const { return address_; }
    // To be polled for reading.
    int handle() const { return socket_.get(); }
    // What `sender` has said; empty: nothing is there, or it is from another process.
    std::string take(pid_t sender);

private:
    notify_listener(descriptor socket, std::string address)
        : socket_(std::move(socket)), address_(std::move(address)) {}
    descriptor socket_;
    std::string address_;
};

}  // namespace openclaw::net
