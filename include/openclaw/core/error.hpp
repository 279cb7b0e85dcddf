#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace openclaw {

// Every way in which an operation of the gateway is expected to fail. The comment tells what an
// operator should think when the value shows up in a log.
enum class errc {
    invalid_input = 1,  // the caller sent something malformed; nothing is wrong with the gateway
    unauthenticated,    // no credential, or one that is not known
    forbidden,          // a known caller without the right for this
    not_found,          // the thing that was named does not exist
    conflict,           // the state has moved on; read again and retry
    too_large,          // over a documented bound
    queue_full,         // a bounded queue is full; the caller is asked to come back later
    rate_limited,       // the caller exceeded its rate
    unavailable,        // starting, draining, or a part of the gateway is down
    timed_out,          // a deadline passed
    cancelled,          // somebody asked for it to stop
    network,            // a connection failed or was reset
    tls,                // a handshake or a certificate check failed
    protocol,           // the other side broke its own protocol
    storage,            // the database refused; look at the disk
    disk_full,          // no space left; accepted work is safe, new work is refused
    io,                 // a file could not be read or written
    config,             // the configuration does not pass
    in_use,             // a port or a state folder belongs to another process
    auth_provider,      // a model provider refused the key
    billing,            // a model provider wants money
    overloaded,         // a model provider is overloaded; retry later or fall back
    context_overflow,   // the conversation does not fit the model's window
    refused,            // the model declined to answer
    rejected,           // a model provider rejected the request as malformed
    internal,           // a bug of the gateway; please report it
};

// The stable lower-case name of `code`, for logs, metrics labels and JSON.
std::string_view name_of(errc code) noexcept;

const boost::system::error_category& error_category() noexcept;
boost::system::error_code make_error_code(errc code) noexcept;

// An error with its story: what happened and where (`message`), and what to do (`hint`).
struct error {
    errc code = errc::internal;
    std::string message;
    std::string hint;
    std::chrono::milliseconds retry_after{0};  // 0: the other side did not say

    error() = default;
    explicit error(errc c, std::string m = {}, std::string h = {})
        : code(c), message(std::move(m)), hint(std::move(h)) {}

    // "message. hint" or what there is of it; never empty.
    std::string to_string() const;
};

template <class T = void>
using result = boost::system::result<T, error>;

// Thrown by result<T>::value() on an error: a caller that did not look is a bug.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& at);

// Maps an errno value of a failed file or socket call; `what` names the call and its object.
error from_errno(int number, std::string what);

}  // namespace openclaw

template <>
struct boost::system::is_error_code_enum<openclaw::errc> : std::true_type {};
