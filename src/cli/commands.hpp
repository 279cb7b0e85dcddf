#pragma once

#include "cli/command_tree.hpp"

// One file per group of commands; each adds its own to the tree.
namespace openclaw::cli {

void add_version_command(command_tree& tree);
void add_gateway_commands(command_tree& tree);
// Below `gateway`: start, stop, restart, status; install-daemon, uninstall-daemon; token.
void add_gateway_control_commands(command_tree& tree, CLI::App& gateway);
void add_service_commands(command_tree& tree, CLI::App& gateway);
void add_gateway_token_command(command_tree& tree, CLI::App& gateway);
void add_health_command(command_tree& tree);
void add_status_command(command_tree& tree);
void add_channel_commands(command_tree& tree);
void add_message_commands(command_tree& tree);
void add_agent_command(command_tree& tree);
void add_session_commands(command_tree& tree);
// Below `sessions`.
void add_dead_letter_commands(command_tree& tree, CLI::App& sessions);
void add_cron_commands(command_tree& tree);
void add_device_commands(command_tree& tree);
void add_model_commands(command_tree& tree);
void add_config_commands(command_tree& tree);
// Below `config`.
void add_config_history_commands(command_tree& tree, CLI::App& config);
void add_completion_command(command_tree& tree);
// Hidden: what packages are made with.
void add_manual_command(command_tree& tree);

}  // namespace openclaw::cli
