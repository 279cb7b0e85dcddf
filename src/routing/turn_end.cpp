#include "routing/turn_end.hpp"

#include "openclaw/core/json.hpp"
#include "openclaw/core/public_message.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace openclaw::routing {

namespace {

// For a shell: the id is of a client's choosing.
std::string as_word(const std::string& id) {
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 || std::strchr("-_.:", c) != nullptr;
    };
    if (!id.empty() && std::ranges::all_of(id, plain)) return id;
    std::string quoted = "'";
    for (const char c : id) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace

std::string error_outcome(const error& failure) {
    return dump(json{{"error", {{"code", name_of(failure.code)}, {"message", public_message(failure)}}}});
}

std::string outcome_text(std::string_view text, std::string_view stop_reason,
                         const agents::turn_outcome* from) {
    std::string out;
    json_writer w(out);
    w.begin_object().member("text", text).member("stopReason", stop_reason);
    if (from != nullptr) {
        w.member("provider", from->provider).member("model", from->model).key("usage").begin_object();
        w.member("input", from->usage.input).member("output", from->usage.output);
        w.member("total", from->usage.total()).end_object();
    }
    w.end_object();
    return out;
}

error held_for_too_long() {
    return error(errc::timed_out, "the turn held its session far beyond its time limit and was given up",
                 "Send the message again.");
}

error died_too_often(const queued& item) {
    return error(errc::unavailable,
                 "the gateway ended " + std::to_string(item.deaths) +
                     " times while it worked on this message, which was put aside",
                 "Its operator can have it said again: openclaw sessions dead-letters retry " +
                     as_word(item.run->run_id));
}

}  // namespace openclaw::routing
