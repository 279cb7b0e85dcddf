#include "config/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace openclaw::config {

namespace {

namespace fs = std::filesystem;

error failed(const char* what, const fs::path& file) {
    return from_errno(errno, std::string(what) + " " + file.string());
}

result<void> write_all(int fd, std::string_view text, const fs::path& file) {
    while (!text.empty()) {
        const auto n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("cannot write", file);
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

result<void> sync_folder(const fs::path& file) {
    const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return failed("cannot sync", folder);
    return {};
}

} // namespace

result<text_file> read_file(const fs::path& file, std::size_t max_bytes) {
    // Without O_NONBLOCK a pipe in the file's place would hang the start.
    const descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return failed("cannot read", file);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return failed("cannot read", file);
    if (!S_ISREG(info.st_mode))
        return error(errc::invalid_input, file.string() + " is no regular file");
    text_file out;
    out.mode = info.st_mode & 07777;
    out.text.resize(static_cast<std::size_t>(info.st_size) < max_bytes
                        ? static_cast<std::size_t>(info.st_size) + 1
                        : max_bytes + 1);
    std::size_t used = 0;
    for (;;) {
        if (used == out.text.size()) {
            if (used > max_bytes) {
                return error(errc::too_large, file.string() + " is longer than " +
                                                  std::to_string(max_bytes) + " bytes");
            }
            out.text.resize(std::min(used * 2, max_bytes + 1));
        }
        const auto n = ::read(fd.get(), out.text.data() + used, out.text.size() - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("cannot read", file);
        if (n == 0) break;
        used += static_cast<std::size_t>(n);
    }
    out.text.resize(used);
    return out;
}

result<std::string> read_text_file(const fs::path& file, std::size_t max_bytes) {
    auto read = read_file(file, max_bytes);
    if (!read) return read.error();
    return std::move(read->text);
}

namespace {

// What root writes for a service stays the service's to read and to change: it belongs to whom the file
// belonged that was there, else to whom the folder does.
void keep_owner(int fd, const fs::path& file) {
    if (::geteuid() != 0) return;
    struct stat was {};
    if (::lstat(file.c_str(), &was) != 0 && ::stat(file.parent_path().c_str(), &was) != 0) return;
    if (was.st_uid == 0) return;
    // Where the file system knows no owners, nobody misses one.
    [[maybe_unused]] const int given = ::fchown(fd, was.st_uid, was.st_gid);
}

} // namespace

result<void> replace_file(const fs::path& file, std::string_view text, mode_t mode, durability d) {
    std::string pattern = file.string() + ".XXXXXX";
    const descriptor fd(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!fd) return failed("cannot write beside", file);
    keep_owner(fd.get(), file);
    auto written = write_all(fd.get(), text, file);
    if (written && ::fchmod(fd.get(), mode) != 0) written = failed("cannot set the mode of", file);
    if (written && d == durability::durable && ::fsync(fd.get()) != 0)
        written = failed("cannot sync", file);
    if (written && ::rename(pattern.c_str(), file.c_str()) != 0)
        written = failed("cannot replace", file);
    if (!written) {
        ::unlink(pattern.c_str());
        return written;
    }
    return d == durability::durable ? sync_folder(file) : written;
}

result<void> create_file(const fs::path& file, std::string_view text, mode_t mode) {
    const descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd && errno == EEXIST) return error(errc::conflict, file.string() + " exists already");
    if (!fd) return failed("cannot create", file);
    keep_owner(fd.get(), file.parent_path() / ".");
    auto written = write_all(fd.get(), text, file);
    if (written && ::fsync(fd.get()) != 0) written = failed("cannot sync", file);
    if (!written) ::unlink(file.c_str());
    return written ? sync_folder(file) : written;
}

folder_lock::folder_lock(const fs::path& folder)
    : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (fd_ && ::flock(fd_.get(), LOCK_EX) != 0 && errno == EINTR) {}
}

result<void> make_private_folder(const fs::path& folder) {
    if (folder.empty()) return {};
    std::error_code ec;
    if (fs::is_directory(folder, ec)) return {};
    if (folder.has_parent_path() && folder.parent_path() != folder) {
        if (auto made = make_private_folder(folder.parent_path()); !made) return made;
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return failed("cannot create the folder", folder);
    return {};
}

} // namespace openclaw::config
