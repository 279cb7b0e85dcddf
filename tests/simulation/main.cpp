// openclaw_sim [--seeds N] [--first S] [--seed S [--trace]] [--twice]
//
// Runs the gateway's own routing, store, turns and outbox, with everything around them played, on one
// thread and a clock of its own, once per seed. Exit code 1: a seed broke a rule, and with --twice that
// two runs of a seed differ. docs/reliability.md says what for.

#include "openclaw/core/log.hpp"
#include "simulation/world.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace openclaw::simulation {

namespace {

struct options {
    std::uint64_t first = 1, count = 100;
    bool print = false, twice = false;
};

std::optional<options> read_options(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--trace") o.print = true;
        else if (word == "--twice") o.twice = true;
        else if (word == "--seeds" || word == "--first" || word == "--seed") {
            if (++i == argc) return std::nullopt;
            std::uint64_t n = 0;
            const auto* end = argv[i] + std::strlen(argv[i]);
            if (std::from_chars(argv[i], end, n).ptr != end) return std::nullopt;
            (word == "--seeds" ? o.count : o.first) = n;
            if (word == "--seed") o.count = 1;
        } else {
            return std::nullopt;
        }
    }
    return o;
}

struct run_result {
    run_figures figures;
    std::uint64_t hash = 0;
    std::size_t events = 0;
    bool failed = false;
};

run_result run_seed(std::uint64_t seed, bool print) {
    run_result r;
    trace t(print);
    // In memory: what a sync costs is not what is asked here.
    const test::temp_dir folder;
    try {
        world w(seed, folder.path(), t);
        r.figures = w.run();
    } catch (const std::exception& e) {
        r.failed = true;
        if (!print) {
            for (const auto& line : t.last()) std::printf("    %s\n", line.c_str());
        }
        std::printf("FAIL seed %llu: %s\n", static_cast<unsigned long long>(seed), e.what());
    }
    r.hash = t.hash();
    r.events = t.size();
    return r;
}

int run(const options& o) {
    run_figures all;
    std::uint64_t hash = 0, failed = 0;
    std::size_t events = 0;
    for (auto seed = o.first; seed < o.first + o.count; ++seed) {
        const auto once = run_seed(seed, o.print);
        failed += once.failed ? 1 : 0;
        all += once.figures;
        events += once.events;
        hash = hash * 31 + once.hash;
        if (!o.twice || once.failed) continue;
        if (run_seed(seed, o.print).hash == once.hash) continue;
        ++failed;
        std::printf("FAIL seed %llu: two runs of it differ\n", static_cast<unsigned long long>(seed));
    }
    std::printf("%s %llu seeds from %llu, %llu failed, trace hash %016llx\n", failed == 0 ? "PASS" : "FAIL",
                static_cast<unsigned long long>(o.count), static_cast<unsigned long long>(o.first),
                static_cast<unsigned long long>(failed), static_cast<unsigned long long>(hash));
    std::printf("%zu events: %d messages, %d redeliveries; %d done, %d failed, %d aborted, %d put aside; "
                "%d deaths, %d of them in a commit, %d stops, %d full disks\n",
                events, all.messages, all.redeliveries, all.done, all.failed, all.aborted, all.dead,
                all.deaths, all.deaths_in_commits, all.stops, all.full_disks);
    return failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace openclaw::simulation

int main(int argc, char** argv) {
    using namespace openclaw;
    const auto options = simulation::read_options(argc, argv);
    if (!options) {
        std::fputs("usage: openclaw_sim [--seeds N] [--first S] [--seed S [--trace]] [--twice]\n", stderr);
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);   // a long run tells what it finds
    if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
    log::options quiet;
    quiet.threshold = log::level::off;
    quiet.console = false;
    log::configure(quiet);
    return simulation::run(*options);
}
