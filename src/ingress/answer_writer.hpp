#pragma once

#include "ingress/errors.hpp"
#include "openclaw/model/turn_event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// What an answer is called by.
struct answer_facts {
    std::string run_id;
    std::string session;          // canonical key
    std::int64_t created_s = 0;   // Unix time
};

// Writes one turn in the form of one of the model APIs: as a whole, or piece by piece for a stream
// of server-sent events. One per request, in the frame of its route; sans-io.
class answer_writer {
public:
    virtual ~answer_writer() = default;
    virtual error_shape shape() const { return error_shape::common; }
    // Whether a turn that the model declined without a word is an answer of this API, not an error.
    virtual bool tells_refusals() const { return false; }
    // Comes first, once the turn is taken.
    virtual void begin(const answer_facts& facts) = 0;
    // `text` is what the agent said in all steps of the turn.
    virtual std::string whole(const turn_event& final, std::string_view text) = 0;

    // The events of a stream, appended to `out`: its head, then text, then one of end and failure;
    // `still_there` between them while nothing happens, so that no proxy gives up.
    virtual void head(std::string& out) = 0;
    virtual void text(std::string& out, std::string_view delta) = 0;
    virtual void end(std::string& out, const turn_event& final) = 0;
    virtual void failure(std::string& out, const error& why, const std::string& request_id) = 0;
    virtual void still_there(std::string& out) { out += ":\n\n"; }
};

}  // namespace openclaw::ingress
