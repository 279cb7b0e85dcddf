#pragma once

#include "openclaw/core/task.hpp"

#include <memory>
#include <string_view>

namespace openclaw {

// One task of a group. Empty: of a task that was never started.
class task_handle {
public:
    task_handle() = default;
    explicit operator bool() const { return task_ != nullptr; }
    // Asks the task to end (terminal cancellation, delivered on its own executor). Any thread;
    // nothing happens when it has ended.
    void cancel() const;

private:
    friend class task_group;
    struct task;
    explicit task_handle(std::shared_ptr<task> t) : task_(std::move(t)) {}
    std::shared_ptr<task> task_;
};

// The owner of coroutines. Whoever spawns holds a task_group as its last member, and before it is
// destroyed calls stop() and awaits join(). An exception that leaves a task is logged as a bug.
class task_group {
public:
    task_group();
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // Starts `work` on `ex`, which runs one thing at a time (a strand, or a context with one
    // thread), never inside this call; `name` shows up in the log if it throws. After stop() it does
    // nothing.
    task_handle spawn(const executor& ex, std::string_view name, task<> work);

    // Asks every running task to end (terminal cancellation, delivered on its own executor).
    // Any thread; may be called again.
    void stop();

    // Returns when no task is left. One joiner at a time.
    task<> join();

    std::size_t size() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace openclaw
