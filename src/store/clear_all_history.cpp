#include "openclaw/store/store.hpp"

namespace openclaw::store {

namespace {

constexpr std::size_t slice = 500;   // rows per transaction

}  // namespace

task<result<void>> clear_all_history(store& from, std::string key) {
    while (true) {
        auto gone = co_await from.clear_history(key, slice);
        if (!gone) co_return gone.error();
        if (*gone < slice) co_return result<void>();
    }
}

}  // namespace openclaw::store
