#pragma once

#include "ingress/gateway_context.hpp"

#include <mutex>
#include <string>

namespace openclaw::ingress {

// The JSON of GET /health (product.md §9). Figures are read at most once a second: a probe costs a
// copy, not a walk through /proc.
class health_report {
public:
    explicit health_report(gateway_context& gateway) : gateway_(gateway) {}

    struct snapshot {
        int status = 200;     // 503 when unhealthy
        std::string body;
    };
    std::shared_ptr<const snapshot> current();
    // With the store, the queue and the providers. Reads the store.
    task<json> detailed();

private:
    json build() const;

    gateway_context& gateway_;
    std::mutex mutex_;
    std::int64_t made_at_s_ = -1;
    std::shared_ptr<const snapshot> last_;
};

}  // namespace openclaw::ingress
