// Whoever may pair devices cannot make one that may do more than he may himself, by any order of calls
// (incidents.md C2).

#include "openclaw/auth/devices.hpp"

#include "openclaw/auth/authenticator.hpp"
#include "support/memory_store.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace openclaw::auth {
namespace {

constexpr std::array every{scope::read,    scope::write,     scope::admin, scope::approvals,
                           scope::pairing, scope::questions, scope::talk};

// One gateway and somebody with few scopes who tries everything that a client can ask for.
class climber {
public:
    explicit climber(std::uint32_t seed) : dice_(seed), random_(seed) {
        config::auth_settings s;
        s.token = secret("t");
        const auto owner = authenticator(s).by_token("t").value();
        who_ = owner.narrowed(some_scopes());
        for (const auto* id : ids) {
            auto claim = claim_of(id);
            if (dice_() % 3 != 0) (void)get(devices_.pair(claim));
        }
        at_first_ = scopes_now();
    }

    void step() {
        const std::string id = ids.at(dice_() % ids.size());
        switch (dice_() % 6) {
        case 0: (void)get(devices_.ask(claim_of(id), "scope-upgrade")); break;
        case 1:
            for (const auto& r : devices_.requests()) (void)get(devices_.approve(r.id, who_));
            break;
        case 2: (void)get(devices_.rotate(id, "operator", some_scopes(), who_)); break;
        case 3: (void)get(devices_.rotate(id, "operator", std::nullopt, who_)); break;
        case 4: (void)get(devices_.revoke(id, "operator", who_)); break;
        default: (void)get(devices_.remove(id, who_)); break;
        }
    }

    // A scope that a device has gained and this one does not have; nothing when there is none.
    std::string gained() const {
        for (const auto& [id, scopes] : scopes_now()) {
            const auto before = at_first_.find(id);
            for (const auto s : every) {
                const bool had = before != at_first_.end() && before->second.allows(s);
                if (scopes.allows(s) && !had && !who_.allows(s)) return id + " " + std::string(name_of(s));
            }
        }
        return {};
    }

private:
    static constexpr std::array ids{"d1", "d2", "d3"};

    template <class T> result<T> get(task<result<T>> work) { return test::run(io_, std::move(work)); }
    scope_set some_scopes() {
        std::vector<std::string> names;
        for (const auto s : every) {
            if (dice_() % 3 == 0) names.emplace_back(name_of(s));
        }
        return scope_set::parse(names);
    }
    device_claim claim_of(const std::string& id) {
        device_claim c;
        c.id = id;
        c.public_key = "key-of-" + id;
        c.scopes = some_scopes();
        return c;
    }
    std::map<std::string, scope_set> scopes_now() const {
        std::map<std::string, scope_set> all;
        for (const auto& d : devices_.devices()) all[d.as.id] = devices_.principal_of(d).scopes();
        return all;
    }

    std::mt19937 dice_;
    asio::io_context io_;
    manual_time time_;
    seeded_random random_;
    test::memory_store store_;
    device_registry devices_{store_, random_, time_};
    principal who_;
    std::map<std::string, scope_set> at_first_;
};

TEST(devices_lattice, no_order_of_calls_climbs_over_the_caller) {
    for (std::uint32_t seed = 1; seed <= 150; ++seed) {
        climber c(seed);
        for (int i = 0; i < 60; ++i) {
            c.step();
            ASSERT_EQ(c.gained(), "") << "seed " << seed << ", step " << i;
        }
    }
}

}  // namespace
}  // namespace openclaw::auth
