#include "routing/router_impl.hpp"

namespace openclaw::routing {

router::router(dependencies d, config::session_settings sessions,
               std::vector<config::binding_settings> bindings,
               std::shared_ptr<const agents::directory> agents)
    : impl_(std::make_shared<impl>(std::move(d), sessions, std::move(bindings),
                                   std::move(agents))) {}

router::~router() = default;

void router::start() { impl_->start(); }

task<> router::stop(milliseconds grace) { return impl_->stop(grace); }

void router::configure(config::session_settings sessions,
                       std::vector<config::binding_settings> bindings,
                       std::shared_ptr<const agents::directory> agents) {
    impl_->configure(sessions, std::move(bindings), std::move(agents));
}

std::shared_ptr<const agents::directory> router::agents() const { return impl_->agents(); }

task<result<admission>> router::submit(inbound_message message, std::shared_ptr<reply_sink> sink) {
    return impl_->submit(std::move(message), std::move(sink));
}

task<result<admission>> router::submit_own(inbound_message message) {
    return impl_->submit(std::move(message), nullptr, false, nullptr, true);
}

task<result<admission>> router::submit_after(std::string run_id, session_key other,
                                             inbound_message message, std::shared_ptr<reply_sink> sink) {
    return impl_->submit_after(std::move(run_id), std::move(other), std::move(message), std::move(sink));
}

std::vector<std::string> router::abort(const std::string& session, const std::string& run_id,
                                       const std::string& reason) {
    return impl_->abort(session, run_id, reason).turns;
}

task<result<std::vector<std::string>>> router::call_back(std::string session, std::string run_id,
                                                         std::string reason) {
    return impl_->call_back(std::move(session), std::move(run_id), std::move(reason));
}

task<run_report> router::wait(std::string run_id, milliseconds limit) {
    return impl_->wait(std::move(run_id), limit);
}

task<result<void>> router::between_turns(session_key session,
                                         std::function<task<result<void>>()> change) {
    return impl_->between_turns(std::move(session), std::move(change));
}

router::active_runs router::runs_of(const std::string& session) const {
    return impl_->runs_of(session);
}

void router::reload(const std::string& session) { impl_->reload(session); }

std::string router::session_of(const std::string& run_id) const { return impl_->session_of(run_id); }

std::optional<router::in_flight> router::running_in(const std::string& session) const {
    return impl_->running_in(session);
}

router::waiting_messages router::waiting_in(const std::string& session, std::size_t limit) const {
    return impl_->waiting_in(session, limit);
}

result<session_key> router::resolve(std::string_view session, std::string_view agent) const {
    return impl_->resolve(session, agent);
}

task<result<std::vector<router::dead_letter>>> router::dead_letters(std::int64_t after,
                                                                    std::size_t limit) {
    return impl_->dead_letters(after, limit);
}

task<result<std::optional<router::dead_letter>>> router::find_dead_letter(std::string run_id) {
    return impl_->find_dead_letter(std::move(run_id));
}

task<result<admission>> router::retry_dead_letter(std::string run_id) {
    return impl_->retry_dead_letter(std::move(run_id));
}

task<result<void>> router::discard_dead_letter(std::string run_id) {
    return impl_->discard_dead_letter(std::move(run_id));
}

queue_stats router::stats() const { return impl_->stats(); }

}  // namespace openclaw::routing
