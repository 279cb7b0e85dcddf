#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw {

enum class scope : std::uint8_t { read, write, admin, approvals, pairing, questions, talk };
enum class user_role : std::uint8_t { none, viewer, user, admin, node };

// "operator.read" and so on (protocol.md §3).
std::string_view name_of(scope s);
std::string_view name_of(user_role r);

// A set of scopes. `allows` knows what implies what: admin everything, write also read and talk.
class scope_set {
public:
    constexpr scope_set() = default;
    constexpr scope_set(std::initializer_list<scope> scopes) {
        for (auto s : scopes) bits_ |= bit(s);
    }
    static scope_set all();
    // The scopes that a role stands for.
    static scope_set of(user_role r);
    // Known names only; unknown ones are dropped.
    static scope_set parse(const std::vector<std::string>& names);

    bool allows(scope s) const;
    bool covers(scope_set wanted) const { return granted(wanted) == wanted; }
    // What this set allows of `wanted`.
    scope_set granted(scope_set wanted) const;
    std::vector<std::string> names() const;
    bool empty() const { return bits_ == 0; }
    bool operator==(const scope_set&) const = default;

private:
    static constexpr std::uint8_t bit(scope s) {
        return static_cast<std::uint8_t>(1u << static_cast<unsigned>(s));
    }
    std::uint8_t bits_ = 0;
};

// Who a request comes from, once somebody has proved it. Only the auth module makes one that can
// do anything: everybody else can only copy it. A default-made principal is anonymous.
class principal {
public:
    principal() = default;

    const std::string& subject() const noexcept { return subject_; }
    user_role role() const noexcept { return role_; }
    scope_set scopes() const noexcept { return scopes_; }
    bool is_local() const noexcept { return local_; }
    bool known() const noexcept { return role_ != user_role::none; }
    bool allows(scope s) const { return scopes_.allows(s); }

    // The same caller with at most the scopes in `wanted`.
    principal narrowed(scope_set wanted) const;

private:
    friend class principal_factory;  // defined by auth alone
    std::string subject_;
    user_role role_ = user_role::none;
    scope_set scopes_;
    bool local_ = false;
};

}  // namespace openclaw
