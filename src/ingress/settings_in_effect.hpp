#pragma once

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/ingress/server.hpp"
#include "openclaw/net/cidr.hpp"
#include "ingress/transport.hpp"

#include <memory>
#include <mutex>

namespace openclaw::ingress {

// One configuration with all that is made of it. It never changes: a reload puts another one in its place,
// and whoever works by this one keeps it until he is done.
struct configuration {
    configuration(config::settings s, config_notes n, std::uint64_t epoch = 0);

    config::settings settings;
    config_notes notes;
    auth::authenticator authenticator;
    net::cidr_set trusted_proxies;
    transport_limits limits;
    std::uint64_t secret_epoch;   // another one when the gateway's own token is
};

// The configuration that holds now. Owned by the gateway's context; any thread. A request asks once and
// goes by what it got, so that it never sees half of a change.
class settings_in_effect {
public:
    explicit settings_in_effect(const config::settings& s, config_notes notes = {})
        : now_(std::make_shared<const configuration>(s, std::move(notes))) {}

    std::shared_ptr<const configuration> get() const {
        std::lock_guard lock(mutex_);
        return now_;
    }
    // What held until now.
    std::shared_ptr<const configuration> replace(std::shared_ptr<const configuration> next) {
        std::lock_guard lock(mutex_);
        now_.swap(next);
        return next;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const configuration> now_;
};

}  // namespace openclaw::ingress
