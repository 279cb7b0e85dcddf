#pragma once

#include "openclaw/core/task.hpp"
#include "openclaw/ingress/server.hpp"

#include <string>
#include <vector>

// A gateway that starts again in place: the same process, with the program as it is on the disk now, and
// with the sockets that clients connect to meanwhile.
namespace openclaw::app {

// The listening sockets that the process was started with: by systemd (LISTEN_FDS, sd_listen_fds(3)) or
// by its own restart. Taken out of the environment, so that no child has them. `config` when one of them
// is no listening stream socket, or when there are two of a kind.
result<ingress::listening_sockets> take_given_sockets();

// How this process was started.
class start_command {
public:
    // To be read before anything changes it. io without /proc.
    static result<start_command> read();

    // Has a run of the program say whether it could start (`--check`), as it and its configuration are on
    // the disk now. The error has its words.
    task<result<void>> try_out() const;
    // Becomes a new run of the program, which takes `sockets`. Every other descriptor but the standard
    // ones is closed. Returns only when that fails.
    error run(const ingress::listening_sockets& sockets) const;

private:
    std::string program_;
    std::vector<std::string> arguments_;
};

}  // namespace openclaw::app
