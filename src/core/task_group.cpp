#include "openclaw/core/task_group.hpp"

#include "openclaw/core/log.hpp"
#include "openclaw/core/promise.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <exception>
#include <list>
#include <mutex>
#include <string>

namespace openclaw {

struct task_handle::task {
    executor ex;
    std::string name;
    asio::cancellation_signal signal;  // touched on `ex` only
    std::list<std::shared_ptr<task>>::iterator place{};
};

void task_handle::cancel() const {
    if (!task_) return;
    asio::post(task_->ex, [t = task_] { t->signal.emit(asio::cancellation_type::terminal); });
}

struct task_group::state {
    mutable std::mutex mutex;
    std::list<std::shared_ptr<task_handle::task>> members;
    bool stopped = false;
    gate empty;
};

namespace {

void report(const std::string& name, const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) return;  // cancelled, as asked
        log::error("core", "a task failed", {{"task", name}, {"error", e.what()}});
    } catch (const asio::multiple_exceptions& e) {
        report(name, e.first_exception());  // from operator|| and operator&& of awaitables
    } catch (const std::exception& e) {
        log::error("core", "a task failed", {{"task", name}, {"error", e.what()}});
    } catch (...) {
        log::error("core", "a task failed", {{"task", name}, {"error", "not an exception"}});
    }
}

}  // namespace

task_group::task_group() : state_(std::make_shared<state>()) {}

task_group::~task_group() {
    assert(size() == 0 && "a task_group must be joined before it goes");
}

task_handle task_group::spawn(const executor& ex, std::string_view name, task<> work) {
    auto m = std::make_shared<task_handle::task>();
    m->ex = ex;
    m->name = name;
    auto done = [s = state_, m](const std::exception_ptr& failure) {
        if (failure) report(m->name, failure);
        std::lock_guard lock(s->mutex);
        s->members.erase(m->place);
        if (s->members.empty()) s->empty.open();
    };
    // The task starts from the executor's queue, and stop() posts behind it: a cancellation that
    // comes before the task has its slot would be lost, and join() would wait for ever.
    auto start = [m, work = std::move(work), done = std::move(done)]() mutable {
        asio::co_spawn(m->ex, std::move(work),
                       asio::bind_cancellation_slot(m->signal.slot(), std::move(done)));
    };
    std::lock_guard lock(state_->mutex);
    if (state_->stopped) return {};
    m->place = state_->members.insert(state_->members.end(), m);
    asio::post(ex, std::move(start));
    return task_handle(std::move(m));
}

void task_group::stop() {
    std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    for (const auto& m : state_->members) task_handle(m).cancel();
}

task<> task_group::join() {
    auto s = state_;
    while (true) {
        {
            std::lock_guard lock(s->mutex);
            if (s->members.empty()) co_return;
        }
        co_await s->empty.wait();
    }
}

std::size_t task_group::size() const {
    std::lock_guard lock(state_->mutex);
    return state_->members.size();
}

}  // namespace openclaw
