#include "config/placeholders.hpp"

#include "config/aliases.hpp"
#include "config/json5_parser.hpp"
#include "config/path.hpp"
#include "config/secrets.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

const json5_value* id_of(const json5_value& element) {
    const auto* id = element.kind == json5_kind::object ? element.find("id") : nullptr;
    return id != nullptr && id->kind == json5_kind::text ? id : nullptr;
}

class restorer {
public:
    restorer(std::string_view text, std::string_view stored)
        : text_(text)
        , stored_text_(stored) {}

    // `old` is what stands at the same place of the stored text; null: nothing.
    void walk(const json5_value& value, const json5_value* old, const place& at,
              const std::string& path) {
        if (value.kind == json5_kind::text) return look_at(value, old, at, path);
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            walk(value.items[i], counterpart(value, i, old), place_of_item(at, value, i),
                 join_path(path, i));
        }
        for (const auto& m : value.members) {
            const auto* below = old == nullptr ? nullptr : old->find(m.key);
            walk(m.value, below, place_of_member(at, m), join_path(path, m.key));
        }
    }

    restored_text finish() {
        // From the end, so that the places before stay where they are.
        std::sort(found_.begin(), found_.end(),
                  [](const auto& a, const auto& b) { return a.value->begin > b.value->begin; });
        std::string out(text_);
        for (const auto& f : found_) {
            const auto spelled = stored_text_.substr(f.old->begin, f.old->end - f.old->begin);
            out.replace(f.value->begin, f.value->end - f.value->begin, spelled);
        }
        return {std::move(out), problems_.list(text_)};
    }

private:
    struct replacement {
        const json5_value* value;
        const json5_value* old;
    };

    void look_at(const json5_value& value, const json5_value* old, const place& at,
                 const std::string& path) {
        if (value.text.find(redacted) == std::string::npos) return;
        if (value.text == redacted && old != nullptr && is_hidden(*old, at)) {
            found_.push_back({&value, old});
            return;
        }
        problems_.error(path, value.begin,
                        "this is the mask that stands for a secret, and there is none to keep here",
                        "Put the secret itself here, or ${NAME} of an environment variable.");
    }

    std::string_view text_;
    std::string_view stored_text_;
    std::vector<replacement> found_;
    findings problems_;
};

} // namespace

json5_value tree_of(std::string_view text) {
    auto parsed = parse_json5(text);
    auto* root = std::get_if<json5_value>(&parsed);
    if (root == nullptr) return {};
    findings ignored;
    if (root->kind == json5_kind::object) apply_aliases(*root, ignored);
    return std::move(*root);
}

const json5_value* counterpart(const json5_value& list, std::size_t i,
                               const json5_value* old) {
    if (old == nullptr || old->kind != json5_kind::array) return nullptr;
    if (const auto* id = id_of(list.items[i])) {
        const auto it = std::find_if(
            old->items.begin(), old->items.end(), [&](const json5_value& candidate) {
                const auto* other = id_of(candidate);
                return other != nullptr && other->text == id->text;
            });
        return it == old->items.end() ? nullptr : &*it;
    }
    const bool shorter = list.items.size() < old->items.size();
    return shorter || i >= old->items.size() ? nullptr : &old->items[i];
}

restored_text restore_secrets(std::string_view text, std::string_view stored) {
    const auto root = tree_of(text);
    const auto old = tree_of(stored);
    restorer r(text, stored);
    r.walk(root, &old, {&field_table(), ""}, "");
    return r.finish();
}

} // namespace openclaw::config
