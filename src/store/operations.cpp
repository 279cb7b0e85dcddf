#include "store/operations.hpp"

#include "store/row_codec.hpp"

#include <string>

namespace openclaw::store {

namespace {

error newer_owner(const std::string& what, std::int64_t theirs, std::int64_t ours) {
    return error(errc::conflict,
                 what + " belongs to a newer start of the gateway (" + std::to_string(theirs) +
                     ", this is " + std::to_string(ours) + ")",
                 "Leave it to that one.");
}

// The accepted message that `c` ends, 0 when it has none; refused when it is not this caller's.
result<std::int64_t> find_message(tables& t, const turn_commit& c) {
    if (c.inbox_id == 0 && !c.may_be_accepted) return 0;
    const auto found = c.inbox_id != 0 ? t.inbox.find_by_id(c.inbox_id) : t.inbox.find_by_run(c.run_id);
    if (!found && c.inbox_id == 0) return 0;
    if (!found) {
        return error(errc::conflict, "message " + std::to_string(c.inbox_id) + " is not there");
    }
    if (found->run.run_id != c.run_id || found->run.session != c.session) {
        return error(errc::conflict, "run " + c.run_id + " belongs to another message");
    }
    if (found->ended()) return error(errc::conflict, "run " + c.run_id + " has ended before");
    if (found->epoch > c.epoch) return newer_owner("run " + c.run_id, found->epoch, c.epoch);
    return found->run.inbox_id;
}

}  // namespace

namespace {

// A client that names the session's row means that conversation, not a later one of the same name.
result<void> check_is(const std::optional<session_table::head>& session, std::int64_t wanted) {
    if (wanted == 0 || (session && session->id == wanted)) return {};
    return error(errc::conflict, "the session is another one by now", "Read it again.");
}

}  // namespace

result<accept_result> accept_message(tables& t, const accept_request& request) {
    if (!request.dedupe.empty()) {
        if (auto seen = t.inbox.find_by_dedupe(request.dedupe)) {
            return accept_result{false, std::move(seen->run)};
        }
    }
    if (auto seen = t.inbox.find_by_run(request.run_id)) {
        const bool same = request.dedupe.empty() && seen->run.session == request.session;
        if (same) return accept_result{false, std::move(seen->run)};
        return error(errc::conflict, "the idempotency key was used for another message",
                     "Give each message a key of its own.");
    }
    const auto session = t.sessions.find_head(request.session);
    if (session && session->epoch > request.epoch) {
        return newer_owner("session " + request.session, session->epoch, request.epoch);
    }
    if (auto same = check_is(session, request.session_id); !same) return same.error();
    // The session is there for everybody from its first message on, not from its first answer.
    if (!session) {
        turn_commit nothing;
        nothing.session = request.session;
        nothing.agent = request.agent;
        nothing.ended_ms = request.received_ms;
        nothing.epoch = request.epoch;
        nothing.background = request.background;
        t.sessions.insert(nothing, 0);
    } else if (session->background && !request.background) {
        t.sessions.show(session->id);
    }
    accept_result accepted;
    accepted.run.inbox_id = t.inbox.insert(request);
    accepted.run.run_id = request.run_id;
    accepted.run.session = request.session;
    accepted.run.agent = request.agent;
    accepted.run.priority = request.priority;
    accepted.run.received_ms = request.received_ms;
    return accepted;
}

prepared_commit prepare(turn_commit turn, std::int64_t now_ms) {
    prepared_commit c;
    c.now_ms = now_ms;
    if (turn.ended_ms == 0) turn.ended_ms = now_ms;
    if (turn.started_ms == 0) turn.started_ms = turn.ended_ms;
    c.rows.reserve(turn.rows.size());
    for (std::size_t i = 0; i < turn.rows.size(); ++i) {
        auto& row = turn.rows[i];
        auto& encoded = c.rows.emplace_back();
        encoded.id = row.id.empty() ? turn.run_id + ":" + std::to_string(i + 1) : std::move(row.id);
        encoded.role = row.role;
        encoded.at_ms = row.timestamp_ms != 0 ? row.timestamp_ms : turn.ended_ms;
        encoded.body = encode_body(row);
    }
    turn.rows.clear();
    c.turn = std::move(turn);
    return c;
}

result<commit_result> commit_turn(tables& t, const prepared_commit& c) {
    const auto& turn = c.turn;
    const auto session = t.sessions.find_head(turn.session);
    if (session && session->epoch > turn.epoch) {
        return newer_owner("session " + turn.session, session->epoch, turn.epoch);
    }
    const auto message = find_message(t, turn);
    if (!message) return message.error();
    const auto count = static_cast<std::int64_t>(c.rows.size());
    const auto first = session ? session->last_seq + 1 : 1;
    const auto session_id = session ? session->id : t.sessions.insert(turn, count);
    if (session) t.sessions.grow(session_id, turn, count);
    // Somebody came back to it.
    if (session && session->background && !turn.background) t.sessions.show(session_id);
    auto seq = first;
    for (const auto& row : c.rows) {
        t.transcript.append(session_id, seq++, row, turn.run_id, turn.epoch);
    }
    if (*message != 0) {
        t.inbox.end(*message, turn);
        t.transcript.drop_steps(turn.run_id);
    }
    for (const auto& d : turn.deliveries) t.outbox.insert(d, turn.epoch, c.now_ms);
    commit_result done;
    done.first_seq = first;
    if (turn.wants_session) done.session = t.sessions.find(turn.session);
    return done;
}

result<void> put_step(tables& t, const turn_step& step, const std::string& body) {
    const auto run = t.inbox.find_by_run(step.run_id);
    if (!run) {
        return error(errc::not_found, "run " + step.run_id + " was not accepted; its step is of "
                                      "no use after a restart");
    }
    if (run->ended()) return error(errc::conflict, "run " + step.run_id + " has ended before");
    if (run->epoch > step.epoch) return newer_owner("run " + step.run_id, run->epoch, step.epoch);
    const auto session = t.sessions.find_head(run->run.session);
    if (session && session->epoch > step.epoch) {
        return newer_owner("session " + run->run.session, session->epoch, step.epoch);
    }
    t.transcript.put_step(step, body);
    return {};
}

result<void> join_messages(tables& t, const message_join& j, const std::vector<std::string>& bodies) {
    const auto host = t.inbox.find_by_id(j.into);
    if (!host || host->ended()) {
        return error(errc::conflict, "the turn of message " + std::to_string(j.into) + " has ended");
    }
    if (host->epoch > j.epoch) return newer_owner("run " + host->run.run_id, host->epoch, j.epoch);
    for (const auto id : j.messages) {
        const auto guest = t.inbox.find_by_id(id);
        const bool fits = guest && !guest->ended() && guest->run.session == host->run.session &&
                          id != j.into && host->run.joined == 0 && guest->epoch <= j.epoch &&
                          (guest->run.joined == 0 || guest->run.joined == j.into);
        if (!fits) {
            return error(errc::conflict, "message " + std::to_string(id) + " cannot join message " +
                                             std::to_string(j.into));
        }
    }
    for (const auto id : j.messages) t.inbox.join(id, j);
    for (std::size_t i = 0; i < j.steps.size(); ++i) t.transcript.put_step(j.steps[i], bodies[i]);
    return {};
}

namespace {

using found_session = std::optional<session_table::head>;

// The session to be changed, if there is one and it is not a newer start's.
result<found_session> find_own(tables& t, const std::string& key, std::int64_t epoch) {
    auto session = t.sessions.find_head(key);
    if (session && session->epoch > epoch) {
        return newer_owner("session " + key, session->epoch, epoch);
    }
    return session;
}

}  // namespace

result<std::optional<session_row>> patch_session(tables& t, const session_patch& patch,
                                                 std::int64_t epoch) {
    const auto session = find_own(t, patch.key, epoch);
    if (!session) return session.error();
    if (!*session) return std::optional<session_row>();
    if (auto same = check_is(*session, patch.id); !same) return same.error();
    t.sessions.patch((*session)->id, patch);
    return t.sessions.find(patch.key);
}

result<std::size_t> clear_history(tables& t, const std::string& key, std::size_t limit,
                                  std::int64_t epoch) {
    const auto session = find_own(t, key, epoch);
    if (!session) return session.error();
    if (!*session) return std::size_t{0};
    t.inbox.forget_words((*session)->id, limit);
    const auto gone = t.transcript.drop_oldest((*session)->id, limit);
    if (gone < limit) t.sessions.begin_anew((*session)->id);
    return gone;
}

result<void> fork_session(tables& t, const session_fork& fork, std::int64_t epoch) {
    const auto from = find_own(t, fork.from, epoch);
    if (!from) return from.error();
    const auto last = *from ? t.transcript.last_of_run((*from)->id, (*from)->last_seq, fork.run_id) : 0;
    if (last == 0) return error(errc::not_found, "run " + fork.run_id + " has no rows in " + fork.from);
    if (t.sessions.find_head(fork.key)) {
        return error(errc::conflict, "session " + fork.key + " is there already");
    }
    turn_commit made;
    made.session = fork.key;
    made.agent = fork.agent;
    made.ended_ms = fork.at_ms;
    made.epoch = epoch;
    made.background = true;
    const auto id = t.sessions.insert(made, last);
    t.sessions.inherit(id, (*from)->id);
    t.transcript.copy((*from)->id, id, last, fork.limit, epoch);
    return {};
}

result<bool> delete_session(tables& t, const std::string& key, std::int64_t epoch) {
    const auto session = find_own(t, key, epoch);
    if (!session) return session.error();
    if (!*session) return false;
    if (!t.transcript.is_empty((*session)->id)) {
        return error(errc::conflict, "session " + key + " is in use again");
    }
    t.inbox.forget_dead(key);
    t.sessions.drop((*session)->id);
    return true;
}

}  // namespace openclaw::store
