#include "routing/router_impl.hpp"

#include "openclaw/core/fault.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/routing/bindings.hpp"
#include "routing/inbound_json.hpp"

namespace openclaw::routing {

namespace {

constexpr std::size_t max_text = 1 << 20;  // bytes of one message

// A client that took the name of a job's next run would have that run fail.
bool is_of_a_job(std::string_view run_id) {
    return run_id.starts_with("cron:") || run_id.starts_with("manual:");
}

// The unique key of a message at its entrance: a redelivery has the same one.
std::string dedupe_key(const inbound_message& m) {
    if (m.idempotency_key.empty()) return {};
    return m.origin.channel + ":" + m.origin.account + ":" + m.idempotency_key;
}

}  // namespace

error stopping_error() {
    error closing(errc::unavailable, "the gateway is stopping", "Send the message again.");
    closing.retry_after = milliseconds(1000);
    return closing;
}

std::size_t size_of(const inbound_message& m) {
    std::size_t bytes = m.text.size() + m.extra_system.size();
    for (const auto& image : m.images) bytes += image.base64.size();
    for (const auto& row : m.context) bytes += size_of(row);
    for (const auto& outcome : m.results) bytes += outcome.text.size();
    return bytes;
}

std::string quota_of(const inbound_message& m) {
    const auto& o = m.origin;
    return o.sender.empty() ? std::string() : o.channel + '/' + o.account + '/' + o.sender;
}

// A place in the table while its message is being accepted. Whoever waits for `told` hears an end,
// also when the router stops before the acceptance has begun.
struct router::impl::ticket {
    ticket(std::shared_ptr<impl> o, place w, admission a, const inbound_message& m)
        : owner(std::move(o)), where(std::move(w)), promised(std::move(a)), bytes(size_of(m)),
          quota(quota_of(m)) {}
    ~ticket() {
        if (!used) {
            std::lock_guard lock(owner->mutex_);
            owner->table_.release_place(where.canonical, bytes, quota);
        }
        told->set(stopping_error());  // the first value stays
    }
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;

