#include "openclaw/metrics/registry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace openclaw::metrics {

namespace {

// Endings that the text format gives to the parts of a histogram or reserves for counters.
constexpr std::array<std::string_view, 4> reserved{"_total", "_count", "_sum", "_bucket"};

// Units that are not base units (seconds, bytes, ratio): promtool warns of them, and figures of
// different scale cannot be put into one graph.
constexpr std::array<std::string_view, 9> scaled{"milliseconds", "microseconds", "nanoseconds",
                                                 "minutes",      "hours",        "days",
                                                 "kilobytes",    "megabytes",    "percent"};

[[noreturn]] void refuse(const std::string& name, std::string_view why) {
    throw std::invalid_argument("metric " + name + ": " + std::string(why));
}

// A name that breaks the conventions is a bug of the caller, found by the first test that runs it.
void check(const std::string& name, const std::string& help, bool counts) {
    if (help.empty()) refuse(name, "the help text is missing");
    if (counts && !name.ends_with("_total")) refuse(name, "the name of a counter ends in _total");
    for (const auto ending : reserved) {
        if (!counts && name.ends_with(ending)) refuse(name, "this ending is reserved");
    }
    for (const auto unit : scaled) {
        const auto at = name.find(unit);
        if (at == std::string::npos || at == 0 || name[at - 1] != '_') continue;
        const auto end = at + unit.size();
        if (end == name.size() || name[end] == '_') refuse(name, "use a base unit");
    }
}

prometheus::Labels to_prometheus(const labels& l) {
    return {l.begin(), l.end()};
}

}  // namespace

void counter::add(double n) const {
    if (c_) c_->Increment(n);
}

double counter::value() const {
    return c_ ? c_->Value() : 0;
}

void gauge::set(double v) const {
    if (g_) g_->Set(v);
}

void gauge::add(double n) const {
    if (g_) g_->Increment(n);
}

double gauge::value() const {
    return g_ ? g_->Value() : 0;
}

void histogram::observe(double v) const {
    if (h_) h_->Observe(v);
}

const std::vector<double>& latency_buckets() {
    static const std::vector<double> buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                             0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5,
                                             5,      10,      30,     60};
    return buckets;
}

struct registry::state {
    prometheus::Registry figures;
};

registry::registry() : state_(std::make_unique<state>()) {}

registry::~registry() = default;

counter registry::make_counter(const std::string& name, const std::string& help, const labels& l) {
    check(name, help, true);
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->figures);
    return counter(&family.Add(to_prometheus(l)));
}

gauge registry::make_gauge(const std::string& name, const std::string& help, const labels& l) {
    check(name, help, false);
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->figures);
    return gauge(&family.Add(to_prometheus(l)));
}

histogram registry::make_histogram(const std::string& name, const std::string& help,
                                   const std::vector<double>& buckets, const labels& l) {
    check(name, help, false);
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->figures);
    return histogram(&family.Add(to_prometheus(l), buckets));
}

std::string registry::render() const {
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, state_->figures.Collect());
    return std::move(text).str();
}

}  // namespace openclaw::metrics
