#include "openclaw/core/log.hpp"

#include "openclaw/core/clock.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

namespace openclaw::log {

namespace {

// The sinks in use. Reached by every thread; replaced by configure().
struct outlet {
    std::mutex mutex;
    std::shared_ptr<spdlog::sinks::sink> console;
    std::shared_ptr<spdlog::sinks::sink> file;
    style file_style = style::json;
};

outlet& the_outlet() {
    static outlet instance;
    return instance;
}

std::atomic<level> threshold_now = level::info;

constexpr std::size_t line_limit = 8192;  // bytes of one message or value

std::string_view label(level l) {
    switch (l) {
    case level::debug: return "debug";
    case level::info: return "info";
    case level::warn: return "warn";
    case level::error: return "error";
    case level::fatal: return "fatal";
    case level::off: break;
    }
    return "off";
}

spdlog::level::level_enum to_spdlog(level l) {
    switch (l) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warn: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    default: return spdlog::level::critical;
    }
}

std::string value_text(const field& f) {
    struct visitor {
        std::string operator()(std::string_view v) const { return printable(v, line_limit); }
        std::string operator()(std::int64_t v) const { return std::to_string(v); }
        std::string operator()(double v) const { return json(v).dump(); }
        std::string operator()(bool v) const { return v ? "true" : "false"; }
    };
    return std::visit(visitor{}, f.value);
}

std::string as_json(level l, std::string_view module, std::string_view message,
                    std::initializer_list<field> fields) {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
    auto stamp = to_rfc3339(now);
    stamp.pop_back();
    std::string line = "{\"time\":\"" + stamp + "." + std::to_string(1000 + ms).substr(1) + "Z\"";
    const auto add = [&line](std::string_view name, std::string_view text) {
        line += ',';
        append_quoted(line, name);
        line += ':';
        append_quoted(line, printable(text, line_limit));
    };
    add("level", label(l));
    add("module", module);
    add("message", message);
    for (const auto& f : fields) {
        if (const auto* text = std::get_if<std::string_view>(&f.value)) {
            add(f.name, *text);
        } else {
            line += ',';
            append_quoted(line, f.name);
            line += ':' + value_text(f);
        }
    }
    return line + '}';
}

std::string as_text(std::string_view module, std::string_view message,
                    std::initializer_list<field> fields) {
    std::string line(module);
    line += ": ";
    line += printable(message, line_limit);
    for (const auto& f : fields) {
        line += ' ';
        line += f.name;
        line += '=';
        line += value_text(f);
    }
    return line;
}

void emit(spdlog::sinks::sink& sink, level l, const std::string& line) {
    sink.log(spdlog::details::log_msg(spdlog::string_view_t("openclaw"), to_spdlog(l), line));
    sink.flush();  // what a crash leaves behind is what is looked for
}

}  // namespace

std::string configure(const options& o) {
    auto& out = the_outlet();
    std::lock_guard lock(out.mutex);
    threshold_now = o.threshold;
    out.console.reset();
    out.file.reset();
    out.file_style = o.file_style;
    std::string problem;
    if (!o.file.empty()) {
        try {
            const auto folder = o.file.parent_path();
            if (!folder.empty()) std::filesystem::create_directories(folder);
            const auto others = o.max_files > 1 ? o.max_files - 1 : 0;
            out.file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                o.file.string(), static_cast<std::size_t>(o.max_size), others);
            out.file->set_pattern(o.file_style == style::json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %l %v");
        } catch (const std::exception& e) {
            problem = "cannot write the log file " + o.file.string() + ": " + e.what();
        }
    }
    if (o.console) {
        out.console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
        out.console->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
    }
    return problem;
}

void set_threshold(level threshold) {
    threshold_now = threshold;
}

bool enabled(level l) noexcept {
    return l >= threshold_now.load(std::memory_order_relaxed);
}

void flush() {
    auto& out = the_outlet();
    std::lock_guard lock(out.mutex);
    if (out.console) out.console->flush();
    if (out.file) out.file->flush();
}

void write(level l, std::string_view module, std::string_view message,
           std::initializer_list<field> fields) {
    auto& out = the_outlet();
    std::lock_guard lock(out.mutex);
    if (!out.console && !out.file) return;
    try {
        std::string text;
        if (out.console || out.file_style == style::text) text = as_text(module, message, fields);
        if (out.console) emit(*out.console, l, text);
        if (out.file) {
            emit(*out.file, l,
                 out.file_style == style::json ? as_json(l, module, message, fields) : text);
        }
    } catch (const std::exception&) {
        // A disk that is full must not stop the gateway: the line is lost, nothing else.
    }
}

}  // namespace openclaw::log
