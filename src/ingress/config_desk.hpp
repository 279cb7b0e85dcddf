#pragma once

#include "openclaw/config/document.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/model/principal.hpp"
#include "ingress/beside.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace openclaw::ingress {

// The one place where clients' reading and writing of the configuration file goes through. Owned by
// the gateway's context; any thread. Files are read and written beside the io threads, writers one
// after the other.
class config_desk {
public:
    // `beside` is for the calls: it need not outlive the desk itself.
    config_desk(std::filesystem::path file, config::environment environment, side_threads& beside);

    const std::filesystem::path& file() const { return state_->file; }

    // Errors: queue_full, and read_document's.
    task<result<config::document>> read();
    // `written` hears of each change that was made, also when the caller has gone meanwhile; on
    // another thread. Errors: forbidden for all but administrators, queue_full, conflict when the file is
    // gone, and edit_file's.
    using listener = std::function<void(const config::edited& e)>;
    task<result<config::edited>> change(principal who, config::edit e, listener written);

    // Errors: queue_full, and read_loaded's.
    task<result<config::load_outcome>> load();
    // As change(), for an edit that is made of what the file is now. Errors: those of both.
    task<result<config::edited>> rewrite(principal who, config::text_maker make, listener written);

private:
    struct state {
        std::filesystem::path file;
        bool was_there = false;   // when the gateway was built
        config::environment environment;
        std::mutex writing;
    };
    // One write in its turn, for those who may.
    task<result<config::edited>> write(principal who, std::function<result<config::edited>(state&)> make,
                                       listener written);

    std::shared_ptr<state> state_;
    side_threads& beside_;
};

}  // namespace openclaw::ingress
