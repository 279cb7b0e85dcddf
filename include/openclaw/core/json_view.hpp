#pragma once

#include "openclaw/core/json.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace openclaw {

// A value inside a json_document, read where it lies. Two words, copied freely; valid as long as
// its document. What is not there is an absent view, and everything asked of that is absent or empty.
class json_view {
public:
    json_view() = default;

    bool is_absent() const { return document_ == nullptr; }
    bool is_null() const;
    bool is_object() const;
    bool is_array() const;
    bool is_string() const;
    // Neither absent nor null.
    bool has_value() const { return !is_absent() && !is_null(); }

    // The value if it has the type, else nothing.
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer() const;
    std::optional<double> number() const;   // of integers as well
    std::string_view text() const;          // of a string; else empty

    // The member of an object; the last of several with one name.
    json_view operator[](std::string_view key) const;
    // Several of them in one pass: const auto [id, name] = view.members_named("id", "name");
    template <class... Key>
    std::array<json_view, sizeof...(Key)> members_named(const Key&... keys) const {
        std::array<json_view, sizeof...(Key)> found;
        pick(std::array<std::string_view, sizeof...(Key)>{keys...}, found);
        return found;
    }
    // The values of an array in order, the members of an object; else none.
    std::vector<json_view> elements() const;
    std::vector<std::pair<std::string_view, json_view>> members() const;

    json copy() const;

private:
    friend class json_document;
    json_view(const void* document, std::size_t place) : document_(document), place_(place) {}
    void pick(std::span<const std::string_view> keys, std::span<json_view> out) const;

    const void* document_ = nullptr;  // simdjson's
    std::size_t place_ = 0;           // in its tape
};

// A whole document that is only read: several times cheaper than a json, which allocates for each
// member. Moves, keeping its views valid.
class json_document {
public:
    // As parse_json(). `text` may go afterwards.
    static result<json_document> parse(std::string_view text, std::size_t max_depth = max_json_depth);
    ~json_document();
    json_document(json_document&&) noexcept;
    json_document& operator=(json_document&&) noexcept;

    json_view root() const;

private:
    struct tape;
    explicit json_document(std::unique_ptr<tape> t);

    std::unique_ptr<tape> tape_;
};

}  // namespace openclaw
