#include "config/field.hpp"
#include "config/rules.hpp"

// gateway.sessions, gateway.logging, gateway.monitoring
namespace openclaw::config {

namespace {

using enum field_kind;
using enum reload_class;

constexpr std::string_view levels[] = {"debug", "info", "warn", "error", "fatal"};
constexpr std::string_view styles[] = {"json", "text"};
constexpr std::string_view audit_events[] = {"authentication", "authorization", "data_access",
                                             "configuration_change", "admin_action"};
constexpr std::string_view audit_pending[] = {"authentication", "authorization", "data_access"};
constexpr std::string_view audit_formats[] = {"json", "csv", "syslog"};
constexpr std::string_view exporters[] = {"prometheus", "influxdb", "datadog"};
constexpr std::string_view queue_modes[] = {"followup", "collect", "steer", "interrupt"};
constexpr std::string_view severities[] = {"info", "warning", "critical"};

constexpr field session_fields[] = {
    {.path = "timeout", .kind = duration,
     .doc = "An idle session leaves memory; the next message opens it again with its history.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.timeout; }, .min = 1, .in_effect = true},
    {.path = "maxConcurrent", .kind = integer,
     .doc = "Sessions running or holding memory at once; more wait in the queue, by priority.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.max_concurrent; },
     .min = 1, .max = 1'000'000, .in_effect = true},
    {.path = "historyRetention", .kind = duration, .doc = "Older messages are deleted.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.history_retention; },
     .min = 1, .in_effect = true},
    {.path = "queue.mode", .kind = choice,
     .doc = "What a message does that comes while its session is busy: wait for a turn of its own, share one "
            "with the others that wait, go into the turn in progress, or stop that.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.queue.mode; },
     .choices = queue_modes, .in_effect = true},
    {.path = "queue.debounce", .kind = duration,
     .doc = "With `collect`: a turn begins when nothing came for so long, and after ten times that at last.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.queue.debounce; },
     .max = 60'000, .in_effect = true},
    {.path = "queue.cap", .kind = integer,
     .doc = "Messages that wait in one session; the next one is refused.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.queue.cap; },
     .min = 1, .max = 10'000, .in_effect = true},
    {.path = "queue.perSender", .kind = integer,
     .doc = "Messages of one sender that wait, in all sessions; the next one is refused. 0: no such bound.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.queue.per_sender; },
     .max = 10'000, .in_effect = true},
    {.path = "queue.lease", .kind = duration,
     .doc = "A turn that holds its session for so long beyond its time limit is given up, and the session "
            "goes on.",
     .at = [](owner o) -> slot { return &root(o).gateway.sessions.queue.lease; },
     .min = 1, .in_effect = true},
};

constexpr field logging_fields[] = {
    {.path = "level", .kind = choice, .doc = "The least severe lines that are written.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.level; },
     .choices = levels, .in_effect = true},
    {.path = "format", .kind = choice, .doc = "Form of the lines in the file.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.format; },
     .choices = styles, .in_effect = true},
    {.path = "file.enabled", .kind = boolean, .doc = "Write a log file.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.file.enabled; },
     .reload = restart, .in_effect = true},
    {.path = "file.path", .kind = text, .doc = "The file; empty: logs/gateway.log in the state folder.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.file.path; },
     .reload = restart, .in_effect = true},
    {.path = "file.maxSize", .kind = field_kind::size, .doc = "Size at which the file rotates.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.file.max_size; },
     .min = 1024, .reload = module, .in_effect = true},
    {.path = "file.maxFiles", .kind = integer, .doc = "Files that are kept, the current one included.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.file.max_files; },
     .min = 1, .max = 1000, .reload = module, .in_effect = true},
    {.path = "audit.enabled", .kind = boolean, .doc = "Keep the audit trail.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.enabled; }, .in_effect = true},
    {.path = "audit.events", .kind = text_list, .doc = "Kinds of events that are recorded.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.events; },
     .choices = audit_events, .pending = audit_pending, .in_effect = true},
    {.path = "audit.masking.enabled", .kind = boolean, .doc = "Mask sensitive fields.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.masking.enabled; }},
    {.path = "audit.masking.fields", .kind = text_list, .doc = "Names of the fields that are masked.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.masking.fields; }},
    {.path = "audit.masking.charsToMask", .kind = integer, .doc = "How many last characters stay readable.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.masking.chars_to_mask; }, .max = 64},
    {.path = "audit.export.format", .kind = choice, .doc = "Form of exported records.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.exporter.format; },
     .choices = audit_formats},
    {.path = "audit.export.destination", .kind = text, .doc = "A file or a URL; empty: no export.",
     .at = [](owner o) -> slot { return &root(o).gateway.logging.audit.exporter.destination; }},
};

constexpr field monitoring_fields[] = {
    {.path = "healthCheck", .kind = boolean, .doc = "Serve /health on the port; the Unix socket always does.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.health_check; }, .in_effect = true},
    {.path = "metrics.enabled", .kind = boolean, .doc = "Serve Prometheus metrics.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.enabled; }, .in_effect = true},
    {.path = "metrics.endpoint", .kind = text, .doc = "Path of the metrics.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.endpoint; },
     .min = 1, .rule = check_absolute_path, .reload = restart, .in_effect = true},
    {.path = "metrics.collect.system.cpu", .kind = boolean, .doc = "Processor time.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.system.cpu; }},
    {.path = "metrics.collect.system.memory", .kind = boolean, .doc = "Memory.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.system.memory; }},
    {.path = "metrics.collect.system.disk", .kind = boolean, .doc = "Disk space and traffic.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.system.disk; }},
    {.path = "metrics.collect.system.network", .kind = boolean, .doc = "Network traffic.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.system.network; }},
    {.path = "metrics.collect.application.requests", .kind = boolean, .doc = "Requests.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.application.requests; }},
    {.path = "metrics.collect.application.latency", .kind = boolean, .doc = "Durations.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.application.latency; }},
    {.path = "metrics.collect.application.errors", .kind = boolean, .doc = "Errors.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.application.errors; }},
    {.path = "metrics.collect.application.channels", .kind = boolean, .doc = "Channels.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.application.channels; }},
    {.path = "metrics.collect.application.agents", .kind = boolean, .doc = "Agents.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.application.agents; }},
    {.path = "metrics.export.enabled", .kind = boolean, .doc = "Send metrics to another system.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.exporter.enabled; }},
    {.path = "metrics.export.type", .kind = choice, .doc = "Protocol of that system.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.exporter.type; },
     .choices = exporters},
    {.path = "metrics.export.endpoint", .kind = text, .doc = "Its address.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.exporter.endpoint; }},
    {.path = "metrics.export.interval", .kind = duration, .doc = "Time between two exports.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.metrics.exporter.interval; },
     .min = 1000},
    {.path = "alerts", .kind = list, .doc = "Conditions that somebody is told about.",
     .at = [](owner o) -> slot { return &root(o).gateway.monitoring.alerts; }},
    {.path = "alerts[].name", .kind = text, .doc = "Name of the alert.", .min = 1, .required = true},
    {.path = "alerts[].when", .kind = text, .doc = "Condition, like `errors.rate > 5%`.",
     .min = 1, .required = true},
    {.path = "alerts[].for", .kind = duration, .doc = "How long it must hold."},
    {.path = "alerts[].severity", .kind = choice, .doc = "How bad it is.", .choices = severities},
    {.path = "alerts[].notify", .kind = text_list, .doc = "Who is told: `slack:C123`, a URL."},
};

constexpr section sections[] = {
    {"gateway.sessions", session_fields},
    {"gateway.logging", logging_fields},
    {"gateway.monitoring", monitoring_fields},
};

}  // namespace

std::span<const section> operation_sections() {
    return sections;
}

}  // namespace openclaw::config
