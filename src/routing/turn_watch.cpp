#include "routing/turn_watch.hpp"

namespace openclaw::routing {

turn_watch::turn_watch(std::shared_ptr<const run_identity> run, std::shared_ptr<reply_sink> sink,
                       std::shared_ptr<reply_sink> observer, std::shared_ptr<live_turn> live,
                       const time_source& time)
    : run_(std::move(run))
    , sink_(std::move(sink))
    , observer_(std::move(observer))
    , live_(std::move(live))
    , time_(time) {}

void turn_watch::on_text(std::string_view delta) {
    live_->append(delta);
    const bool wanted = (sink_ && sink_->wants_deltas()) ||
                        (observer_ && observer_->wants_deltas());
    if (!wanted) {
        ++seq_;  // a delta that nobody saw still counts, so that late joiners see the gap
        return;
    }
    turn_event event;
    event.what = turn_event::kind::delta;
    event.text = delta;
    emit(std::move(event));
}

void turn_watch::on_tool_started(const tool_call& call) {
    turn_event event;
    event.what = turn_event::kind::tool_started;
    event.call = call;
    emit(std::move(event));
}

void turn_watch::on_tool_ended(const tool_call& call, const tool_result& outcome) {
    turn_event event;
    event.what = turn_event::kind::tool_ended;
    event.call = call;
    event.text = outcome.text;
    event.is_error = outcome.is_error;
    emit(std::move(event));
}

void turn_watch::emit(turn_event event) {
    if (live_ && live_->muted) return;
    event.run = run_;
    event.seq = ++seq_;
    event.at_ms = time_.unix_ms();
    event.so_far = live_;
    if (live_) event.started_ms = live_->started_ms;
    if (live_ && event.is_end()) live_->over = true;
    const auto shared = std::make_shared<const turn_event>(std::move(event));
    if (sink_) sink_->on_event(shared);
    if (observer_) observer_->on_event(shared);
}

}  // namespace openclaw::routing
