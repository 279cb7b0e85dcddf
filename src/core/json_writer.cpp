#include "openclaw/core/json_writer.hpp"

namespace openclaw {

json_writer& json_writer::key(std::string_view name) {
    separate();
    const auto at = out_.size();
    out_.resize(at + name.size() + 3, '"');
    name.copy(out_.data() + at + 1, name.size());
    out_.back() = ':';
    return *this;
}

json_writer& json_writer::value(std::string_view text) {
    separate();
    append_quoted(out_, text);
    return *this;
}

json_writer& json_writer::value(std::int64_t number) { return raw(std::to_string(number)); }

json_writer& json_writer::value(double number) { return raw(dump(number)); }

json_writer& json_writer::raw(std::string_view json_text) {
    separate();
    out_ += json_text;
    return *this;
}

json_writer& json_writer::open(char bracket) {
    separate();
    out_ += bracket;
    return *this;
}

json_writer& json_writer::close(char bracket) {
    out_ += bracket;
    return *this;
}

// A value needs a comma before it unless it is the first of its kind or follows its key.
void json_writer::separate() {
    if (out_.size() == start_) return;
    const char last = out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
}

}  // namespace openclaw
