// What a seed has in store for a run.

#include "simulation/world.hpp"

namespace openclaw::simulation {

namespace {

constexpr int max_messages = 24;

}  // namespace

void world::plan() {
    troubled_time_ = milliseconds(plan_.between(10, 90) * 1000);
    const auto count = plan_.between(1, 4);
    for (int i = 1; i <= count; ++i) sessions_.insert("agent:main:s" + std::to_string(i));
    environment_.max_running = plan_.chance(30) ? 1 : 100;
    environment_.turn_timeout = milliseconds(plan_.between(5, 150) * 1000);
    around_.resends = plan_.chance(50);
    environment_.debounce = plan_.chance(50) ? milliseconds(0) : plan_.pause(5'000);
    environment_.mode = queue_mode_names[static_cast<std::size_t>(plan_.lot({60, 20, 10, 10}))];
    plan_messages();
    plan_deaths();
    const auto anywhere = [this] { return milliseconds(plan_.between(0, troubled_time_.count())); };
    for (auto n = plan_.lot({40, 25, 15, 10, 10}); n > 0; --n) after(anywhere(), [this] { call_back(); });
    if (plan_.chance(25)) {
        const auto from = anywhere();
        after(from, [this] { fill_disk(true); });
        after(from + plan_.pause(30'000), [this] { fill_disk(false); });
    }
    after(troubled_time_, [this] { heal(); });
}

void world::plan_messages() {
    const auto count = plan_.between(2, max_messages);
    const bool poisoned = plan_.chance(8);
    for (int i = 0; i < count; ++i) {
        auto& m = invent();
        m.poison = poisoned && i == 1 && !m.text.starts_with("/");
        // In bursts: what comes at once is committed at once.
        const auto at = plan_.between(0, troubled_time_.count());
        after(milliseconds(plan_.chance(60) ? at / 8'000 * 8'000 : at), [this, &m] { send(m); });
    }
}

sent_message& world::invent() {
    sent_message m;
    auto& of = books_.add(std::move(m));
    const auto number = std::to_string(of.number);
    const auto session = plan_.between(1, static_cast<std::int64_t>(sessions_.size()));
    of.session = "agent:main:s" + std::to_string(session);
    of.peer = "p" + std::to_string(session);
    of.key = "key-" + number;
    of.by = static_cast<entrance>(plan_.lot({40, 45, 15}));
    of.text = "m" + number + " says something";
    of.tool_rounds = static_cast<int>(plan_.lot({55, 30, 15}));
    if (of.by == entrance::waiting) of.run_id = of.key;
    if (plan_.chance(50)) of.queue = static_cast<queue_mode>(plan_.between(0, 3));
    if (of.by != entrance::waiting && plan_.chance(12)) {
        static const char* const commands[] = {"/status", "/help", "/new", "/reset "};
        const auto which = plan_.lot({3, 1, 2, 2});
        of.text = which == 3 ? commands[which] + of.text : commands[which];
    }
    return of;
}

void world::plan_deaths() {
    for (auto n = plan_.lot({20, 30, 25, 15, 5, 3, 2}); n > 0; --n) {
        const auto at = milliseconds(plan_.between(0, troubled_time_.count()));
        switch (plan_.lot({55, 30, 15})) {
        case 0: after(at, [this] { steps_to_death_ = static_cast<int>(plan_.between(0, 40)); }); break;
        case 1: after(at, [this] { writes_to_death_ = static_cast<int>(plan_.between(0, 12)); }); break;
        default:
            after(at, [this] {
                if (!life_ || life_->is_stopping()) return;
                trace_.add("stopping");
                ++figures_.stops;
                left_by_stop_ = life_->running(sessions_);
                life_->stop(milliseconds(plan_.chance(50) ? 0 : 30'000));
            });
        }
    }
}

}  // namespace openclaw::simulation
