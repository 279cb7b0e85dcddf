#include "openclaw/model/principal.hpp"

#include <algorithm>
#include <array>

namespace openclaw {

namespace {

constexpr std::array every_scope{scope::read,    scope::write,     scope::admin, scope::approvals,
                                 scope::pairing, scope::questions, scope::talk};

}  // namespace

std::string_view name_of(scope s) {
    switch (s) {
    case scope::read: return "operator.read";
    case scope::write: return "operator.write";
    case scope::admin: return "operator.admin";
    case scope::approvals: return "operator.approvals";
    case scope::pairing: return "operator.pairing";
    case scope::questions: return "operator.questions";
    case scope::talk: return "operator.talk";
    }
    return "operator.unknown";
}

std::string_view name_of(user_role r) {
    switch (r) {
    case user_role::none: return "none";
    case user_role::viewer: return "viewer";
    case user_role::user: return "user";
    case user_role::admin: return "admin";
    case user_role::node: return "node";
    }
    return "none";
}

scope_set scope_set::all() {
    scope_set set;
    for (auto s : every_scope) set.bits_ |= bit(s);
    return set;
}

scope_set scope_set::of(user_role r) {
    switch (r) {
    case user_role::admin: return all();
    case user_role::user:
        return {scope::read, scope::write, scope::approvals, scope::questions, scope::talk};
    case user_role::viewer: return {scope::read};
    case user_role::node:
    case user_role::none: break;
    }
    return {};
}

scope_set scope_set::parse(const std::vector<std::string>& names) {
    scope_set set;
    for (auto s : every_scope) {
        if (std::find(names.begin(), names.end(), name_of(s)) != names.end()) set.bits_ |= bit(s);
    }
    return set;
}

bool scope_set::allows(scope s) const {
    if ((bits_ & bit(scope::admin)) != 0) return true;
    if ((bits_ & bit(s)) != 0) return true;
    return (s == scope::read || s == scope::talk) && (bits_ & bit(scope::write)) != 0;
}

scope_set scope_set::granted(scope_set wanted) const {
    scope_set set;
    for (auto s : every_scope) {
        if ((wanted.bits_ & bit(s)) != 0 && allows(s)) set.bits_ |= bit(s);
    }
    return set;
}

std::vector<std::string> scope_set::names() const {
    std::vector<std::string> out;
    for (auto s : every_scope) {
        if ((bits_ & bit(s)) != 0) out.emplace_back(name_of(s));
    }
    return out;
}

principal principal::narrowed(scope_set wanted) const {
    principal copy = *this;
    copy.scopes_ = scopes_.granted(wanted);
    return copy;
}

}  // namespace openclaw
