#include "ingress/port_holder.hpp"

#include "openclaw/core/encoding.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace openclaw::ingress {

namespace {

namespace fs = std::filesystem;

// The inode of the socket that listens on `port`, from /proc/net/tcp and tcp6; empty: none.
std::string listening_inode(std::uint16_t port) {
    for (const char* file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(file);
        std::string line;
        std::getline(in, line);
        while (std::getline(in, line)) {
            std::istringstream fields(line);
            std::string slot, local, remote, state, queues, timer, retries, uid, timeout, inode;
            fields >> slot >> local >> remote >> state >> queues >> timer >> retries >> uid >>
                timeout >> inode;
            const auto colon = local.rfind(':');
            if (state != "0A" || colon == std::string::npos) continue;  // 0A: LISTEN
            unsigned found = 0;
            std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
            if (found == port) return inode;
        }
    }
    return {};
}

bool holds(const fs::path& process, const std::string& link) {
    std::error_code failure;
    for (auto it = fs::directory_iterator(process / "fd", failure);
         !failure && it != fs::directory_iterator(); it.increment(failure)) {
        std::error_code unreadable;
        if (fs::read_symlink(it->path(), unreadable) == link) return true;
    }
    return false;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
    const auto inode = listening_inode(port);
    if (inode.empty()) return {};
    const auto link = "socket:[" + inode + "]";
    std::error_code failure;
    for (auto it = fs::directory_iterator("/proc", failure);
         !failure && it != fs::directory_iterator(); it.increment(failure)) {
        const auto pid = it->path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        if (!holds(it->path(), link)) continue;
        std::string name;
        std::getline(std::ifstream(it->path() / "comm"), name);
        return " by " + printable(name, 32) + " (pid " + pid + ")";
    }
    return {};
}

}  // namespace openclaw::ingress