    std::shared_ptr<impl> owner;
    place where;
    admission promised;
    const std::size_t bytes;
    const std::string quota;
    bool used = false;   // the message has taken the place
    std::shared_ptr<promise<result<admission>>> told =
        std::make_shared<promise<result<admission>>>();
};

router::impl::impl(dependencies d, config::session_settings sessions,
                   std::vector<config::binding_settings> bindings,
                   std::shared_ptr<const agents::directory> agents)
    : d_(std::move(d))
    , worker_(d_)
    , sessions_(sessions)
    , bindings_(std::move(bindings))
    , agents_(std::move(agents))
    , table_(d_.io)
    , lanes_figure_(d_.metrics.make_gauge("openclaw_sessions_in_memory",
                                          "Sessions that hold memory."))
    , running_figure_(d_.metrics.make_gauge("openclaw_turns_running", "Turns in progress."))
    , waiting_figure_(d_.metrics.make_gauge("openclaw_queue_depth",
                                            "Accepted messages whose turn has not begun."))
    , accepted_figure_(d_.metrics.make_counter("openclaw_messages_total",
                                               "Messages by what became of them at the entrance.",
                                               {{"outcome", "accepted"}}))
    , refused_figure_(d_.metrics.make_counter("openclaw_messages_total",
                                              "Messages by what became of them at the entrance.",
                                              {{"outcome", "refused"}}))
    , duplicate_figure_(d_.metrics.make_counter("openclaw_messages_total",
                                                "Messages by what became of them at the entrance.",
                                                {{"outcome", "duplicate"}}))
    , released_figure_(d_.metrics.make_counter("openclaw_turns_released_total",
                                               "Turns that held their session for too long.")) {
    apply_limits();
}

// With the mutex held.
void router::impl::apply_limits() {
    lane_limits limits;
    limits.running = sessions_.max_concurrent;
    limits.per_session = sessions_.queue.cap;
    limits.per_sender = sessions_.queue.per_sender;
    limits.debounce = sessions_.queue.debounce;
    for (const auto& agent : agents_->all()) {
        if (agent.max_concurrent != 0) limits.agents[agent.id] = agent.max_concurrent;
    }
    table_.set_limits(std::move(limits));
}

// With the mutex held. Whoever waits for the answer on his own request has his own turn, as a command has.
queue_mode router::impl::mode_of(const inbound_message& m) const {
    const bool plain = m.durability == durability::before_ack && !(m.commands && parse_command(m.text));
    if (!plain) return queue_mode::followup;
    return m.queue.value_or(queue_mode_from(sessions_.queue.mode).value_or(queue_mode::followup));
}

void router::impl::configure(config::session_settings sessions,
                             std::vector<config::binding_settings> bindings,
                             std::shared_ptr<const agents::directory> agents) {
    {
        std::lock_guard lock(mutex_);
        sessions_ = sessions;
        bindings_ = std::move(bindings);
        agents_ = std::move(agents);
        apply_limits();
    }
    dispatch();
}

std::shared_ptr<const agents::directory> router::impl::agents() const {
    std::lock_guard lock(mutex_);
    return agents_;
}

result<session_key> router::impl::resolve(std::string_view session, std::string_view agent) const {
    const auto known = agents();
    const std::string fallback = agent.empty() ? known->default_agent().id : std::string(agent);
    auto key = session_key::parse(session, fallback);
    if (!key) return key.error();
    if (!agent.empty() && key->agent() != agent) {
        return error(errc::invalid_input, "the session belongs to agent \"" + key->agent() +
                                              "\", not to \"" + std::string(agent) + "\"");
    }
    return key;
}

result<router::impl::place> router::impl::find_place(inbound_message& message, bool own) const {
    if (message.text.empty() && message.images.empty() && message.results.empty()) {
        return error(errc::invalid_input, "the message is empty");
    }
    if (message.text.size() > max_text) {
        return error(errc::too_large, "the message is longer than " + std::to_string(max_text) +
                                          " bytes");
    }
    if (!own && is_of_a_job(message.run_id)) {
        return error(errc::invalid_input, "runs named cron: or manual: belong to the gateway's jobs",
                     "Choose another idempotency key.");
    }
    std::lock_guard lock(mutex_);
    place p;
    if (message.session.empty()) {
        auto r = choose_route(bindings_, agents_->default_agent().id, message);
        message.priority = r.priority;
        p.key = session_key(std::move(r.agent), std::move(r.session_rest));
    } else {
        const auto& agent = message.agent.empty() ? agents_->default_agent().id : message.agent;
        auto key = session_key::parse(message.session, agent);
        if (!key) return key.error();
        if (auto free = key->check_choosable(); !own && !free) return free.error();
        p.key = std::move(*key);
        if (!message.agent.empty() && p.key.agent() != message.agent) {
            return error(errc::invalid_input, "the session belongs to agent \"" + p.key.agent() +
                                                  "\", not to \"" + message.agent + "\"");
        }
    }
    if (agents_->find(p.key.agent()) == nullptr) {
        return error(errc::not_found, "there is no agent \"" + p.key.agent() + "\"",
                     "openclaw config get agents.list shows those that are configured.");
    }
    p.canonical = p.key.str();
    return p;
}

task<result<store::accept_result>> router::impl::accept(const place& p,
                                                        const inbound_message& message,
                                                        const std::string& run_id) {
    store::accept_request request;
    request.session = p.canonical;
    request.agent = p.key.agent();
    request.run_id = run_id;
    request.dedupe = dedupe_key(message);
    request.session_id = message.session_id;
    request.priority = static_cast<std::uint8_t>(message.priority);
    request.received_ms = message.received_ms;
    request.body = to_stored(message);
    request.epoch = d_.store.epoch();
    fault_point(fault::accepting, message.text);
    auto accepted = co_await d_.store.accept(std::move(request));
    fault_point(fault::accepted, message.text);
    co_return accepted;
}

task<result<admission>> router::impl::submit(inbound_message message,
                                             std::shared_ptr<reply_sink> sink, bool next,
                                             std::shared_ptr<const planned_fork> fork, bool own) {
    if (stopping_) co_return stopping_error();
    if (message.received_ms == 0) message.received_ms = d_.time.unix_ms();
    auto p = find_place(message, own);
    if (!p) co_return p.error();
    {
        std::lock_guard lock(mutex_);
        const auto kept = table_.reserve_place(p->canonical, size_of(message), quota_of(message));
        if (!kept) {
            refused_figure_.add();
            co_return kept.error();
        }
    }
    admission a;
    a.run_id = message.run_id.empty() ? make_uuid(d_.random, message.received_ms)
                                        : message.run_id;
    a.session = p->canonical;
    a.agent = p->key.agent();
    if (message.durability == durability::with_answer) {
        enqueue(*p, a, std::move(message), std::move(sink), 0, next, std::move(fork));
        co_return a;
    }
    // In the router's own group: a sender that goes away meanwhile cancels its own wait, and must
    // not leave a message behind that is committed and has no turn.
    auto t = std::make_shared<ticket>(shared_from_this(), std::move(*p), std::move(a), message);
    auto told = t->told;
    const auto on = co_await asio::this_coro::executor;
    tasks_.spawn(on, "accept", take(std::move(t), std::move(message), std::move(sink)));
    co_return co_await told->get();
}

task<> router::impl::take(std::shared_ptr<ticket> t, inbound_message message,
                          std::shared_ptr<reply_sink> sink) {
    auto& a = t->promised;
    auto accepted = co_await accept(t->where, message, a.run_id);
    if (!accepted) {
        refused_figure_.add();
        t->told->set(accepted.error());
        co_return;
    }
    if (!accepted->fresh && !message.session.empty() &&
        accepted->run.session != t->where.canonical) {
        refused_figure_.add();
        t->told->set(error(errc::conflict,
                           "the idempotency key was used for a message of another session",
                           "Give each message a key of its own."));
        co_return;
    }
    if (!accepted->fresh) {
        duplicate_figure_.add();
        a.run = std::move(accepted->run);
        a.run_id = a.run.run_id;
        a.session = a.run.session;
        a.agent = a.run.agent;
        a.status = a.run.state == store::run_state::waiting ||
                           a.run.state == store::run_state::running
                       ? admission::progress::in_flight
                       : admission::progress::ended;
        t->told->set(a);
        co_return;
    }
    t->used = true;
    tell_accepted(a);
    enqueue(t->where, a, std::move(message), std::move(sink), accepted->run.inbox_id);
    t->told->set(a);
}

void router::impl::enqueue(const place& p, const admission& a, inbound_message message,
                           std::shared_ptr<reply_sink> sink, std::int64_t inbox_id, bool next,
                           std::shared_ptr<const planned_fork> fork) {
    auto item = std::make_unique<queued>();
    item->bytes = size_of(message);
    item->message = std::move(message);
    item->sink = std::move(sink);
    item->run = std::make_shared<const run_identity>(run_identity{a.run_id, a.session, a.agent});
    item->inbox_id = inbox_id;
    item->next = next;
    item->fork = std::move(fork);
    item->quota = quota_of(item->message);
    {
        std::lock_guard lock(mutex_);
        item->mode = mode_of(item->message);
        const auto stopped = table_.enqueue(p.key, p.canonical, std::move(item), d_.time.steady());
        if (stopped && stopped->turn && stopped->abort_reason.empty()) {
            stopped->abort_reason = "interrupted";
            stopped->turn.cancel();
        }
    }
    accepted_figure_.add();
    dispatch();
}

void router::impl::publish(const queue_stats& s) {
    lanes_figure_.set(static_cast<double>(s.lanes));
    running_figure_.set(static_cast<double>(s.running));
    waiting_figure_.set(static_cast<double>(s.waiting));
}

// Before the message is in its queue: nobody hears of a turn whose message they have not heard of.
void router::impl::tell_accepted(const admission& a) {
    if (!d_.observer) return;
    turn_event event;
    event.what = turn_event::kind::accepted;
    event.run = std::make_shared<const run_identity>(run_identity{a.run_id, a.session, a.agent});
    event.at_ms = d_.time.unix_ms();
    d_.observer->on_event(std::make_shared<const turn_event>(std::move(event)));
}

// Ends a run that has no turn, or no longer, for whoever listens.
void router::impl::tell_failed(const std::shared_ptr<const run_identity>& run,
                               const std::shared_ptr<reply_sink>& sink, error why) {
    turn_watch watch(run, sink, d_.observer, nullptr, d_.time);
    turn_event event;
    event.what = turn_event::kind::failed;
    event.failure = std::move(why);
    watch.emit(std::move(event));
}

// Of a turn that broke, and of what took part in it.
void router::impl::tell_broken(const std::shared_ptr<const run_identity>& run,
                               const std::shared_ptr<reply_sink>& sink, const lane& l) {
    const error broke(errc::internal, "the turn failed unexpectedly");
    std::vector<participant> all;
    {
        std::lock_guard lock(mutex_);
        all = l.joined;
    }
    tell_failed(run, sink, broke);
    for (const auto& guest : all) tell_failed(guest.run, guest.sink, broke);
}

// Nothing begins any more: those who wait for their own answer hear it now, and the others' messages
// are in the inbox for the next process.
void router::impl::dismiss_waiting() {
    std::vector<queued_ptr> all;
    {
        std::lock_guard lock(mutex_);
        all = table_.take_waiting();
    }
    for (const auto& item : all) {
        if (item->chore) {
            item->chore->done.set(stopping_error());
        } else if (item->inbox_id == 0) {
            tell_failed(item->run, item->sink, stopping_error());
        }
    }
}

void router::impl::dispatch() {
    if (stopping_) return dismiss_waiting();
    while (!stopping_ && !holding_) {
        std::optional<lane_table::job> job;
        {
            std::lock_guard lock(mutex_);
            job = table_.next(d_.time.steady());
            publish(table_.stats());
            if (!job) break;
            begin(std::move(*job));
        }
    }
    std::lock_guard lock(mutex_);
    if (!table_.wakes_at() || stopping_ || std::exchange(watches_rest_, true)) return;
    tasks_.spawn(asio::make_strand(d_.io), "debounce", wait_for_rest());
}

// With the mutex held: from here on the turn can be aborted and joined late, before its first line has run.
void router::impl::begin(lane_table::job job) {
    auto& l = *job.lane;
    if (job.item->chore) {
        const executor strand_of = l.on;
        tasks_.spawn(strand_of, "chore", do_chore(std::move(job)));
        return;
    }
    l.live = std::make_shared<live_turn>();
    l.live->run = job.item->run;
    l.live->started_ms = d_.time.unix_ms();
    l.sink = job.item->sink;
    l.joined.clear();
    for (const auto& guest : job.item->joined) l.joined.push_back(participant_of(*guest));
    const auto* agent = agents_->find(l.key.agent());
    const auto limit = agent == nullptr ? milliseconds(0) : agent->turn_timeout;
    l.overdue_at = d_.time.steady() + limit + sessions_.queue.lease;
    const executor on = l.on;
    l.turn = tasks_.spawn(on, "turn", work(std::move(job)));
}

class router::impl::lease final : public turn_lease {
public:
    lease(impl& owner, std::shared_ptr<lane> on) : owner_(owner), on_(std::move(on)) {}

