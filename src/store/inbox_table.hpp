#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

#include <optional>

namespace openclaw::store {

// Accepted messages, from their acceptance until retention removes them.
class inbox_table {
public:
    struct entry {
        run_row run;
        std::int64_t epoch = 0;
        bool ended() const { return run.state >= run_state::done; }
    };

    explicit inbox_table(database& db);

    std::optional<entry> find_by_id(std::int64_t id);
    std::optional<entry> find_by_run(const std::string& run_id);
    std::optional<entry> find_by_dedupe(const std::string& dedupe);
    // The new row's id.
    std::int64_t insert(const accept_request& request);
    // Marks it begun by `epoch`, unless it has ended or a newer owner has it.
    void start(std::int64_t id, std::int64_t at_ms, std::int64_t epoch);
    // Takes back what start() counted.
    void leave(std::int64_t id, std::int64_t epoch);
    // Notes that an unfinished row is to end as aborted.
    void call_back(const std::string& run_id, const std::string& reason);
    // Ends an unfinished row, and those that have joined it.
    void end(std::int64_t id, const turn_commit& c);
    // Begun too, and to end with `into`.
    void join(std::int64_t id, const message_join& j);

    // Empties body and outcome of the ended messages behind the session's oldest `rows` rows of
    // transcript. Found by those rows' runs: there is no index by session, for no turn needs one.
    void forget_words(std::int64_t session_id, std::size_t rows);

    std::vector<run_row> waiting(std::int64_t after_id, std::size_t limit);
    std::int64_t count_unfinished();

    std::vector<run_row> dead(std::int64_t after_id, std::size_t limit);
    std::optional<run_row> find_dead(const std::string& run_id);
    bool discard_dead(const std::string& run_id);
    // Those of a session, that go with it.
    void forget_dead(const std::string& session);
    std::int64_t count_dead();

private:
    database& db_;
    statement by_id_, by_run_, by_dedupe_, insert_, insert_keyed_, start_, leave_, call_back_, end_,
        end_joined_, join_, forget_, forget_joined_, waiting_, count_, dead_, dead_by_run_, discard_,
        forget_dead_, count_dead_;
};

}  // namespace openclaw::store
