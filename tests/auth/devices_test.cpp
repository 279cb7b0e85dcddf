#include "openclaw/auth/devices.hpp"

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/core/clock.hpp"
#include "support/memory_store.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

namespace openclaw::auth {
namespace {

class devices_test : public testing::Test {
protected:
    template <class T>
    result<T> get(task<result<T>> work) {
        return test::run(io, std::move(work));
    }
    static device_claim claim(scope_set scopes = {scope::read}, const std::string& id = "d1") {
        device_claim c;
        c.id = id;
        c.public_key = "key-of-" + id;
        c.scopes = scopes;
        c.client_id = "openclaw-tui";
        return c;
    }
    static principal admin() {
        config::auth_settings s;
        s.token = secret("t");
        return *authenticator(s).by_token("t");
    }

    asio::io_context io;
    manual_time time;
    seeded_random random{3};
    test::memory_store store;
    device_registry devices{store, random, time};
};

TEST_F(devices_test, a_paired_device_is_known_after_a_restart_by_the_same_token) {
    const auto d = get(devices.pair(claim())).value();
    const auto token = devices.token_of(d);
    EXPECT_EQ(token.size(), 43u) << "32 bytes in base64url";
    device_registry again(store, random, time);
    ASSERT_TRUE(get(again.load()));
    const auto found = again.find("d1", "operator");
    ASSERT_TRUE(found);
    EXPECT_EQ(again.token_of(*found), token);
    EXPECT_EQ(found->as.scopes, scope_set{scope::read});
    EXPECT_EQ(found->as.public_key, "key-of-d1");
    EXPECT_EQ(found->approved_ms, time.unix_ms());
}

TEST_F(devices_test, a_token_is_of_one_device_in_one_role) {
    const auto token = devices.token_of(get(devices.pair(claim())).value());
    ASSERT_TRUE(get(devices.pair(claim({}, "d2"))));
    EXPECT_TRUE(devices.by_token("d1", "operator", token));
    EXPECT_FALSE(devices.by_token("d2", "operator", token));
    EXPECT_FALSE(devices.by_token("d1", "node", token));
    EXPECT_FALSE(devices.by_token("d1", "operator", token + "x"));
    EXPECT_FALSE(devices.by_token("d1", "operator", ""));
}

TEST_F(devices_test, a_rotated_or_revoked_token_is_worth_nothing) {
    const auto first = devices.token_of(get(devices.pair(claim({scope::read, scope::write}))).value());
    const auto rotated = get(devices.rotate("d1", "operator", scope_set{scope::read}, admin())).value();
    EXPECT_FALSE(devices.by_token("d1", "operator", first));
    EXPECT_EQ(rotated.as.scopes, scope_set{scope::read});
    const auto second = devices.token_of(rotated);
    EXPECT_TRUE(devices.by_token("d1", "operator", second));
    ASSERT_TRUE(get(devices.revoke("d1", "operator", admin())));
    EXPECT_FALSE(devices.by_token("d1", "operator", second));
    const auto third = devices.token_of(get(devices.pair(claim())).value());
    EXPECT_NE(third, second) << "pairing again does not bring a revoked token back";
    EXPECT_FALSE(devices.by_token("d1", "operator", second));
}

TEST_F(devices_test, what_was_revoked_comes_back_only_as_it_is_asked_for) {
    ASSERT_TRUE(get(devices.pair(claim({scope::admin, scope::read}))));
    ASSERT_TRUE(get(devices.revoke("d1", "operator", admin())));
    EXPECT_EQ(get(devices.rotate("d1", "operator", {}, admin())).error().code, errc::conflict);
    const auto asked = get(devices.ask(claim({scope::read}), "not-paired")).value();
    const auto helper = admin().narrowed({scope::pairing, scope::read});
    EXPECT_EQ(get(devices.approve(asked.id, helper)).value().as.scopes, scope_set{scope::read});
}

TEST_F(devices_test, nobody_rotates_a_device_that_may_do_more) {
    ASSERT_TRUE(get(devices.pair(claim({scope::admin}))));
    const auto helper = admin().narrowed({scope::pairing, scope::read});
    EXPECT_EQ(get(devices.rotate("d1", "operator", {}, helper)).error().code, errc::forbidden);
    EXPECT_TRUE(get(devices.rotate("d1", "operator", {}, admin())));
}

// Who approves has to have seen the machine that is then let in.
TEST_F(devices_test, a_request_of_another_machine_is_another_one) {
    auto c = claim();
    c.platform = "linux";
    const auto first = get(devices.ask(c, "not-paired")).value();
    EXPECT_EQ(get(devices.ask(c, "not-paired")).value().id, first.id);
    for (auto* field : {&c.platform, &c.device_family}) {
        const auto before = devices.requests().at(0).id;
        *field = "other";
        EXPECT_NE(get(devices.ask(c, "not-paired")).value().id, before);
    }
    ASSERT_EQ(devices.requests().size(), 1u);
    EXPECT_EQ(get(devices.approve(devices.requests()[0].id, admin())).value().as.platform, "other");
}

TEST_F(devices_test, an_upgrade_is_approved_as_the_whole_that_it_makes) {
    ASSERT_TRUE(get(devices.pair(claim({scope::admin}))));
    const auto asked = get(devices.ask(claim({scope::read}), "scope-upgrade")).value();
    const auto helper = admin().narrowed({scope::pairing, scope::read});
    EXPECT_EQ(get(devices.approve(asked.id, helper)).error().code, errc::forbidden);
}

TEST_F(devices_test, a_removed_device_that_comes_back_has_another_token) {
    const auto first = devices.token_of(get(devices.pair(claim())).value());
    ASSERT_TRUE(get(devices.remove("d1", admin())));
    time.advance(milliseconds(1));
    EXPECT_NE(devices.token_of(get(devices.pair(claim())).value()), first);
}

TEST_F(devices_test, a_rotation_adds_no_scope) {
    ASSERT_TRUE(get(devices.pair(claim({scope::read}))));
    const auto token = devices.token_of(*devices.find("d1", "operator"));
    const scope_set more{scope::admin, scope::read};
    EXPECT_EQ(get(devices.rotate("d1", "operator", more, admin())).error().code, errc::forbidden);
    EXPECT_TRUE(devices.by_token("d1", "operator", token)) << "nothing was changed";
    EXPECT_EQ(devices.find("d1", "operator")->as.scopes, scope_set{scope::read});
}

TEST_F(devices_test, nobody_takes_away_a_device_that_may_do_more) {
    ASSERT_TRUE(get(devices.pair(claim({scope::admin}))));
    const auto helper = admin().narrowed({scope::pairing, scope::read});
    EXPECT_EQ(get(devices.revoke("d1", "operator", helper)).error().code, errc::forbidden);
    EXPECT_EQ(get(devices.rename("d1", "mine", helper)).error().code, errc::forbidden);
    EXPECT_EQ(get(devices.remove("d1", helper)).error().code, errc::forbidden);
    EXPECT_EQ(devices.find("d1", "operator")->revoked_ms, 0);
    const auto itself = devices.principal_of(*devices.find("d1", "operator")).narrowed({scope::pairing});
    EXPECT_TRUE(get(devices.revoke("d1", "operator", itself))) << "what is its own it may give up";
}

// Who makes a new key for each try pushes out its own requests, and nobody else's.
TEST_F(devices_test, one_address_has_a_share_of_the_requests) {
    const auto of = [&](const std::string& ip, const std::string& id) {
        auto c = claim({scope::read}, id);
        c.remote_ip = ip;
        return get(devices.ask(std::move(c), "not-paired"));
    };
    ASSERT_TRUE(of("192.0.2.1", "other"));
    for (int i = 0; i < 150; ++i) {
        time.advance(milliseconds(1));
        ASSERT_TRUE(of("198.51.100.7", "flood-" + std::to_string(i))) << i;
    }
    const auto left = devices.requests();
    EXPECT_EQ(left.size(), 11u);
    EXPECT_EQ(left.front().as.id, "flood-149");
    EXPECT_EQ(left.back().as.id, "other");
}

TEST_F(devices_test, a_request_waits_until_it_is_approved) {
    const auto asked = get(devices.ask(claim(), "not-paired")).value();
    EXPECT_FALSE(devices.find("d1", "operator"));
    ASSERT_EQ(devices.requests().size(), 1u);
    EXPECT_EQ(get(devices.ask(claim(), "not-paired")).value().id, asked.id) << "the same question";
    EXPECT_FALSE(asked.repeated);
    EXPECT_TRUE(get(devices.ask(claim(), "not-paired")).value().repeated);
    ASSERT_TRUE(get(devices.approve(asked.id, admin())));
    EXPECT_TRUE(devices.find("d1", "operator"));
    EXPECT_TRUE(devices.requests().empty());
    EXPECT_EQ(get(devices.approve(asked.id, admin())).error().code, errc::not_found);
}

TEST_F(devices_test, another_question_takes_the_place_of_the_first) {
    const auto first = get(devices.ask(claim({scope::read}), "not-paired")).value();
    const auto second = get(devices.ask(claim({scope::admin}), "not-paired")).value();
    EXPECT_NE(first.id, second.id);
    EXPECT_EQ(devices.requests().size(), 1u);
    EXPECT_EQ(get(devices.approve(first.id, admin())).error().code, errc::not_found);
}

TEST_F(devices_test, nobody_approves_more_than_they_may_do) {
    const auto asked = get(devices.ask(claim({scope::admin}), "not-paired")).value();
    const auto helper = admin().narrowed({scope::pairing, scope::read});
    EXPECT_EQ(get(devices.approve(asked.id, helper)).error().code, errc::forbidden);
    EXPECT_FALSE(devices.find("d1", "operator"));
    EXPECT_EQ(devices.requests().size(), 1u) << "somebody else may still approve it";
}

TEST_F(devices_test, requests_end_with_a_rejection_or_after_an_hour) {
    const auto one = get(devices.ask(claim(), "not-paired")).value();
    ASSERT_TRUE(get(devices.reject(one.id)));
    EXPECT_TRUE(devices.requests().empty());
    const auto two = get(devices.ask(claim(), "not-paired")).value();
    time.advance(milliseconds(3'600'001));
    EXPECT_TRUE(devices.requests().empty());
    EXPECT_EQ(get(devices.approve(two.id, admin())).error().code, errc::not_found);
    EXPECT_NE(get(devices.ask(claim(), "not-paired")).value().id, two.id);
}

TEST_F(devices_test, strangers_cannot_fill_the_memory) {
    for (int i = 0; i < 100; ++i) {
        auto stranger = claim({}, "d" + std::to_string(i));
        stranger.remote_ip = "192.0.2." + std::to_string(i / 10);
        ASSERT_TRUE(get(devices.ask(std::move(stranger), "not-paired")));
    }
    EXPECT_EQ(get(devices.ask(claim({}, "one more"), "not-paired")).error().code, errc::queue_full);
    time.advance(milliseconds(3'600'001));
    EXPECT_TRUE(get(devices.ask(claim({}, "one more"), "not-paired")));
    EXPECT_EQ(test::run(io, store.records("pairing-request")).value().size(), 1u) << "the old ones are gone";
}

TEST_F(devices_test, a_removed_device_is_gone_in_every_role) {
    ASSERT_TRUE(get(devices.pair(claim())));
    auto as_node = claim();
    as_node.role = "node";
    ASSERT_TRUE(get(devices.pair(as_node)));
    ASSERT_TRUE(get(devices.remove("d1", admin())));
    EXPECT_TRUE(devices.devices().empty());
    EXPECT_EQ(get(devices.remove("d1", admin())).error().code, errc::not_found);
    EXPECT_EQ(get(devices.revoke("d1", "node", admin())).error().code, errc::not_found);
    EXPECT_TRUE(test::run(io, store.records("device")).value().empty());
}

TEST_F(devices_test, what_a_device_may_do_is_what_was_approved) {
    const auto d = get(devices.pair(claim({scope::read}))).value();
    const auto who = devices.principal_of(d);
    EXPECT_TRUE(who.allows(scope::read));
    EXPECT_FALSE(who.allows(scope::write));
    EXPECT_EQ(who.role(), user_role::viewer);
    EXPECT_EQ(who.subject(), "device:d1");
}

TEST_F(devices_test, a_node_may_do_nothing_an_operator_may) {
    auto as_node = claim({scope::admin});
    as_node.role = "node";
    const auto who = devices.principal_of(get(devices.pair(as_node)).value());
    EXPECT_EQ(who.role(), user_role::node);
    EXPECT_TRUE(who.scopes().empty());
    EXPECT_EQ(who.subject(), "node:d1");
}

class surfaces_test : public devices_test {
protected:
    void SetUp() override {
        auto c = claim();
        c.role = "node";
        ASSERT_TRUE(get(devices.pair(c)));
    }
    static node_surface with(std::vector<std::string> commands) { return {{}, std::move(commands), {}}; }
    device node() const { return *devices.find("d1", "node"); }
    declaration declared(std::vector<std::string> commands) {
        return get(devices.declare("d1", with(std::move(commands)))).value();
    }
};

TEST_F(surfaces_test, what_a_node_declares_waits_until_it_is_approved) {
    const auto first = declared({"camera.list"});
    EXPECT_TRUE(first.asked);
    EXPECT_FALSE(first.as.approved);
    const auto again = declared({"camera.list"});
    EXPECT_FALSE(again.asked) << "the same wish";
    EXPECT_EQ(again.as.wish->id, first.as.wish->id);
    ASSERT_TRUE(get(devices.approve_surface(first.as.wish->id, admin())));
    EXPECT_EQ(*node().approved, with({"camera.list"}));
    EXPECT_FALSE(node().wish);
    EXPECT_FALSE(declared({"camera.list"}).as.wish);
    EXPECT_FALSE(declared({}).as.wish) << "less than that";
    EXPECT_EQ(get(devices.approve_surface(first.as.wish->id, admin())).error().code, errc::not_found);
}

TEST_F(surfaces_test, more_than_was_approved_is_asked_for_anew) {
    const auto first = declared({"camera.list"});
    ASSERT_TRUE(get(devices.approve_surface(first.as.wish->id, admin())));
    const auto more = declared({"camera.list", "system.run"});
    EXPECT_TRUE(more.asked);
    EXPECT_EQ(*more.as.approved, with({"camera.list"})) << "what was approved stays";
    EXPECT_EQ(get(devices.approve_surface(first.as.wish->id, admin())).error().code, errc::not_found);
    EXPECT_FALSE(declared({"camera.list"}).as.wish) << "it does not want more any longer";
}

TEST_F(surfaces_test, approval_takes_the_scopes_of_what_is_approved) {
    const auto id = declared({"system.run"}).as.wish->id;
    const auto helper = admin().narrowed({scope::pairing, scope::write});
    const auto refused = get(devices.approve_surface(id, helper));
    EXPECT_EQ(refused.error().code, errc::forbidden);
    EXPECT_EQ(refused.error().message, "missing scope: operator.admin");
    EXPECT_FALSE(node().approved);
    EXPECT_EQ(node().wish->id, id) << "somebody else may still approve it";
    const auto other = declared({"system.notify"}).as.wish->id;
    EXPECT_EQ(get(devices.approve_surface(other, admin().narrowed({scope::pairing}))).error().message,
              "missing scope: operator.write");
    EXPECT_TRUE(get(devices.approve_surface(other, helper)));
}

TEST_F(surfaces_test, they_outlive_a_restart) {
    const auto id = declared({"camera.list"}).as.wish->id;
    ASSERT_TRUE(get(devices.approve_surface(id, admin())));
    const node_surface more{{"camera"}, {"camera.list", "system.notify"}, {{"mic", true}, {"camera", false}}};
    ASSERT_TRUE(get(devices.declare("d1", more)));
    device_registry again(store, random, time);
    ASSERT_TRUE(get(again.load()));
    const auto d = again.find("d1", "node").value();
    EXPECT_EQ(*d.approved, with({"camera.list"}));
    EXPECT_EQ(d.wish->surface, more);
    EXPECT_EQ(d.wish->id, node().wish->id);
    EXPECT_EQ(d.wish->at_ms, time.unix_ms());
}

TEST_F(surfaces_test, a_rejected_wish_is_gone_and_nothing_else) {
    ASSERT_TRUE(get(devices.approve_surface(declared({"camera.list"}).as.wish->id, admin())));
    const auto id = declared({"system.run"}).as.wish->id;
    ASSERT_TRUE(get(devices.reject_surface(id)));
    EXPECT_FALSE(node().wish);
    EXPECT_EQ(*node().approved, with({"camera.list"}));
    EXPECT_EQ(get(devices.reject_surface(id)).error().code, errc::not_found);
}

TEST_F(surfaces_test, approval_ends_with_the_device) {
    ASSERT_TRUE(get(devices.approve_surface(declared({"camera.list"}).as.wish->id, admin())));
    ASSERT_TRUE(get(devices.revoke("d1", "node", admin())));
    auto c = claim();
    c.role = "node";
    ASSERT_TRUE(get(devices.pair(c)));
    EXPECT_FALSE(node().approved) << "pairing again does not bring it back";
    ASSERT_TRUE(get(devices.approve_surface(declared({"camera.list"}).as.wish->id, admin())));
    ASSERT_TRUE(get(devices.pair(claim())));
    ASSERT_TRUE(get(devices.remove("d1", admin(), "node")));
    EXPECT_FALSE(devices.find("d1", "node"));
    EXPECT_TRUE(devices.find("d1", "operator")) << "its other role stays";
    ASSERT_TRUE(get(devices.pair(c)));
    EXPECT_FALSE(node().approved);
    EXPECT_EQ(get(devices.declare("nobody", with({}))).error().code, errc::not_found);
}

}  // namespace
}  // namespace openclaw::auth
