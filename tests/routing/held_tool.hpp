#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/tools/tool.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>

namespace openclaw::routing::test_stubs {

// A tool that takes until the gate opens. A stubborn one does not hear that it is to stop.
class held_tool final : public tools::tool {
public:
    held_tool(std::string name, gate& until, bool stubborn = false)
        : definition_{std::move(name), "Takes its time.", json_schema(json::object())}, until_(until),
          stubborn_(stubborn) {}
    const tool_definition& definition() const override { return definition_; }
    bool repeatable() const override { return true; }
    task<result<std::string>> invoke(const json&, const tools::tool_context&) override {
        if (stubborn_) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await asio::this_coro::throw_if_cancelled(false);
        }
        co_await until_.wait();
        ++ended;
        co_return std::string("done");
    }

    inline static std::atomic<int> ended = 0;

private:
    tool_definition definition_;
    gate& until_;
    const bool stubborn_;
};

}  // namespace openclaw::routing::test_stubs
