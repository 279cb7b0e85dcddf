#pragma once

#include "openclaw/channels/channel.hpp"
#include "openclaw/net/http_client.hpp"
#include "openclaw/tools/tool.hpp"
#include "simulation/dice.hpp"
#include "simulation/ledger.hpp"

#include <functional>
#include <memory>

namespace openclaw::simulation {

// What the services around a gateway share: the books, the lots, and whether trouble is wanted.
struct surroundings {
    ledger& books;
    dice luck;
    bool resends = true;                    // what the channel does with a reply in doubt
    bool troubled = true;                   // false: everybody answers, at once
    std::function<void()> poison_taken{};   // a turn that ends the process has begun
};

// A model service that speaks openai-completions, for one process. Nothing that a process does once it
// is dead (`dead`) reaches it.
std::unique_ptr<net::http_client> make_model(surroundings& around, const bool& dead);

// One tool that may be repeated and one that may not: "look" and "pay".
std::unique_ptr<tools::tool> make_tool(surroundings& around, const bool& dead, bool repeatable);

// A channel "sim" whose service does not know replies by their ids. `port` is where it gives what it
// receives, from start() to stop(); it may be null.
std::unique_ptr<channels::channel> make_channel(surroundings& around, const bool& dead,
                                                channels::inbound_port*& port);

// On the clock of the run; throws as Asio does when it is cancelled.
task<> sleep_for(milliseconds pause);

}  // namespace openclaw::simulation
