#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace openclaw::app {

struct run_options {
    std::string config;                   // --config
    std::string state_dir;                // --state-dir
    std::optional<std::uint16_t> port;    // --port
    std::string bind;                     // --bind: an address, loopback, lan or tailnet
    bool verbose = false;                 // level debug on the console
    bool allow_unauthenticated = false;   // auth disabled beyond loopback
    bool check = false;                   // only whether it could start
};

// The daemon in the foreground: builds, starts, waits for SIGTERM or SIGINT, stops. The exit
// code: 0 stopped as asked, 1 failed, 78 configuration or start impossible (sysexits EX_CONFIG).
int run_gateway(const run_options& options);

}  // namespace openclaw::app
