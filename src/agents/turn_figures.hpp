#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/chat_message.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace openclaw::agents {

// What is counted of calls of models and tools. Any thread.
class turn_figures {
public:
    explicit turn_figures(metrics::registry& metrics);

    // `outcome` is "ok" or the name of an errc.
    void on_call(std::string_view api, std::string_view outcome, std::chrono::nanoseconds took);
    void on_first_token(std::chrono::nanoseconds after) const;
    void on_tokens(const token_usage& usage) const;
    void on_tool(bool is_error) const;

private:
    struct api_figures {
        metrics::histogram duration;
        std::map<std::string, metrics::counter, std::less<>> outcomes;
    };
    api_figures& figures_of(std::string_view api);

    metrics::registry& metrics_;
    metrics::histogram first_token_;
    metrics::counter input_, output_, cache_read_, cache_write_;
    metrics::counter tools_ok_, tools_failed_;
    std::mutex mutex_;
    std::map<std::string, api_figures, std::less<>> apis_;  // by name, made when first used
};

}  // namespace openclaw::agents
