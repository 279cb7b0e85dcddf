#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace openclaw::net {

// Host name to addresses. A face, so that tests can play a name server that changes its mind.
class name_resolver {
public:
    virtual ~name_resolver() = default;
    // At least one address, in the order in which to try them.
    virtual task<result<std::vector<asio::ip::address>>> lookup(std::string host) = 0;
};

// The system's resolver. getaddrinfo(3) blocks and cannot be stopped, so it runs on at most four
// threads of its own that end when there is nothing to look up; a cancelled lookup is left behind
// and its answer is dropped. Any strand.
class system_resolver final : public name_resolver {
public:
    system_resolver();
    ~system_resolver() override;
    task<result<std::vector<asio::ip::address>>> lookup(std::string host) override;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace openclaw::net
