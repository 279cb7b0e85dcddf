#include "openclaw/core/error.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace openclaw {

std::string_view name_of(errc code) noexcept {
    switch (code) {
    case errc::invalid_input: return "invalid_input";
    case errc::unauthenticated: return "unauthenticated";
    case errc::forbidden: return "forbidden";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::too_large: return "too_large";
    case errc::queue_full: return "queue_full";
    case errc::rate_limited: return "rate_limited";
    case errc::unavailable: return "unavailable";
    case errc::timed_out: return "timed_out";
    case errc::cancelled: return "cancelled";
    case errc::network: return "network";
    case errc::tls: return "tls";
    case errc::protocol: return "protocol";
    case errc::storage: return "storage";
    case errc::disk_full: return "disk_full";
    case errc::io: return "io";
    case errc::config: return "config";
    case errc::in_use: return "in_use";
    case errc::auth_provider: return "auth_provider";
    case errc::billing: return "billing";
    case errc::overloaded: return "overloaded";
    case errc::context_overflow: return "context_overflow";
    case errc::refused: return "refused";
    case errc::rejected: return "rejected";
    case errc::internal: return "internal";
    }
    return "unknown";
}

namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "openclaw"; }
    std::string message(int value) const override {
        return std::string(name_of(static_cast<errc>(value)));
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

std::string error::to_string() const {
    std::string text = message.empty() ? std::string(name_of(code)) : message;
    if (hint.empty()) return text;
    if (text.back() != '.' && text.back() != '?') text += '.';
    return text + ' ' + hint;
}

void throw_exception_from_error(const error& e, const boost::source_location& at) {
    throw std::logic_error("unexpected error at " + at.to_string() + ": " + e.to_string());
}

error from_errno(int number, std::string what) {
    errc code = errc::io;
    std::string hint;
    switch (number) {
    case ENOENT: code = errc::not_found; break;
    case EACCES:
    case EPERM:
        code = errc::forbidden;
        hint = "Check the owner and the mode of the file and of its folders.";
        break;
    case ENOSPC:
    case EDQUOT:
        code = errc::disk_full;
        hint = "Free some space on that disk; a gateway that runs goes on by itself then.";
        break;
    case EADDRINUSE: code = errc::in_use; break;
    default: break;
    }
    return error(code, std::move(what) + ": " + std::strerror(number), std::move(hint));
}

}  // namespace openclaw
