#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

// Structured logging: time, level, module, message, and named fields. The sink is the one thing of
// the process that is reached without being passed in: every layer writes to it, and a test that
// cares sets its own with capture(). Lines never contain control characters; a `secret` has no
// overload here.
namespace openclaw::log {

enum class level : std::uint8_t { debug, info, warn, error, fatal, off };
enum class style : std::uint8_t { json, text };

struct field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    field(std::string_view n, std::string_view v) : name(n), value(v) {}
    field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    field(std::string_view n, bool v) : name(n), value(v) {}
    field(std::string_view n, double v) : name(n), value(v) {}
    template <std::integral T>
    field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

struct options {
    level threshold = level::info;
    bool console = true;           // text on stderr, with colour when it is a terminal
    style file_style = style::json;
    std::filesystem::path file = {};  // empty: no file
    std::uint64_t max_size = 100 << 20;  // bytes; then the file rotates
    std::size_t max_files = 5;           // files kept, the current one included
};

// Replaces the sinks. Throws nothing; a file that cannot be opened is reported on the console and
// in the returned text (empty: fine).
std::string configure(const options& o);
void set_threshold(level threshold);
bool enabled(level l) noexcept;
void flush();

void write(level l, std::string_view module, std::string_view message,
           std::initializer_list<field> fields = {});

inline void debug(std::string_view m, std::string_view t, std::initializer_list<field> f = {}) {
    if (enabled(level::debug)) write(level::debug, m, t, f);
}
inline void info(std::string_view m, std::string_view t, std::initializer_list<field> f = {}) {
    if (enabled(level::info)) write(level::info, m, t, f);
}
inline void warn(std::string_view m, std::string_view t, std::initializer_list<field> f = {}) {
    if (enabled(level::warn)) write(level::warn, m, t, f);
}
inline void error(std::string_view m, std::string_view t, std::initializer_list<field> f = {}) {
    if (enabled(level::error)) write(level::error, m, t, f);
}
inline void fatal(std::string_view m, std::string_view t, std::initializer_list<field> f = {}) {
    write(level::fatal, m, t, f);
}

}  // namespace openclaw::log
