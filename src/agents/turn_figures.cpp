#include "agents/turn_figures.hpp"

namespace openclaw::agents {

namespace {

double seconds(std::chrono::nanoseconds t) {
    return std::chrono::duration<double>(t).count();
}

metrics::counter tokens(metrics::registry& metrics, const char* direction) {
    return metrics.make_counter("openclaw_provider_tokens_total", "Tokens that models read and wrote.",
                                {{"direction", direction}});
}

metrics::counter tool_calls(metrics::registry& metrics, const char* outcome) {
    return metrics.make_counter("openclaw_tool_calls_total", "Tools run for models.",
                                {{"outcome", outcome}});
}

}  // namespace

turn_figures::turn_figures(metrics::registry& metrics)
    : metrics_(metrics),
      first_token_(metrics.make_histogram("openclaw_provider_first_token_seconds",
                                          "From the call of a model to its first text.",
                                          metrics::latency_buckets())),
      input_(tokens(metrics, "input")), output_(tokens(metrics, "output")),
      cache_read_(tokens(metrics, "cache_read")), cache_write_(tokens(metrics, "cache_write")),
      tools_ok_(tool_calls(metrics, "ok")), tools_failed_(tool_calls(metrics, "error")) {}

turn_figures::api_figures& turn_figures::figures_of(std::string_view api) {
    const auto known = apis_.find(api);
    if (known != apis_.end()) return known->second;
    api_figures made;
    made.duration = metrics_.make_histogram("openclaw_provider_request_duration_seconds",
                                            "Calls of models, from the request to the whole answer.",
                                            metrics::latency_buckets(), {{"api", std::string(api)}});
    return apis_.emplace(std::string(api), std::move(made)).first->second;
}

void turn_figures::on_call(std::string_view api, std::string_view outcome,
                           std::chrono::nanoseconds took) {
    std::lock_guard lock(mutex_);
    auto& figures = figures_of(api);
    figures.duration.observe(seconds(took));
    auto known = figures.outcomes.find(outcome);
    if (known == figures.outcomes.end()) {
        auto made = metrics_.make_counter(
            "openclaw_provider_requests_total", "Calls of models by how they ended.",
            {{"api", std::string(api)}, {"outcome", std::string(outcome)}});
        known = figures.outcomes.emplace(std::string(outcome), made).first;
    }
    known->second.add();
}

void turn_figures::on_first_token(std::chrono::nanoseconds after) const {
    first_token_.observe(seconds(after));
}

void turn_figures::on_tokens(const token_usage& usage) const {
    input_.add(static_cast<double>(usage.input));
    output_.add(static_cast<double>(usage.output));
    cache_read_.add(static_cast<double>(usage.cache_read));
    cache_write_.add(static_cast<double>(usage.cache_write));
}

void turn_figures::on_tool(bool is_error) const {
    (is_error ? tools_failed_ : tools_ok_).add();
}

}  // namespace openclaw::agents
