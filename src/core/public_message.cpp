#include "openclaw/core/public_message.hpp"

namespace openclaw {

namespace {

bool is_own_fault(errc code) {
    switch (code) {
    case errc::invalid_input:
    case errc::context_overflow:
    case errc::unauthenticated:
    case errc::forbidden:
    case errc::not_found:
    case errc::conflict:
    case errc::too_large:
    case errc::refused:
    case errc::queue_full:
    case errc::rate_limited:
    case errc::unavailable: return true;
    default: return false;
    }
}

}  // namespace

std::string public_message(const error& e) {
    if (is_own_fault(e.code)) return e.to_string();
    switch (e.code) {
    case errc::disk_full: return "The gateway's disk is full. Nothing was accepted; try again later.";
    case errc::timed_out: return "The model took too long to answer.";
    case errc::auth_provider: return "The model provider refused the gateway's key.";
    case errc::billing: return "The model provider wants its bill paid.";
    case errc::overloaded: return "The model provider is overloaded or failing.";
    case errc::network:
    case errc::tls: return "The model provider cannot be reached.";
    case errc::protocol: return "The model provider's answer broke off or could not be understood.";
    case errc::rejected: return "The model provider rejected the request.";
    case errc::cancelled: return "The request was stopped.";
    default: return "Something went wrong inside the gateway.";
    }
}

}  // namespace openclaw
