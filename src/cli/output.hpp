#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

// How text reaches the terminal. What others wrote never reaches it raw.
namespace openclaw::cli {

// Several lines: line breaks and tabs stay, all else that could act on a terminal becomes '?'.
std::string clean(std::string_view text);
// The same on one line.
std::string one_line(std::string_view text);

enum class paint { none, bold, dim, green, yellow, red };
std::string painted(std::string_view text, paint p, bool colour);
// The colour of a state's name: healthy, connected, ok are green; failed, unhealthy, error red.
paint paint_of(std::string_view state);

// "3m ago", "2d ago"; "-" for no time.
std::string age(std::int64_t then_ms, std::int64_t now_ms);

// Columns of text, as wide as their widest cell. Cells are cleaned when they are added.
class table {
public:
    explicit table(std::vector<std::string> head) : head_(std::move(head)) {}
    void add(const std::vector<std::string>& cells);
    bool empty() const { return rows_.empty(); }
    // States are painted in the column named STATE or STATUS.
    void print(std::ostream& out, bool colour) const;

private:
    std::vector<std::string> head_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace openclaw::cli
