#include "ingress/waiting_room.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

waiting_room::network from(const char* address) {
    return boost::asio::ip::make_address(address);
}
const auto a = from("192.0.2.1"), b = from("192.0.2.2");
constexpr auto nobody = std::nullopt;

TEST(waiting_room, the_oldest_of_a_crowded_network_goes) {
    waiting_room room(2, 10);
    EXPECT_EQ(room.enter(1, b), nobody);
    EXPECT_EQ(room.enter(2, a), nobody);
    EXPECT_EQ(room.enter(3, a), nobody);
    EXPECT_EQ(room.enter(4, a), 2u);
    EXPECT_EQ(room.enter(5, a), 3u);
    EXPECT_TRUE(room.has(1)) << "who did not crowd it stays";
    EXPECT_EQ(room.size(), 3u);
}

TEST(waiting_room, the_oldest_of_all_goes_when_it_is_full) {
    waiting_room room(2, 3);
    room.enter(1, a);
    room.enter(2, std::nullopt);
    room.enter(3, std::nullopt);
    EXPECT_EQ(room.enter(4, std::nullopt), 1u);
    EXPECT_EQ(room.enter(5, b), 2u);
    EXPECT_EQ(room.size(), 3u);
}

TEST(waiting_room, who_leaves_gives_his_place) {
    waiting_room room(1, 2);
    room.enter(1, a);
    room.leave(1);
    room.leave(1);
    room.leave(99);
    EXPECT_EQ(room.enter(2, a), nobody);
    EXPECT_EQ(room.enter(3, b), nobody);
    EXPECT_EQ(room.size(), 2u);
}

TEST(waiting_room, one_that_a_proxy_passed_on_counts_where_it_is_from) {
    waiting_room room(1, 10);
    room.enter(1, std::nullopt);
    room.enter(2, std::nullopt);
    EXPECT_EQ(room.enter(1, a), nobody);
    EXPECT_EQ(room.enter(1, a), nobody);
    EXPECT_EQ(room.enter(2, a), 1u);
    EXPECT_EQ(room.enter(1, b), nobody);
    EXPECT_EQ(room.enter(3, b), 1u);
    EXPECT_EQ(room.size(), 2u);
}

}  // namespace
}  // namespace openclaw::ingress
