#include "channels/outbox.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/fault.hpp"
#include "openclaw/core/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <limits>

namespace openclaw::channels {

namespace {

// How long to leave a store alone that just refused.
constexpr net::backoff store_backoff{std::chrono::seconds(1), std::chrono::seconds(30),
                                     std::chrono::milliseconds(200)};

// A channel that throws has a bug; whether its message went out is not known.
task<result<send_outcome>> guarded_send(channel& link, const store::delivery& d) {
    std::string bug;
    try {
        co_return co_await link.send(d);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) bug = e.what();
    } catch (const std::exception& e) {
        bug = e.what();
    }
    if (bug.empty()) co_return error(errc::cancelled, "stopped while it was being sent");
    log::error("channels", "a channel threw while sending",
               {{"channel", link.name()}, {"delivery", d.id}, {"error", bug}});
    co_return error(errc::internal, bug);
}

}  // namespace

outbox::outbox(dependencies d) : d_(std::move(d)) {
    // There from the start: a rate over a counter that first shows as 1 misses the first failure.
    for (const auto* last : {"sent", "failed", "unknown"}) outcome_counter(last);
}

when_unknown outbox::policy() const {
    return d_.link.knows_reply_ids() ? when_unknown::retry : d_.unknown;
}

void outbox::stop() {
    stopping_ = true;
    gate_.open();
}

task<> outbox::run() {
    // Ways out: stop() was called and the last sender has ended; cancellation by the task group.
    while (!stopping_ || !busy_.empty()) {
        std::optional<std::int64_t> next;
        if (!stopping_) next = co_await begin_due();
        if (!next) {
            co_await gate_.wait();
            continue;
        }
        const auto wait = milliseconds(std::max<std::int64_t>(0, *next - d_.time.unix_ms()));
        const deadline_guard alarm(d_.ex, wait, [this] { gate_.open(); });
        co_await gate_.wait();
    }
}

// Starts senders for what may go; when to look again without being called.
task<std::optional<std::int64_t>> outbox::begin_due() {
    // A sender that ends during the query leaves stale rows in its answer: its peer still counts
    // as busy this time, and its end opens the gate for the next look.
    const auto busy = busy_;
    // All pending rows, not only the due ones: a reply that waits holds back the later ones.
    auto rows = co_await d_.store.due_deliveries(d_.link.name(), d_.link.account(),
                                                 std::numeric_limits<std::int64_t>::max(), page_);
    const auto now = d_.time.unix_ms();
    if (!rows) {
        log::warn("channels", "cannot read the outbox; will try again",
                  {{"channel", d_.link.name()}, {"error", rows.error().to_string()}});
        co_return now + store_backoff.delay(read_failures_++, d_.random).count();
    }
    read_failures_ = 0;
    if (stopping_) co_return std::nullopt;
    const bool full = rows->size() >= page_;
    const auto places = max_senders - busy_.size();
    auto plan = plan_outbox(std::move(*rows), busy, now, places);
    for (auto& batch : plan.batches) {
        busy_.insert(batch.front().peer);
        d_.tasks.spawn(d_.ex, "channel sender", send_batch(std::move(batch)));
    }
    if (!full) {
        page_ = first_page;
    } else if (plan.batches.empty() && places > 0 && page_ < largest_page) {
        page_ *= 2;  // all of the page is held back: others may wait beyond it
        co_return now;
    }
    co_return plan.next_ms;
}

// One peer's replies, in order, until one has to wait.
task<> outbox::send_batch(std::vector<store::delivery> batch) {
    // A cancelled send is still recorded as of unknown outcome.
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto peer = batch.front().peer;
    for (const auto& d : batch) {
        fault_point(fault::reply_goes, d.reply_id);
        const auto outcome = co_await attempt_once(d);
        if (!outcome) break;
        fault_point(fault::reply_gone, d.reply_id);
        const auto end = end_attempt(d, *outcome, policy(), d_.time.unix_ms(), d_.random);
        if (end.state == store::delivery_state::sent) d_.on_sent();
        else log::warn("channels", "a reply was not sent",
                       {{"channel", d.channel}, {"delivery", d.id}, {"run", d.run_id},
                        {"outcome", end.outcome}, {"attempt", d.attempts + 1},
                        {"reason", end.detail}});
        // Counted with its record, so that each reply is counted as ended once.
        const auto kept = co_await record(d, end);
        if (kept || kept.error().code == errc::conflict) outcome_counter(std::string(end.outcome)).add();
        fault_point(fault::reply_recorded, d.reply_id);
        if (stopping_ || end.state == store::delivery_state::pending) break;
    }
    // Not by a destructor: after an exception nobody knows what was recorded, and a peer that
    // stays busy is better than one that gets the same reply without end.
    busy_.erase(peer);
    gate_.open();
}

// Nothing: it was not begun, for that could not be noted. Where a reply must not be sent twice its begin is
// on disk first; one that is found so was on its way when a gateway ended.
task<std::optional<send_outcome>> outbox::attempt_once(const store::delivery& d) {
    if (policy() == when_unknown::record) {
        if (d.next_ms == store::delivery_begun) {
            co_return send_outcome{send_outcome::kind::unknown, "the gateway ended while it was sent", {}};
        }
        const attempt_end begun{store::delivery_state::pending, "on its way", store::delivery_begun, {}};
        if (!co_await record(d, begun)) co_return std::nullopt;
    }
    co_return co_await attempt(d);
}

task<send_outcome> outbox::attempt(store::delivery d) {
    const auto what = "sending on " + d_.link.name();
    auto work = guarded_send(d_.link, d);
    auto sent = co_await with_deadline(send_deadline, what, std::move(work));
    if (sent) co_return std::move(*sent);
    co_return send_outcome{send_outcome::kind::unknown, sent.error().message, {}};
}

// Until it is recorded the peer stays busy, so that nothing is sent twice meanwhile. unavailable: the outbox
// stops. conflict: the row has ended already; an earlier try was committed after all.
task<result<void>> outbox::record(const store::delivery& d, const attempt_end& end) {
    for (unsigned failures = 0;; ++failures) {
        const auto done = co_await d_.store.finish_delivery(d.id, end.state, end.detail,
                                                            end.next_ms);
        if (done || done.error().code == errc::conflict) co_return done;
        log::warn("channels", "cannot record what became of a reply",
                  {{"channel", d.channel}, {"delivery", d.id},
                   {"error", done.error().to_string()}});
        if (stopping_) co_return error(errc::unavailable, "the outbox stops");
        co_await pause(failures);
    }
}

task<> outbox::pause(unsigned failures) {
    asio::steady_timer timer(d_.ex, store_backoff.delay(failures, d_.random));
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

metrics::counter outbox::outcome_counter(const std::string& outcome) const {
    return d_.metrics.make_counter("openclaw_channel_deliveries_total",
                                   "Attempts to send a reply through a channel, by outcome; sent, failed "
                                   "and unknown are a reply's last",
                                   {{"channel", d_.link.name()}, {"outcome", outcome}});
}

}  // namespace openclaw::channels
