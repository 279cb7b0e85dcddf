#include "routing/lane.hpp"

#include "openclaw/routing/commands.hpp"

namespace openclaw::routing {

namespace {

bool is_words_alone(const queued& item) {
    const auto& m = item.message;
    const bool bare = !item.chore && item.inbox_id != 0 && !item.fork && !item.given_up &&
                      item.abort_reason.empty();
    const bool only_words = m.results.empty() && m.context.empty() && !m.tools && m.extra_system.empty();
    return bare && only_words && !(m.commands && parse_command(m.text));
}

}  // namespace

bool can_join(const queued& guest, const queued& host) {
    if (!is_words_alone(guest) || !is_words_alone(host)) return false;
    const auto& a = guest.message;
    const auto& b = host.message;
    const bool same_sender = a.who.subject() == b.who.subject() && a.origin.sender == b.origin.sender;
    const bool same_place = a.origin.channel == b.origin.channel && a.origin.account == b.origin.account &&
                            a.origin.peer == b.origin.peer && a.origin.thread == b.origin.thread;
    // What has begun once may have had effects, and goes on from there by itself; and nobody is taken along
    // by what may end the process.
    const bool by_itself = guest.begun || host.deaths >= suspect_deaths;
    return !by_itself && same_sender && same_place && a.deliver == b.deliver && a.model == b.model;
}

participant participant_of(const queued& guest) {
    return {guest.run, guest.sink, guest.message.text, guest.message.received_ms};
}

void forget_history(lane& l) {
    l.loaded = false;
    l.history.clear();
    l.history_size = 0;
    l.history_tokens = 0;
    l.row = nullptr;
}

}  // namespace openclaw::routing
