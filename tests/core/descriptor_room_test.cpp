#include "openclaw/core/descriptor_room.hpp"

#include "openclaw/core/descriptor.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <climits>
#include <vector>

namespace openclaw {
namespace {

TEST(descriptor_marks, leave_a_quarter_of_what_is_free) {
    EXPECT_EQ(mark_descriptors(64, 24).clients, 54);
    EXPECT_EQ(mark_descriptors(64, 24).mine, 59);
    EXPECT_EQ(mark_descriptors(1024, 24).clients, 774);
}

TEST(descriptor_marks, leave_512_at_most) {
    EXPECT_EQ(mark_descriptors(1'000'000, 24).clients, 1'000'000 - 512);
    EXPECT_EQ(mark_descriptors(INT_MAX, 24).clients, INT_MAX - 512);
}

TEST(descriptor_marks, leave_nothing_where_there_is_nothing) {
    EXPECT_EQ(mark_descriptors(24, 24).clients, 24);
    EXPECT_EQ(mark_descriptors(24, INT_MAX).clients, 24);
}

// The limit of this process, for the time of a test.
class descriptors : public testing::Test {
protected:
    descriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const descriptor next(eventfd(0, EFD_CLOEXEC));
        rlimit low = before_;
        limit = next.get() + 40;
        low.rlim_cur = static_cast<rlim_t>(limit);
        setrlimit(RLIMIT_NOFILE, &low);
    }
    ~descriptors() override { setrlimit(RLIMIT_NOFILE, &before_); }

    // The last number that was given.
    int take_all(const descriptor_room& room, bool mine) {
        while (room.has_place(mine)) taken.emplace_back(eventfd(0, EFD_CLOEXEC));
        return taken.back().get();
    }
    int limit = 0;
    std::vector<descriptor> taken;

private:
    rlimit before_{};
};

TEST_F(descriptors, of_clients_end_before_those_of_the_process) {
    const descriptor_room room;
    EXPECT_EQ(take_all(room, false), limit - 11);
    EXPECT_FALSE(room.is_kept_back(limit - 11));
    EXPECT_TRUE(room.is_kept_back(limit - 10));
    EXPECT_EQ(take_all(room, true), limit - 6);
    taken.emplace_back(eventfd(0, EFD_CLOEXEC));
    EXPECT_TRUE(taken.back());
    taken.clear();
    EXPECT_TRUE(room.has_place(false));
}

// UBSan looks at a pointer through a pipe that it opens, and where there is no descriptor it reports the
// pointer.
#ifdef __SANITIZE_ADDRESS__
constexpr bool checks_need_descriptors = true;
#else
constexpr bool checks_need_descriptors = false;
#endif

TEST_F(descriptors, that_are_gone_altogether_leave_no_place) {
    if (checks_need_descriptors) GTEST_SKIP() << "the sanitizer needs a descriptor for each check";
    const descriptor_room room;
    do taken.emplace_back(eventfd(0, EFD_CLOEXEC));
    while (taken.back());
    EXPECT_FALSE(room.has_place(true));
}

}  // namespace
}  // namespace openclaw
