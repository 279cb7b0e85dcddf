#include "routing/scheduler_impl.hpp"

namespace openclaw::routing {

scheduler::scheduler(dependencies d, json configured)
    : impl_(std::make_shared<impl>(std::move(d), std::move(configured))) {}

scheduler::~scheduler() = default;

std::vector<std::string> scheduler::problems_of(const json& configured) {
    return read_configured(configured).problems;
}

void scheduler::start() { impl_->start(); }

task<> scheduler::stop() {
    const auto keep = impl_;
    co_await keep->stop();
}

task<result<void>> scheduler::configure(json configured) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->configure(std::move(configured)));
}

void scheduler::look() { impl_->look(); }

task<result<json>> scheduler::add(json job) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->add(std::move(job)));
}

task<result<json>> scheduler::update(std::string id, json patch) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->update(std::move(id), std::move(patch)));
}

task<result<void>> scheduler::remove(std::string id) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->remove(std::move(id)));
}

task<result<scheduler::manual_run>> scheduler::run(std::string id, run_when when) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->run(std::move(id), when));
}

task<result<json>> scheduler::get(std::string id) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->get(std::move(id)));
}

task<result<scheduler::summary>> scheduler::status() {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->status());
}

task<result<scheduler::listing>> scheduler::list(job_choice choose, row_page page) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->list(std::move(choose), page));
}

task<result<scheduler::listing>> scheduler::runs(run_choice choose, row_page page) {
    const auto keep = impl_;
    co_return co_await keep->on_strand(keep->runs(std::move(choose), page));
}

}  // namespace openclaw::routing