    standing close() override {
        std::lock_guard lock(owner_.mutex_);
        on_->turn = {};
        return {on_->abort_reason, on_->released};
    }
    std::vector<queued_ptr> take_steering(const queued& host) override {
        std::lock_guard lock(owner_.mutex_);
        return owner_.table_.take_steering(*on_, host);
    }
    void give_back(std::vector<queued_ptr> items) override {
        {
            std::lock_guard lock(owner_.mutex_);
            owner_.table_.give_back(*on_, std::move(items), owner_.d_.time.steady());
        }
        owner_.dispatch();
    }

private:
    impl& owner_;
    const std::shared_ptr<lane> on_;
};

task<> router::impl::work(lane_table::job job) {
    auto self = shared_from_this();
    const auto run = job.item->run;
    const bool forget = job.item->message.fresh_session;
    std::shared_ptr<live_turn> live;
    task_handle own;
    std::shared_ptr<const agents::directory> known;
    {
        std::lock_guard lock(mutex_);
        live = job.lane->live;
        own = job.lane->turn;
        known = agents_;
        if (std::exchange(job.lane->outdated, false)) forget_history(*job.lane);
    }
    lease held(*this, job.lane);
    auto state = store::run_state::failed;
    const auto sink = job.item->sink;
    try {
        // Named: g++ 12 copies an aggregate made inside co_await bit by bit.
        turn_worker::turn t{*job.lane, std::move(job.item), std::move(known), live, own,
                            held, stopping_};
        state = co_await worker_.run(std::move(t));
    } catch (const std::exception& e) {
        log::error("routing", "a turn broke", {{"run", run->run_id}, {"error", e.what()}});
        if (!live->muted) tell_broken(run, sink, *job.lane);
    }
    std::vector<participant> joined;
    {
        std::lock_guard lock(mutex_);
        if (job.lane->released) co_return;   // its message ends elsewhere
        joined = job.lane->joined;
        table_.finished(job.lane, d_.time.steady(), forget);
    }
    waiters_.ended(run->run_id, state);
    for (const auto& guest : joined) waiters_.ended(guest.run->run_id, state);
    go_on();
}

// A session gave its place back.
void router::impl::go_on() {
    room_.open();
    dispatch();
}

}  // namespace openclaw::routing
