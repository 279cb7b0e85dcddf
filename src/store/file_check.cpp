#include "store/file_check.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <span>

namespace openclaw::store {

namespace {

constexpr std::size_t header_size = 100;

std::uint64_t big_endian(std::span<const unsigned char> bytes) {
    std::uint64_t value = 0;
    for (const auto b : bytes) value = value << 8 | b;
    return value;
}

}  // namespace

result<void> check_length(const std::filesystem::path& file) {
    std::error_code failure;
    const auto length = std::filesystem::file_size(file, failure);
    if (failure || length == 0) return {};
    auto log = file;
    log += "-wal";
    if (const auto more = std::filesystem::file_size(log, failure); !failure && more > 0) return {};
    std::array<unsigned char, header_size> header{};
    std::ifstream in(file, std::ios::binary);
    if (!in.read(reinterpret_cast<char*>(header.data()), header_size)) return {};
    const std::span<const unsigned char> h(header);
    // The count of pages holds only if it was written with the last change.
    if (big_endian(h.subspan(24, 4)) != big_endian(h.subspan(92, 4))) return {};
    auto page = big_endian(h.subspan(16, 2));
    if (page == 1) page = 65'536;
    const auto whole = page * big_endian(h.subspan(28, 4));
    if (length >= whole) return {};
    return error(errc::storage,
                 "the database " + file.string() + " is damaged: it has " + std::to_string(length) +
                     " of its " + std::to_string(whole) + " bytes",
                 "Put a backup in its place, or move it away to begin anew.");
}

}  // namespace openclaw::store
