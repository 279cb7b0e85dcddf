#pragma once

#include "openclaw/core/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace openclaw::test {

// Runs one coroutine on `io` until it ends and returns what it returned; rethrows what it threw.
// Other work on `io` goes on meanwhile.
template <class T>
T run(asio::io_context& io, task<T> work) {
    std::optional<T> value;
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T v) {
        failure = e;
        if (!e) value.emplace(std::move(v));
        done = true;
    });
    io.restart();
    while (!done && io.run_one() > 0) {}
    if (failure) std::rethrow_exception(failure);
    if (!value) throw std::logic_error("the coroutine never ended");
    return std::move(*value);
}

inline void run(asio::io_context& io, task<void> work) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr e) {
        failure = e;
        done = true;
    });
    io.restart();
    while (!done && io.run_one() > 0) {}
    if (failure) std::rethrow_exception(failure);
    if (!done) throw std::logic_error("the coroutine never ended");
}

}  // namespace openclaw::test
