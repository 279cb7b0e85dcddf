#pragma once

#include "openclaw/model/turn_event.hpp"
#include "openclaw/routing/router.hpp"
#include "simulation/trace.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace openclaw::simulation {

enum class entrance : std::uint8_t {
    client,    // acknowledged once it is committed, as chat.send
    channel,   // the same, and the answer goes out through the outbox
    waiting,   // the answer is the acknowledgement, as /v1/chat/completions
};

// A message as its sender knows it. He sends until it is acknowledged, under one key.
struct sent_message {
    int number = 0;
    entrance by = entrance::client;
    std::string session, peer, text, key;
    std::optional<queue_mode> queue;
    int tool_rounds = 0;           // what the model does with it
    bool poison = false;           // its turn ends the process
    std::string run_id;            // once acknowledged; of a waiting one from the beginning
    bool acknowledged = false;
    int under_way = 0;             // sendings that have no answer yet
    int calls_made = 0;            // names the model's tool calls
    int rounds_kept = 0;           // its answers that were kept, for a tool that they called ran
};

// What anybody was told of a run, and what befell it.
struct known_run {
    std::optional<turn_event::kind> end;
    bool joined = false;           // it ended in another one's turn
    std::string said;              // the answer, if it was told
    int deaths = 0;                // of the process, in its turn
    bool called_back = false;      // an abort was confirmed
};

// What the world outside knows: what was sent, acknowledged, answered, delivered. It is independent of
// the database and outlives every process. What may never happen is looked for as things happen; what
// must have happened in the end, by check_end().
class ledger {
public:
    explicit ledger(trace& t) : trace_(t) {}

    sent_message& add(sent_message m);
    std::deque<sent_message>& messages() { return messages_; }
    const std::deque<sent_message>& messages() const { return messages_; }
    const std::map<std::string, known_run>& runs() const { return runs_; }
    // The message whose text the model was given.
    sent_message& said(const std::string& text);

    void on_life(int number) { life_ = number; }
    void on_acknowledged(sent_message& m, const std::string& run_id, bool begins);
    // `stopping`: in good order, so that what fails may only be put off.
    void on_event(const turn_event& event, bool stopping);
    void on_death(const std::vector<std::string>& running);
    void on_called_back(const std::vector<std::string>& runs);
    // `rounds`: the model's answers with tool calls that the turn remembers.
    void on_asked(const sent_message& m, const std::vector<std::string>& user_texts, int rounds);
    void on_call(const sent_message& m, const std::string& call_id, int round);
    void on_tool(const std::string& call_id, bool repeatable);
    void on_sending(const store::delivery& d);
    // The service has it, whatever it says of that.
    void on_arrived(const store::delivery& d);
    // The outbox knows how the attempt went; `final`: that is the last one.
    void on_attempt_over(const std::string& reply_id, bool final);

    struct reply {
        std::string peer, run_id, text;
        std::int64_t id = 0;
        int attempts = 0, life = 0;   // in which it was tried last
        bool under_way = false, final = false;
    };
    const std::map<std::string, reply>& replies() const { return replies_; }
    // The acknowledged runs of each session, in the order in which they were accepted.
    const std::map<std::string, std::vector<std::string>>& accepted() const { return accepted_; }
    int count(turn_event::kind what) const;
    // The first thing that may never happen and did.
    const std::optional<std::string>& broken() const { return broken_; }

private:
    // Noted, not thrown: the code under test would take it for a bug of its own and go on.
    void fail(const std::string& what) {
        if (!broken_) broken_ = what;
    }

    std::optional<std::string> broken_;
    trace& trace_;
    int life_ = 0;
    std::deque<sent_message> messages_;
    std::map<std::string, known_run> runs_;
    std::map<std::string, std::vector<std::string>> accepted_;
    struct tool_call { int number = 0, round = 0, runs = 0; };
    std::map<std::string, tool_call> tool_calls_;
    std::map<std::string, reply> replies_;              // by reply id
    std::map<std::string, std::int64_t> last_of_peer_;  // the newest row that was tried
};

}  // namespace openclaw::simulation
