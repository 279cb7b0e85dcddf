#pragma once

#include "openclaw/core/error.hpp"

#include <filesystem>
#include <string_view>

namespace openclaw::app {

// <state>/last-exit.json: {"code","reason","atMs"}, how the last gateway of the folder ended, for `gateway
// status`. Best effort: a file that cannot be written keeps nobody from ending. A code of -1: it was killed
// or crashed, and nobody noted anything.
void note_exit(const std::filesystem::path& state_dir, int code, std::string_view reason);
// Of an end that leaves everything else as it is.
void note_forced_exit(const std::filesystem::path& state_dir, std::string_view reason);

// The same for a start that was refused, unless another gateway has the folder: nothing has ended there.
void note_refused_start(const std::filesystem::path& state_dir, int code, const error& why);

// When the gateway that had the folder before, which is ours now, left its pid file: it noted nothing.
void note_sudden_end(const std::filesystem::path& state_dir);

}  // namespace openclaw::app
