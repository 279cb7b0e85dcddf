#include "openclaw/agents/turn_runner.hpp"

#include "agents/turn.hpp"

namespace openclaw::agents {

struct turn_runner::figures : turn_figures {
    using turn_figures::turn_figures;
};

turn_runner::turn_runner(const tools::registry& tools, const time_source& time,
                         random_source& random, metrics::registry& metrics)
    : tools_(tools), time_(time), random_(random), figures_(std::make_unique<figures>(metrics)) {}

turn_runner::~turn_runner() = default;

task<result<turn_outcome>> turn_runner::run(const turn_request& request, turn_observer& observer,
                                            turn_journal& journal) {
    if (!request.model && request.agent->candidates.empty()) co_return request.agent->no_model;
    turn t(request, observer, journal, {tools_, time_, random_, *figures_});
    co_return co_await t.run();
}

}  // namespace openclaw::agents
