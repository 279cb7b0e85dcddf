#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace openclaw::app {

// Calls when a file may have changed: its folder is watched, so that an editor's rename is seen as well as
// a write, and a link that points elsewhere now. Several changes in quick succession are one. Its work is
// on one strand; after start(), stop() must be awaited before it is destroyed.
class config_watch {
public:
    // The call comes when nothing has changed for `quiet`, and at the latest ten times that after the first.
    config_watch(asio::io_context& io, std::function<task<>()> changed,
                 milliseconds quiet = milliseconds(150));

    // Before start(). The text says why it cannot be watched; empty: it is.
    std::string add(const std::filesystem::path& file);
    void start();
    task<> stop();

private:
    task<> listen();
    task<> tell();
    bool take(std::string_view events) const;
    std::string add_folder(const std::filesystem::path& folder, const std::string& name);

    const strand strand_;
    const std::function<task<>()> changed_;
    const milliseconds quiet_;
    asio::posix::stream_descriptor events_;
    std::map<int, std::set<std::string>> names_;   // by watched folder
    std::uint64_t seen_ = 0;                       // changes
    gate news_;
    task_group tasks_;
};

}  // namespace openclaw::app
