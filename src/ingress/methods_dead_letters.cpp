// deadLetters.list, get, retry, discard: messages that were put aside.

#include "ingress/methods.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_run = 256;    // bytes of a run's id

json letter_json(const routing::router::dead_letter& letter) {
    const auto& run = letter.run;
    json row{{"runId", run.run_id},
             {"sessionKey", run.session},
             {"agentId", run.agent},
             {"channel", letter.channel},
             {"peer", letter.peer},
             {"text", letter.text},
             {"attempts", run.attempts},
             {"receivedAt", run.received_ms},
             {"putAsideAt", run.ended_ms}};
    const auto outcome = parse_json(run.outcome);
    const auto* failure = outcome ? find(*outcome, "error") : nullptr;
    if (failure != nullptr) row["error"] = string_or(*failure, "message");
    return row;
}

}  // namespace

task<result<json>> call_dead_letters_list(method_call c) {
    auto limit = optional_int(c, "limit", 1, 200, 50);
    if (!limit) co_return limit.error();
    auto after = optional_int(c, "cursor", 0, INT64_MAX, 0);
    if (!after) co_return after.error();
    auto letters = co_await c.gateway.d.router.dead_letters(*after, static_cast<std::size_t>(*limit));
    if (!letters) co_return letters.error();
    json out{{"letters", json::array()}, {"nextCursor", nullptr}};
    for (const auto& letter : *letters) out["letters"].push_back(letter_json(letter));
    if (std::ssize(*letters) == *limit) out["nextCursor"] = letters->back().run.inbox_id;
    co_return out;
}

task<result<json>> call_dead_letters_get(method_call c) {
    auto run = required_text(c, "runId", max_run);
    if (!run) co_return run.error();
    auto letter = co_await c.gateway.d.router.find_dead_letter(*run);
    if (!letter) co_return letter.error();
    if (!*letter) {
        co_return error(errc::not_found, "there is no dead letter " + *run,
                        "openclaw sessions dead-letters list shows those that there are.");
    }
    co_return json{{"letter", letter_json(**letter)}};
}

task<result<json>> call_dead_letters_retry(method_call c) {
    auto run = required_text(c, "runId", max_run);
    if (!run) co_return run.error();
    auto taken = co_await c.gateway.d.router.retry_dead_letter(*run);
    if (!taken) co_return taken.error();
    co_return json{{"runId", taken->run_id}, {"sessionKey", taken->session}, {"status", "started"}};
}

task<result<json>> call_dead_letters_discard(method_call c) {
    auto run = required_text(c, "runId", max_run);
    if (!run) co_return run.error();
    auto gone = co_await c.gateway.d.router.discard_dead_letter(*run);
    if (!gone) co_return gone.error();
    co_return json{{"ok", true}, {"runId", *run}};
}

}  // namespace openclaw::ingress
