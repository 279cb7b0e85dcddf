#include "simulation/world.hpp"

#include "store/fault_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace openclaw::simulation {

namespace {

using namespace std::chrono_literals;

// Attempts to send a reply are five minutes apart at most, and a model may take two of them to answer.
constexpr auto healing_time = 30min;
// A process that has been told to stop, or is dead: 30 s of grace, 5 s for what does not listen, and for
// its channels.
constexpr auto longest_end = 2min;

// Its words may name a folder, which is another one in each run.
std::string kind_of(const error& e) {
    return std::string(name_of(e.code));
}

// For a heap with what comes first on top.
constexpr auto later = [](const auto& a, const auto& b) {
    return a.at != b.at ? a.at > b.at : a.number > b.number;
};

}  // namespace

run_figures& run_figures::operator+=(const run_figures& o) {
    messages += o.messages;
    done += o.done;
    failed += o.failed;
    aborted += o.aborted;
    dead += o.dead;
    deaths += o.deaths;
    deaths_in_commits += o.deaths_in_commits;
    stops += o.stops;
    full_disks += o.full_disks;
    redeliveries += o.redeliveries;
    return *this;
}

world::world(std::uint64_t seed, const std::filesystem::path& folder, trace& t)
    : folder_(folder)
    , trace_(t)
    , books_(t)
    , around_{books_, dice(seed * 2)}
    , plan_(seed * 2 + 1)
    , environment_{folder / "state", around_} {
    virtual_clock::reset();
    auto& disk = test::fault_vfs::get();
    disk.reset();
    disk.before_write = [this] {
        if (writes_to_death_ < 0 || writes_to_death_-- > 0) return;
        ++figures_.deaths_in_commits;
        steps_to_death_ = 0;
        auto& d = test::fault_vfs::get();
        d.write_error = SQLITE_IOERR_WRITE;
        d.sync_error = SQLITE_IOERR_FSYNC;
    };
    around_.poison_taken = [this] { steps_to_death_ = static_cast<int>(plan_.between(0, 8)); };
}

world::~world() {
    // After a violation the process is in the middle of something; it leaks rather than going on.
    if (life_) (void)life_.release();
    test::fault_vfs::get().reset();
}

void world::after(milliseconds wait, std::function<void()> act) {
    events_.push_back({virtual_clock::now() + wait, ++event_count_, std::move(act)});
    std::push_heap(events_.begin(), events_.end(), later);
}

run_figures world::run() {
    plan();
    begin_life();
    limit_ = time_point::max();
    while (around_.troubled) next();
    limit_ = virtual_clock::now() + healing_time;
    settle();
    look_at_outcome();
    bring_to_end();
    look_at_file();
    figures_.messages = static_cast<int>(books_.messages().size());
    return figures_;
}

// One step: a handler of the process, or the next thing in time.
void world::next() {
    if (life_ && life_->step()) {
        if (steps_to_death_ >= 0 && steps_to_death_-- == 0) die();
        if (books_.broken()) throw violation(*books_.broken());
        if (life_ && life_->fatal()) throw violation("the store stopped: " + life_->fatal()->message);
        return;
    }
    if (life_ && life_->has_ended()) return bury();
    const auto timer = life_ ? virtual_clock::next_timer() : time_point::max();
    const auto planned = events_.empty() ? time_point::max() : events_.front().at;
    if (std::min(timer, planned) > limit_) throw violation("it does not come to an end");
    if (timer == time_point::max() && events_.empty()) throw violation("nothing is left to wait for");
    if (timer <= planned) return virtual_clock::move(std::max(timer, virtual_clock::now()));
    virtual_clock::move(std::max(planned, virtual_clock::now()));
    std::pop_heap(events_.begin(), events_.end(), later);
    const auto act = std::move(events_.back().act);
    events_.pop_back();
    act();
}

void world::send(sent_message& m) {
    if (!life_) {
        if (m.by != entrance::waiting) at_start_.push_back(&m);
        return;
    }
    trace_.add("sent m" + std::to_string(m.number) + " " + m.text);
    ++m.under_way;
    life_->send(m, [this, &m](const auto& outcome) { on_answer(m, outcome); });
}

