#pragma once

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/error.hpp"

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

// The few file operations that configuration needs. Blocking; called at start, at reload and from
// the command line.
namespace openclaw::config {

struct text_file {
    std::string text;
    mode_t mode = 0; // permission bits
};

// The whole of a regular file. too_large over `max_bytes`; invalid_input for a folder or a device.
result<text_file> read_file(const std::filesystem::path& file, std::size_t max_bytes);
result<std::string> read_text_file(const std::filesystem::path& file, std::size_t max_bytes);

// `durable`: on the disk when it returns, not only visible.
enum class durability { visible, durable };

// Puts `text` in the place of `file` in one step: readers see all of the old or all of the new.
result<void> replace_file(const std::filesystem::path& file, std::string_view text, mode_t mode,
                          durability d);
// Makes `file`; conflict when there is one already.
result<void> create_file(const std::filesystem::path& file, std::string_view text, mode_t mode);
// Held by whoever changes a file of a folder, of this process or another; the others wait.
class folder_lock {
public:
    // Nothing is held when the folder is not there yet.
    explicit folder_lock(const std::filesystem::path& folder);

private:
    descriptor fd_;
};

// Makes a folder and those above it, for the owner alone.
result<void> make_private_folder(const std::filesystem::path& folder);

} // namespace openclaw::config
