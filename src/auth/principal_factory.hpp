#pragma once

#include "openclaw/model/principal.hpp"

namespace openclaw {

// The only place where a principal gets rights.
class principal_factory {
public:
    static principal make(std::string subject, user_role role, bool local) {
        return make(std::move(subject), role, scope_set::of(role), local);
    }
    static principal make(std::string subject, user_role role, scope_set scopes, bool local) {
        principal p;
        p.subject_ = std::move(subject);
        p.role_ = role;
        p.scopes_ = scopes;
        p.local_ = local;
        return p;
    }
};

}  // namespace openclaw
