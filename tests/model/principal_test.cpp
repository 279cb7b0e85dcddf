#include "openclaw/model/principal.hpp"

#include <gtest/gtest.h>

namespace openclaw {

// Stands in for the one of auth, which this program does not link.
class principal_factory {
public:
    static principal make(user_role r, scope_set scopes) {
        principal p;
        p.subject_ = "somebody";
        p.role_ = r;
        p.scopes_ = scopes;
        p.local_ = true;
        return p;
    }
};

namespace {

constexpr scope every[] = {scope::read,    scope::write,     scope::admin, scope::approvals,
                           scope::pairing, scope::questions, scope::talk};

std::string allowed_by(scope_set set) {
    std::string out;
    for (auto s : every) {
        if (set.allows(s)) out += std::string(name_of(s)).substr(9) + " ";
    }
    return out;
}

TEST(scope_set, knows_what_implies_what) {
    EXPECT_EQ(allowed_by({}), "");
    EXPECT_EQ(allowed_by({scope::read}), "read ");
    EXPECT_EQ(allowed_by({scope::write}), "read write talk ");
    EXPECT_EQ(allowed_by({scope::approvals, scope::pairing}), "approvals pairing ");
    EXPECT_EQ(allowed_by({scope::admin}), allowed_by(scope_set::all()));
}

TEST(scope_set, of_a_role) {
    EXPECT_EQ(allowed_by(scope_set::of(user_role::none)), "");
    EXPECT_EQ(allowed_by(scope_set::of(user_role::node)), "");
    EXPECT_EQ(allowed_by(scope_set::of(user_role::viewer)), "read ");
    EXPECT_EQ(allowed_by(scope_set::of(user_role::user)), "read write approvals questions talk ");
    EXPECT_EQ(scope_set::of(user_role::admin), scope_set::all());
}

TEST(scope_set, reads_back_its_names_and_drops_unknown_ones) {
    for (auto s : every) EXPECT_EQ(scope_set::parse({std::string(name_of(s))}), scope_set{s});
    EXPECT_EQ(scope_set::parse(scope_set::all().names()), scope_set::all());
    EXPECT_TRUE(scope_set::parse({"operator.bogus", "read", "OPERATOR.READ", ""}).empty());
}

TEST(principal, nobody_at_first) {
    const principal p;
    EXPECT_FALSE(p.known());
    EXPECT_TRUE(p.scopes().empty());
    EXPECT_TRUE(p.narrowed(scope_set::all()).scopes().empty());
}

TEST(principal, narrows_to_what_it_has_and_keeps_who_it_is) {
    const auto user = principal_factory::make(user_role::user, scope_set::of(user_role::user));
    const auto reader = user.narrowed({scope::read, scope::admin, scope::pairing});
    EXPECT_EQ(reader.scopes(), scope_set{scope::read});
    EXPECT_EQ(reader.subject(), "somebody");
    EXPECT_EQ(reader.role(), user_role::user);
    EXPECT_TRUE(reader.is_local());
    const auto admin = principal_factory::make(user_role::admin, {scope::admin});
    EXPECT_EQ(admin.narrowed({scope::pairing}).scopes(), scope_set{scope::pairing});
}

TEST(principal, never_narrows_to_more) {
    for (unsigned have = 0; have < 128; ++have) {
        for (unsigned want = 0; want < 128; ++want) {
            scope_set granted, wanted;
            std::vector<std::string> granted_names, wanted_names;
            for (unsigned i = 0; i < 7; ++i) {
                if (have >> i & 1u) granted_names.emplace_back(name_of(every[i]));
                if (want >> i & 1u) wanted_names.emplace_back(name_of(every[i]));
            }
            granted = scope_set::parse(granted_names);
            wanted = scope_set::parse(wanted_names);
            const auto p = principal_factory::make(user_role::user, granted).narrowed(wanted);
            for (auto s : every) {
                if (!p.allows(s)) continue;
                EXPECT_TRUE(granted.allows(s) && wanted.allows(s)) << have << ' ' << want;
            }
        }
    }
}

}  // namespace
}  // namespace openclaw
