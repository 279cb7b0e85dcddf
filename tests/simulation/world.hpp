#pragma once

#include "simulation/life.hpp"
#include "simulation/virtual_clock.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <optional>

namespace openclaw::simulation {

// How much a run had of what, for the summary: a run in which nothing happened shows nothing.
struct run_figures {
    int messages = 0, done = 0, failed = 0, aborted = 0, dead = 0;
    int deaths = 0, deaths_in_commits = 0, stops = 0, full_disks = 0, redeliveries = 0;
    run_figures& operator+=(const run_figures& o);
};

// One run: what happens is planned by a seed, and happens on the virtual clock to one process of the
// gateway after the other, all on one thread. First there is trouble; then there is none, and everything
// must come to its end.
class world {
public:
    world(std::uint64_t seed, const std::filesystem::path& folder, trace& t);
    ~world();

    // Throws `violation`.
    run_figures run();

private:
    using time_point = virtual_clock::time_point;
    struct event {
        time_point at;
        std::uint64_t number = 0;   // of two at the same time the one planned first
        std::function<void()> act;
    };

    void after(milliseconds wait, std::function<void()> act);
    void plan();
    void plan_messages();
    void plan_deaths();
    sent_message& invent();
    void send(sent_message& m);
    void on_answer(sent_message& m, const result<routing::admission>& outcome);
    void call_back();
    void fill_disk(bool full);
    void begin_life();
    void die();
    void bury();
    void heal();
    void next();
    void settle();
    bool all_has_ended();
    void bring_to_end();
    // Runs everything until the store of the process has answered.
    template <class T>
    T read(task<result<T>> question);
    void look_at_outcome();
    void look_at_run(const sent_message& m, const store::run_row& row);
    bool is_in_doubt(const std::string& run_id);
    void look_at_reply(const sent_message& m, const store::run_row& row);
    void look_at_order(const std::string& session, const std::map<std::string, std::int64_t>& places);
    void look_at_transcript(const std::string& session,
                            const std::map<std::string, std::int64_t>& places);
    void look_at_file() const;

    const std::filesystem::path folder_;
    trace& trace_;
    ledger books_;
    surroundings around_;
    dice plan_;
    run_figures figures_;
    std::vector<event> events_;     // a heap
    std::uint64_t event_count_ = 0;
    milliseconds troubled_time_{0};
    time_point limit_;              // of what is done now
    std::set<std::string> sessions_;
    life::environment environment_;
    std::unique_ptr<life> life_;
    int lives_ = 0;
    std::vector<sent_message*> at_start_;   // to be sent to the next process
    // Of a stop under way: whether it got to writing down that it left them is not known.
    std::vector<std::string> left_by_stop_;
    int steps_to_death_ = -1;       // handlers; negative: none is near
    int writes_to_death_ = -1;
    bool disk_full_ = false;
};

template <class T>
T world::read(task<result<T>> question) {
    auto answer = std::make_shared<std::optional<result<T>>>();
    asio::co_spawn(life_->io(), std::move(question), [answer](const std::exception_ptr& e, result<T> r) {
        if (e) std::rethrow_exception(e);
        answer->emplace(std::move(r));
    });
    while (!*answer) next();
    if (!(*answer)->has_value()) throw violation("the store cannot be read in the end");
    return std::move(***answer);
}

}  // namespace openclaw::simulation
