#pragma once

#include "openclaw/routing/commands.hpp"
#include "openclaw/routing/router.hpp"
#include "routing/lane.hpp"
#include "routing/turn_watch.hpp"

namespace openclaw::routing {

// What a turn wants of its session's lane. Any thread.
class turn_lease {
public:
    virtual ~turn_lease() = default;
    // Ends the time in which the turn can be stopped or taken from its session.
    struct standing {
        std::string stopped;    // why it was stopped; empty: it was not
        bool released = false;  // the session is not the turn's any more: it leaves no trace
    };
    virtual standing close() = 0;
    // Messages that go into the turn now, and those that did not after all.
    virtual std::vector<queued_ptr> take_steering(const queued& host) = 0;
    virtual void give_back(std::vector<queued_ptr> items) = 0;
};

// Takes one message through its turn: load, run, commit, tell. Every call runs on the strand of its
// lane; between turns it holds nothing.
class turn_worker {
public:
    explicit turn_worker(const router::dependencies& d);
    ~turn_worker();

    // `live` and `self`, the running task, are also known to the router. With `stopping` set, a cancelled
    // turn stays as it was for the next process.
    struct turn {
        lane& on;
        queued_ptr item;
        std::shared_ptr<const agents::directory> agents;
        std::shared_ptr<live_turn> live;
        task_handle self;
        turn_lease& lease;
        const std::atomic<bool>& stopping;
        std::vector<chat_message> shortened{};   // its history, where that is not the session's as it is
        // What comes before the answer in the transcript, if that is more than the user's row.
        std::optional<std::vector<chat_message>> asked{};
        std::string emptied{};     // "new" or "reset" when a command has emptied the session
        bool off_record = false;   // a command and its answer: no part of the conversation
        bool told = false;   // those who watch have been told of the user's row
    };
    // The state the run ended in; running when it was left for the next process.
    task<store::run_state> run(turn t);

private:
    struct figures;
    class journal;

    task<result<void>> load(turn& t);
    task<result<void>> make_fork(const turn& t) const;
    task<result<agents::turn_request>> prepare(turn& t);
    static result<void> choose_model(const turn& t, agents::turn_request& request);
    result<void> ask(turn& t, agents::turn_request& request) const;
    task<result<void>> keep_joins(turn& t) const;
    task<std::vector<chat_message>> take_words(turn& t, std::int64_t steps_done) const;
    void add_joined(const turn& t, std::vector<chat_message>& rows) const;
    void tell_end(const turn& t, turn_watch& watch, turn_event event) const;
    // By the gateway itself when the message is a command, else by the agent.
    task<result<agents::turn_outcome>> answer(turn& t, turn_watch& watch);
    static bool is_off_record(const inbound_message& message);
    task<result<void>> empty(turn& t, std::string reason);
    task<result<std::string>> words_for(const turn& t, command_kind what);
    task<result<std::string>> status_of(const turn& t);
    task<result<agents::turn_outcome>> think(turn& t, turn_watch& watch);
    task<result<agents::turn_outcome>> try_to_answer(turn& t, turn_watch& watch);
    task<store::run_state> finish(turn& t, turn_watch& watch, agents::turn_outcome outcome);
    task<store::run_state> abandon(turn& t, turn_watch& watch, std::string reason);
    task<store::run_state> fail(turn& t, turn_watch& watch, error failure);
    task<> note_started(turn& t);
    struct kept_turn {
        std::int64_t last = 0;   // the place of the last row in its session
        std::shared_ptr<const store::session_row> session;   // null: nobody watches
    };
    task<result<kept_turn>> commit(turn& t, store::turn_commit c);
    task<result<store::commit_result>> commit_with_joins(turn& t, store::turn_commit c) const;
    store::turn_commit begin_commit(const turn& t, store::run_state state) const;
    chat_message user_row(const turn& t, const queued& item) const;
    bool is_watched() const;
    bool keeps_rows(const turn& t) const;
    store::run_state tell_stopping(const turn& t) const;
    task<turn_event> beginning(turn& t, const agents::turn_request& request) const;
    void add_kept(const turn& t, turn_event& event, const kept_turn& kept, std::size_t rows) const;
    void remember(lane& l, std::vector<chat_message> rows) const;
    static std::span<const chat_message> recent(const std::vector<chat_message>& history);

    const router::dependencies& d_;
    std::unique_ptr<figures> figures_;
};

}  // namespace openclaw::routing
