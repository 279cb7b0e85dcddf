#include "config/json5_parser.hpp"

#include "openclaw/config/editor.hpp"
#include "openclaw/core/encoding.hpp"

#include <cmath>
#include <cstdlib>

namespace {

using namespace openclaw;
using namespace openclaw::config;

const json5_value* parsed(const std::variant<json5_value, json5_failure>& result) {
    return std::get_if<json5_value>(&result);
}

// Each part lies within its parent, in order.
void check_places(const json5_value& value, std::size_t size) {
    if (value.begin >= value.end || value.end > size) std::abort();
    std::size_t at = value.begin;
    for (const auto& m : value.members) {
        if (m.key_begin < at || m.key_end > m.value.begin) std::abort();
        check_places(m.value, value.end);
        at = m.value.end;
    }
    for (const auto& item : value.items) {
        if (item.begin < at) std::abort();
        check_places(item, value.end);
        at = item.end;
    }
}

void check_edit(std::string_view text) {
    const auto set = set_in_text(text, "fuzz.added", json{{"x", "y"}});
    if (!set) return;   // the text has something else under that name
    const auto changed = parse_json5(*set);
    const auto* root = parsed(changed);
    const auto* fuzz = root == nullptr ? nullptr : root->find("fuzz");
    const auto* added = fuzz == nullptr ? nullptr : fuzz->find("added");
    if (added == nullptr || to_json(*added) != json{{"x", "y"}}) std::abort();
    const auto unset = unset_in_text(*set, "fuzz.added");
    if (!unset || parsed(parse_json5(*unset)) == nullptr) std::abort();
}

}  // namespace

// What is read has places that fit, is JSON that reads back the same, and can be edited.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto result = parse_json5(text);
    const auto* value = parsed(result);
    if (value == nullptr) {
        const auto& failure = std::get<json5_failure>(result);
        if (failure.offset > size || failure.message.empty()) std::abort();
        if (position_of(text, failure.offset).line < 1) std::abort();
        return 0;
    }
    check_places(*value, size);
    const auto written = dump(to_json(*value));
    const auto again = parse_json5(written);
    if (parsed(again) == nullptr || dump(to_json(*parsed(again))) != written) std::abort();
    if (value->kind == json5_kind::object) check_edit(text);
    return 0;
}
