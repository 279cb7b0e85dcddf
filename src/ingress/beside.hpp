#pragma once

#include "openclaw/core/promise.hpp"

#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

namespace openclaw::ingress {

// Runs `work`, which blocks and throws nothing, on a thread of its own, because a disk may take its
// time; its result. The thread has ended when this has. Name the lambda before the call: g++ 12
// destroys one written inside a co_await expression twice.
template <class Work>
task<std::invoke_result_t<Work&>> run_beside(Work work) {
    auto done = std::make_shared<promise<std::invoke_result_t<Work&>>>();
    const std::jthread worker([done, work = std::move(work)]() mutable { done->set(work()); });
    co_return co_await done->get();
}

}  // namespace openclaw::ingress