void world::on_answer(sent_message& m, const result<routing::admission>& outcome) {
    --m.under_way;
    if (!outcome) {
        trace_.add("refused m" + std::to_string(m.number) + ": " + kind_of(outcome.error()));
        if (m.by == entrance::waiting) return;
        after(100ms + around_.luck.pause(5'000), [this, &m] { send(m); });
        return;
    }
    if (m.by == entrance::waiting) return;
    books_.on_acknowledged(m, outcome->run_id,
                           outcome->status == routing::admission::progress::started);
    if (!around_.troubled || !around_.luck.chance(30)) return;
    ++figures_.redeliveries;
    after(around_.luck.pause(60'000), [this, &m] { send(m); });
}

void world::call_back() {
    if (!life_ || life_->is_stopping()) return;
    auto& m = books_.messages()[static_cast<std::size_t>(
        plan_.between(0, static_cast<std::int64_t>(books_.messages().size()) - 1))];
    const bool one = plan_.chance(50) && !m.run_id.empty();
    const int steps = around_.troubled && plan_.chance(30) ? static_cast<int>(plan_.between(0, 8)) : -1;
    life_->call_back(m.session, one ? m.run_id : std::string(), [this, steps] { steps_to_death_ = steps; });
}

void world::fill_disk(bool full) {
    trace_.add(full ? "the disk is full" : "there is space");
    if (full) ++figures_.full_disks;
    disk_full_ = full;
    test::fault_vfs::get().write_error = full ? SQLITE_FULL : SQLITE_OK;
}

void world::begin_life() {
    auto& disk = test::fault_vfs::get();
    disk.write_error = disk_full_ ? SQLITE_FULL : SQLITE_OK;
    disk.sync_error = SQLITE_OK;
    steps_to_death_ = writes_to_death_ = -1;
    ++lives_;
    auto begun = life::begin(environment_);
    if (!begun) {
        trace_.add("does not start: " + kind_of(begun.error()));
        if (!disk_full_) throw violation("it does not start: " + begun.error().message);
        return after(1s, [this] { begin_life(); });
    }
    life_ = std::move(*begun);
    books_.on_life(lives_);
    trace_.add("start " + std::to_string(lives_));
    // Some are there at once, before it has taken up what was left.
    for (auto* m : std::exchange(at_start_, {})) {
        after(around_.luck.pause(around_.luck.chance(50) ? 4 : 3'000), [this, m] { send(*m); });
    }
}

// What was on its way in the process is lost; senders who have no answer send again.
void world::die() {
    trace_.add("death");
    ++figures_.deaths;
    steps_to_death_ = writes_to_death_ = -1;
    auto& disk = test::fault_vfs::get();
    disk.write_error = SQLITE_IOERR_WRITE;
    disk.sync_error = SQLITE_IOERR_FSYNC;
    books_.on_death(life_->is_stopping() ? left_by_stop_ : life_->running(sessions_));
    const auto now = virtual_clock::now();
    life_->kill();
    while (!life_->has_ended()) {
        if (life_->step()) continue;
        const auto timer = virtual_clock::next_timer();
        if (timer > now + longest_end) throw violation("a dead process does not come to an end");
        virtual_clock::move(std::max(timer, virtual_clock::now()));
    }
    virtual_clock::move(now);
    bury();
}

void world::bury() {
    if (!life_->is_dead()) trace_.add("stopped");
    life_.reset();
    for (auto& m : books_.messages()) {
        const bool waits = std::exchange(m.under_way, 0) > 0;
        if (!waits || m.by == entrance::waiting) continue;
        if (around_.luck.chance(50)) at_start_.push_back(&m);
        else after(100ms + around_.luck.pause(5'000), [this, &m] { send(m); });
    }
    after(around_.luck.pause(3'000), [this] { begin_life(); });
}

void world::heal() {
    trace_.add("no more trouble");
    around_.troubled = false;
    steps_to_death_ = writes_to_death_ = -1;
    if (disk_full_) fill_disk(false);
}

// Until all has ended that was begun. The store has the last word: a process that has just started has
// not taken up yet what waits in it.
void world::settle() {
    while (true) {
        while (!all_has_ended()) next();
        const auto left = read(life_->store().stats());
        if (left.waiting == 0 && left.pending_deliveries == 0) return;
        const auto look_again = virtual_clock::now() + 1s;
        while (virtual_clock::now() < look_again) next();
    }
}

bool world::all_has_ended() {
    if (!life_ || life_->is_stopping() || !life_->is_idle()) return false;
    const auto& all = books_.messages();
    return std::ranges::all_of(all, [](const auto& m) {
        return m.by == entrance::waiting || (m.acknowledged && m.under_way == 0);
    });
}

void world::bring_to_end() {
    limit_ = virtual_clock::now() + longest_end;
    life_->stop(30s);
    while (!life_->has_ended()) next();
    life_.reset();
}

}  // namespace openclaw::simulation
