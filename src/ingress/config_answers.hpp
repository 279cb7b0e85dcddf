#pragma once

#include "ingress/methods.hpp"

#include <string>
#include <vector>

// What clients are told of a change of the configuration file, whichever method made it.
namespace openclaw::ingress {

// The settings that do not pass, by path; their list goes into the refusal's details.
error refused_config(const method_call& c, const std::vector<config::issue>& issues);
// The gateway goes over to a file that a client has changed; what came of it.
task<config::reload_report> take_up_config(method_call& c, const config::edited& e);
// Everybody and the log hear of a change, whatever becomes of the call that made it.
config_desk::listener config_teller(const method_call& c, const std::string& note);

}  // namespace openclaw::ingress
