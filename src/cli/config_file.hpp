#pragma once

#include "cli/context.hpp"

#include <optional>
#include <string>

// What the commands that change the configuration file have in common.
namespace openclaw::cli {

bool is_running(context& x);
// When a change takes effect; without a path one of any setting.
std::string when_applied(context& x, const std::optional<std::string>& path);
// What a running gateway says of its file: what is wrong with it, and what waits for a restart. Nothing
// when it says nothing, or does not answer.
void print_config_news(context& x);
// The text of the file. not_found: there is none.
result<std::string> config_text(const config::locations& where);
// One more version for `config history`. That it cannot be kept is no reason not to change the file.
void keep_text(const config::locations& where, const std::string& text, const std::string& who);

}  // namespace openclaw::cli
