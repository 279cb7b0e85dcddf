#pragma once

#include "ingress/transport.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace openclaw::ingress {

// Does `work` for the client of `stream`; its result. When the client hangs up, the work is cancelled, and
// there is none. Name the task before the call.
template <class T>
task<std::optional<T>> until_gone(response_stream& stream, task<T> work) {
    const auto stop = std::make_shared<asio::cancellation_signal>();
    stream.on_gone([stop] { stop->emit(asio::cancellation_type::terminal); });
    const auto on = co_await asio::this_coro::executor;
    try {
        co_return co_await asio::co_spawn(
            on, std::move(work), asio::bind_cancellation_slot(stop->slot(), asio::use_awaitable));
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) throw;
    }
    co_return std::nullopt;
}

inline error client_gone() {
    return error(errc::cancelled, "the client is gone");
}

}  // namespace openclaw::ingress
