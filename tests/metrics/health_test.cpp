#include "openclaw/metrics/health.hpp"

#include <gtest/gtest.h>

namespace openclaw::metrics {
namespace {

TEST(health_board, is_healthy_when_nobody_complains) {
    const health_board board;
    EXPECT_EQ(board.overall(), health::healthy);
    EXPECT_EQ(board.get("store").state, health::healthy);
    EXPECT_TRUE(board.all().empty());
}

TEST(health_board, is_as_ill_as_its_worst_part) {
    health_board board;
    board.set("gateway", health::healthy);
    board.set("channels", health::degraded, "telegram is reconnecting");
    EXPECT_EQ(board.overall(), health::degraded);
    board.set("store", health::unhealthy, "disk full");
    EXPECT_EQ(board.overall(), health::unhealthy);
    EXPECT_EQ(board.get("store").reason, "disk full");
    EXPECT_EQ(board.all().size(), 3u);
}

TEST(health_board, recovers) {
    health_board board;
    board.set("store", health::unhealthy, "disk full");
    board.set("store", health::healthy);
    EXPECT_EQ(board.overall(), health::healthy);
    EXPECT_EQ(board.get("store").reason, "");
}

TEST(health_board, names_its_states) {
    EXPECT_EQ(name_of(health::healthy), "healthy");
    EXPECT_EQ(name_of(health::degraded), "degraded");
    EXPECT_EQ(name_of(health::unhealthy), "unhealthy");
}

}  // namespace
}  // namespace openclaw::metrics
