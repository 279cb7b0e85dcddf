#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace openclaw {

// A password, key or token. It cannot be formatted, logged, serialized or compared with ==; the
// bytes are wiped when it goes. `reveal` is the one way out: grep for it to see who looks.
class secret {
public:
    secret() = default;
    explicit secret(std::string value);
    secret(const secret&) = default;
    secret(secret&& other) noexcept;
    secret& operator=(const secret& other);
    secret& operator=(secret&& other) noexcept;
    ~secret();

    bool empty() const noexcept { return value_.empty(); }
    const std::string& reveal() const noexcept { return value_; }

    // Constant time, also in the length: both sides are hashed and the digests compared.
    bool matches(std::string_view candidate) const;

    bool operator==(const secret&) const = delete;

private:
    std::string value_;
};

// A secret does not become JSON.
void to_json(nlohmann::json&, const secret&) = delete;

// Whether two byte strings are equal, in a time that depends on neither.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace openclaw
