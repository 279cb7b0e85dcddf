#pragma once

#include "openclaw/app/app.hpp"
#include "openclaw/config/loader.hpp"
#include "openclaw/core/log.hpp"

namespace openclaw::app {

// What `gateway run` decides before it builds anything.

// --port and --bind over the file. `lan` listens on every interface, `tailnet` on the address that
// Tailscale gave this machine.
result<void> apply_flags(config::settings& settings, const run_options& run);

// What a start would find out before it opens anything, of the file as it is: the last good configuration
// does not do here. Writes nothing.
result<void> check_start(const run_options& run, const std::filesystem::path& file,
                         const config::environment& environment);

// Refuses what would leave the gateway open to strangers: no credential beyond loopback, or
// plaintext where TLS was asked for.
result<void> check_exposure(const config::settings& settings, bool allow_unauthenticated);

log::options log_options(const config::settings& settings, const config::locations& where,
                         bool verbose);

// Warnings and notices of the file, and why the last good one is in effect.
void report_config(const config::startup_config& c, const config::locations& where);


}  // namespace openclaw::app
