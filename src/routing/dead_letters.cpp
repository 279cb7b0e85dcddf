// Messages that were put aside: read, said again, thrown away.

#include "routing/router_impl.hpp"

#include "openclaw/core/encoding.hpp"
#include "routing/inbound_json.hpp"

namespace openclaw::routing {

namespace {

constexpr std::size_t max_depth = 128;   // of a stored message
constexpr std::size_t slice = 8;         // letters in memory at once, with all that they hold
constexpr std::size_t first_words = 200; // bytes of the text in a list

router::dead_letter letter_of(store::run_row row) {
    router::dead_letter letter;
    if (const auto body = parse_json(row.body, max_depth)) {
        auto message = from_stored(*body);
        letter.channel = std::move(message.origin.channel);
        letter.peer = std::move(message.origin.peer);
        letter.text = std::move(message.text);
    }
    letter.run = std::move(row);
    letter.run.body.clear();
    return letter;
}

error no_letter(const std::string& run_id) {
    return error(errc::not_found, "there is no dead letter " + run_id,
                 "openclaw sessions dead-letters list shows those that there are.");
}

}  // namespace

task<result<std::vector<router::dead_letter>>> router::impl::dead_letters(std::int64_t after,
                                                                          std::size_t limit) {
    std::vector<router::dead_letter> letters;
    while (letters.size() < limit) {
        auto rows = co_await d_.store.dead_letters(after, std::min(slice, limit - letters.size()));
        if (!rows) co_return rows.error();
        if (rows->empty()) break;
        after = rows->back().inbox_id;
        for (auto& row : *rows) {
            auto& letter = letters.emplace_back(letter_of(std::move(row)));
            letter.text = std::string(utf8_prefix(letter.text, first_words));
        }
    }
    co_return letters;
}

task<result<std::optional<router::dead_letter>>> router::impl::find_dead_letter(std::string run_id) {
    auto row = co_await d_.store.find_dead_letter(std::move(run_id));
    if (!row) co_return row.error();
    std::optional<router::dead_letter> letter;
    if (*row) letter = letter_of(std::move(**row));
    co_return letter;
}

// Submitted first, under a key of its own: whatever happens in between, it is said once.
task<result<admission>> router::impl::retry_dead_letter(std::string run_id) {
    auto row = co_await d_.store.find_dead_letter(run_id);
    if (!row) co_return row.error();
    if (!*row) co_return no_letter(run_id);
    const auto body = parse_json((*row)->body, max_depth);
    if (!body) co_return error(errc::storage, "the dead letter " + run_id + " cannot be read");
    auto message = from_stored(*body);
    message.session = (*row)->session;
    message.agent = (*row)->agent;
    message.idempotency_key = "dead-letter:" + run_id;
    message.received_ms = d_.time.unix_ms();
    // Own: its session may be one of the gateway's, of a job.
    auto taken = co_await submit(std::move(message), nullptr, false, nullptr, true);
    if (!taken) co_return taken.error();
    auto gone = co_await d_.store.discard_dead_letter(std::move(run_id));
    if (!gone && gone.error().code != errc::not_found) co_return gone.error();
    co_return taken;
}

task<result<void>> router::impl::discard_dead_letter(std::string run_id) {
    auto gone = co_await d_.store.discard_dead_letter(run_id);
    if (!gone && gone.error().code == errc::not_found) co_return no_letter(run_id);
    co_return gone;
}

}  // namespace openclaw::routing
