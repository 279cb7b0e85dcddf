#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace openclaw::metrics {

// A number that only grows. Any thread. Lives as long as its registry.
class counter {
public:
    counter() = default;
    explicit counter(prometheus::Counter* c) : c_(c) {}
    void add(double n = 1) const;
    double value() const;

private:
    prometheus::Counter* c_ = nullptr;
};

// A number that goes up and down.
class gauge {
public:
    gauge() = default;
    explicit gauge(prometheus::Gauge* g) : g_(g) {}
    void set(double v) const;
    void add(double n = 1) const;
    double value() const;

private:
    prometheus::Gauge* g_ = nullptr;
};

// A distribution of seconds or bytes over fixed buckets.
class histogram {
public:
    histogram() = default;
    explicit histogram(prometheus::Histogram* h) : h_(h) {}
    void observe(double v) const;

private:
    prometheus::Histogram* h_ = nullptr;
};

using labels = std::vector<std::pair<std::string, std::string>>;

// Buckets in seconds from 100 µs to 60 s, for latencies.
const std::vector<double>& latency_buckets();

// All figures of the process. Names follow Prometheus (openclaw_<what>_<unit>[_total]); asking
// again for the same name and labels gives the same figure. Label values come from a small closed
// set: never an id, a path or a name that a caller chose.
class registry {
public:
    registry();
    ~registry();
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    metrics::counter make_counter(const std::string& name, const std::string& help,
                                  const labels& l = {});
    metrics::gauge make_gauge(const std::string& name, const std::string& help,
                              const labels& l = {});
    metrics::histogram make_histogram(const std::string& name, const std::string& help,
                                      const std::vector<double>& buckets, const labels& l = {});

    // Prometheus text format 0.0.4.
    std::string render() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace openclaw::metrics
