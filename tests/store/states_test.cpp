// docs/life-of-a-message.md has the states of an accepted message in a table; it is the store's.

#include "store_fixture.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace openclaw::store {
namespace {

using names = std::set<std::string>;

// What stands in backquotes.
names quoted(const std::string& text) {
    names found;
    for (auto open = text.find('`'); open != std::string::npos;) {
        const auto close = text.find('`', open + 1);
        if (close == std::string::npos) break;
        found.insert(text.substr(open + 1, close - open - 1));
        open = text.find('`', close + 1);
    }
    return found;
}

// Each state of the page, and those that it goes to.
std::map<std::string, names> states_of_the_page() {
    std::ifstream page(OPENCLAW_SOURCE_DIR "/docs/life-of-a-message.md");
    std::map<std::string, names> states;
    bool here = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) here = line == "## The states of an accepted message";
        if (!here || !line.starts_with("| `")) continue;
        const auto after = line.find('|', 1), last = line.rfind('|', line.size() - 2);
        states[*quoted(line.substr(0, after)).begin()] = quoted(line.substr(last));
    }
    return states;
}

constexpr std::array all{run_state::waiting, run_state::running, run_state::done,
                         run_state::failed,  run_state::aborted, run_state::dead};

class states_test : public store_test {
protected:
    // A message that has come as far as `to`, and its number.
    std::int64_t brought_to(run_state to, const std::string& run) {
        const auto id = accepted(run);
        if (to == run_state::running) get(s->start_again(id, 5));
        if (to > run_state::running) ends(run, id, to);
        EXPECT_EQ(get(s->find_run(run)).value()->state, to);
        return id;
    }
    void ends(const std::string& run, std::int64_t id, run_state as) {
        auto end = turn(run, id);
        end.state = as;
        get(s->commit(std::move(end)));
    }
    run_state now(const std::string& run) { return get(s->find_run(run)).value()->state; }
};

TEST_F(states_test, the_page_has_them_all) {
    names known, written;
    for (const auto state : all) known.insert(std::string(name_of(state)));
    EXPECT_EQ(name_of(static_cast<run_state>(all.size())), "unknown") << "a state that is not tested here";
    for (const auto& [name, next] : states_of_the_page()) {
        written.insert(name);
        for (const auto& to : next) EXPECT_TRUE(known.contains(to)) << name << " -> " << to;
    }
    EXPECT_EQ(written, known);
}

// What begins, ends and discards a message does so from the states that the page says, and from no other.
TEST_F(states_test, go_where_the_page_says) {
    auto page = states_of_the_page();
    // The beginning of a turn is written beside it, so that its end may be there first.
    page["waiting"].merge(names(page["running"]));
    for (const auto& [name, next] : page) {
        const auto from = *std::ranges::find(all, name, [](run_state r) { return name_of(r); });
        names reached;
        for (const auto to : all) {
            const auto run = name + " to " + std::string(name_of(to));
            const auto id = brought_to(from, run);
            if (to == run_state::running) get(s->start_again(id, 7));
            else if (to > run_state::running) ends(run, id, to);
            if (now(run) != from) reached.insert(std::string(name_of(now(run))));
        }
        const auto discarded = "discard " + name;
        brought_to(from, discarded);
        if (get(s->discard_dead_letter(discarded))) reached.insert(std::string(name_of(now(discarded))));
        EXPECT_EQ(reached, next) << name;
    }
}

}  // namespace
}  // namespace openclaw::store
