#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openclaw {

namespace asio = boost::asio;

// A coroutine of the gateway. It starts when awaited, or when a task_group spawns it.
template <class T = void>
using task = asio::awaitable<T>;

using executor = asio::any_io_executor;
using strand = asio::strand<asio::io_context::executor_type>;

}  // namespace openclaw
