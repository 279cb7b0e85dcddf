// The loader of the benchmarks: everything that wrk cannot do. One mode per run; prints one JSON
// object. tests/bench/bench.py calls it; see its measures for the arguments.

#include "bench/figures.hpp"
#include "bench/fleet.hpp"
#include "bench/process_timer.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace openclaw::bench {
namespace {

using namespace std::chrono_literals;

// --name value pairs, and a command behind "--".
class arguments {
public:
    arguments(int argc, char** argv) {
        int i = 2;
        for (; i + 1 < argc && std::string(argv[i]) != "--"; i += 2) {
            values_[std::string(argv[i]).substr(2)] = argv[i + 1];
        }
        for (++i; i < argc; ++i) command.emplace_back(argv[i]);
    }

    std::string text(const std::string& name, const std::string& fallback = {}) const {
        const auto it = values_.find(name);
        return it == values_.end() ? fallback : it->second;
    }
    int number(const std::string& name, int fallback = 0) const {
        const auto it = values_.find(name);
        return it == values_.end() ? fallback : std::stoi(it->second);
    }
    std::uint16_t port() const { return static_cast<std::uint16_t>(number("port")); }

    std::vector<std::string> command;

private:
    std::map<std::string, std::string> values_;
};

double ms_between(clock::time_point from, clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

double resident_kb(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    while (status >> word) {
        double kb = 0;
        if (word == "VmRSS:" && status >> kb) return kb;
    }
    return 0;
}

void connect_all(fleet& all, std::vector<ws_client*>& clients) {
    for (auto* c : clients) c->start();
    all.run_until([&] { return all.count(ws_client::phase::ready) == clients.size(); }, 30s, "connecting");
}

// Sends chat.send, waits for its acknowledgement, sends the next one.
struct sender {
    ws_client* client = nullptr;
    std::string name, agent;
    bool fresh_sessions = false;
    int sent = 0;
    bool waiting = false;
    std::string id;
    clock::time_point sent_at, resume_at;

    void next() {
        const auto n = std::to_string(sent++);
        id = "m" + n;
        const auto key = name + '-' + n;
        client->request(id, "chat.send", R"({"sessionKey":"agent:)" + agent + ':' +
                                             (fresh_sessions ? key : name) +
                                             R"(","message":"How are you today?","idempotencyKey":")" +
                                             key + R"("})");
        waiting = true;
        sent_at = clock::now();
    }
};

struct chat_result {
    std::vector<double> latencies;  // ms of the accepted ones
    int refused = 0;
};

// Durable accept: `senders` clients, each with one unacknowledged message, for `seconds`.
int chat(const arguments& a) {
    fleet all(a.port(), a.text("token"), true);
    std::vector<sender> senders(static_cast<std::size_t>(a.number("senders", 64)));
    std::vector<ws_client*> clients;
    chat_result got;
    const auto run = std::to_string(::getpid());
    for (auto& s : senders) {
        s.client = &all.add();
        s.name = "bench-" + run + '-' + std::to_string(clients.size());
        s.agent = a.text("agent");
        s.fresh_sessions = a.text("sessions") == "fresh";
        s.client->on_message = [&got, &s](std::string_view text) {
            if (!s.waiting || !is_answer(text, s.id)) return;
            s.waiting = false;
            if (is_ok(text)) got.latencies.push_back(ms_between(s.sent_at, clock::now()));
            else ++got.refused;
            // A sender that was refused comes back a little later, as it is told to.
            s.resume_at = is_ok(text) ? clock::time_point() : clock::now() + 10ms;
        };
        clients.push_back(s.client);
    }
    connect_all(all, clients);
    const auto start = clock::now();
    const auto end = start + std::chrono::seconds(a.number("seconds", 5));
    while (clock::now() < end) {
        for (auto& s : senders) {
            if (!s.waiting && clock::now() >= s.resume_at) s.next();
        }
        all.poll(1);
    }
    const double seconds = ms_between(start, clock::now()) / 1000;
    if (got.latencies.empty()) throw std::runtime_error("no message was accepted; " + all.trouble());
    std::printf("{\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"refused\":%d,\"closed\":%zu}\n",
                static_cast<double>(got.latencies.size()) / seconds, percentile(got.latencies, 0.5),
                percentile(got.latencies, 0.99), got.refused, all.count(ws_client::phase::closed));
    return 0;
}

// One client that asks for health again and again, to see how long a call takes meanwhile.
struct prober {
    ws_client* client = nullptr;
    int asked = 0;
    clock::time_point asked_at;
    std::vector<double> latencies;

    void ask() {
        asked_at = clock::now();
        client->request("p" + std::to_string(asked), "health", "{}");
    }
    void attach(ws_client& c) {
        client = &c;
        c.on_ready = [this] { ask(); };
        c.on_message = [this](std::string_view text) {
            if (!is_answer(text, "p" + std::to_string(asked))) return;
            latencies.push_back(ms_between(asked_at, clock::now()));
            ++asked;
            ask();
        };
    }
};

// Idle connections: `connections` clients at `rate` a second, then a second of quiet.
int idle(const arguments& a) {
    const auto wanted = static_cast<std::size_t>(a.number("connections", 10'000));
    const auto rate = static_cast<double>(a.number("rate", 2000));
    const int pid = a.number("pid");
    fleet all(a.port(), a.text("token"), true);
    prober probe;
    probe.attach(all.add());
    probe.client->start();
    all.run_until([&] { return probe.latencies.size() > 100; }, 10s, "the probe");
    probe.latencies.clear();
    const double before = resident_kb(pid);
    const auto start = clock::now();
    std::size_t started = 0;
    std::size_t ready = 0;
    auto look_at = start;  // looking through all clients in every turn would slow the loader down
    all.run_until([&] {
        const double due = ms_between(start, clock::now()) / 1000 * rate;
        while (started < wanted && (rate == 0 || static_cast<double>(started) < due) &&
               started - ready < 512) {
            auto& c = all.add();
            c.on_ready = [&ready] { ++ready; };
            c.start();
            ++started;
        }
        if (clock::now() > look_at) {
            look_at = clock::now() + 100ms;
            if (all.count(ws_client::phase::closed) > 0) throw std::runtime_error(all.trouble());
        }
        return ready == wanted;
    }, 120s, "connecting");
    const double storm_seconds = ms_between(start, clock::now()) / 1000;
    const auto storm = std::exchange(probe.latencies, {});
    const auto quiet_end = clock::now() + 1s;
    all.run_until([&] { return clock::now() > quiet_end; }, 2s, "waiting");
    const double after = resident_kb(pid);
    std::printf("{\"per_second\":%.0f,\"storm_p99_ms\":%.3f,\"quiet_p99_ms\":%.3f,\"kb_each\":%.2f}\n",
                static_cast<double>(wanted) / storm_seconds, percentile(storm, 0.99),
                percentile(probe.latencies, 0.99), (after - before) / static_cast<double>(wanted));
    return 0;
}

// Fan-out: how long after the first client the others see the end of the same run.
int fanout(const arguments& a) {
    fleet all(a.port(), a.text("token"), false);
    std::vector<ws_client*> clients(static_cast<std::size_t>(a.number("connections", 1000)));
    std::vector<double> delays;
    std::string run;
    clock::time_point first;
    std::size_t seen = 0;
    for (auto& c : clients) {
        c = &all.add();
        c->on_message = [&](std::string_view text) {
            if (text.find("\"state\":\"final\"") == std::string_view::npos ||
                text.find(run) == std::string_view::npos) {
                return;
            }
            const auto now = clock::now();
            if (seen++ == 0) first = now;
            delays.push_back(ms_between(first, now));
        };
    }
    connect_all(all, clients);
    for (int round = 0; round < a.number("rounds", 20); ++round) {
        run = "fanout-" + std::to_string(::getpid()) + '-' + std::to_string(round) + '-';
        seen = 0;
        clients[0]->request("f" + std::to_string(round), "chat.send",
                            R"({"sessionKey":"agent:main:fanout","message":"Hello","idempotencyKey":")" +
                                run + R"("})");
        all.run_until([&] { return seen >= clients.size(); }, 10s, "the event");
    }
    std::printf("{\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", percentile(delays, 0.5), percentile(delays, 0.99));
    return 0;
}

// A caller with `depth` health calls under way.
struct caller {
    ws_client* client = nullptr;
    std::size_t answered = 0;

    void attach(ws_client& c) {
        client = &c;
        c.on_message = [this](std::string_view text) {
            if (text.find("\"id\":\"h\"") == std::string_view::npos) return;
            ++answered;
            ask();
        };
    }
    void ask() { client->request("h", "health", "{}"); }
};

// Calls a second over `connections`, each with `depth` under way; `bare`: of a server that sends
// back what it gets. With `stuck` readers that never read, and `chat` messages a second for them to hear,
// for `warm` seconds before the calls begin, so that they are stuck.
int calls(const arguments& a) {
    const bool bare = a.number("bare") != 0;
    fleet all(a.port(), a.text("token"), false, bare);
    std::vector<caller> callers(static_cast<std::size_t>(a.number("connections", 16)));
    std::vector<ws_client*> clients, stuck;
    for (auto& c : callers) {
        c.attach(all.add());
        clients.push_back(c.client);
    }
    sender chatter;
    if (!bare) {
        chatter.client = &all.add();
        chatter.name = "calls-" + std::to_string(::getpid());
        clients.push_back(chatter.client);
    }
    for (int i = 0; i < a.number("stuck"); ++i) stuck.push_back(&all.add());
    clients.insert(clients.end(), stuck.begin(), stuck.end());
    connect_all(all, clients);
    for (auto* c : stuck) c->stop_reading();
    const auto run_for = [&](int seconds) {
        const auto start = clock::now();
        const int before = chatter.sent;
        while (clock::now() < start + std::chrono::seconds(seconds)) {
            const double due = ms_between(start, clock::now()) / 1000 * a.number("chat");
            if (chatter.sent - before < due) chatter.next();
            all.poll(1);
        }
        return ms_between(start, clock::now()) / 1000;
    };
    run_for(a.number("warm"));
    for (auto& c : callers) {
        for (int i = 0; i < a.number("depth", 8); ++i) c.ask();
    }
    const auto seconds = run_for(a.number("seconds", 3));
    std::size_t answered = 0;
    for (const auto& c : callers) answered += c.answered;
    std::printf("{\"per_second\":%.0f}\n", static_cast<double>(answered) / seconds);
    return 0;
}

int print_times(const std::vector<double>& ms) {
    std::printf("{\"median_ms\":%.3f,\"min_ms\":%.3f,\"max_ms\":%.3f,\"runs\":%zu}\n", percentile(ms, 0.5),
                percentile(ms, 0), percentile(ms, 1), ms.size());
    return 0;
}

int run(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    const arguments a(argc, argv);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (mode == "chat") return chat(a);
    if (mode == "idle") return idle(a);
    if (mode == "fanout") return fanout(a);
    if (mode == "calls") return calls(a);
    if (mode == "command") return print_times(time_command(a.command, a.number("runs", 50)));
    if (mode == "boot") {
        return print_times(time_boot(a.command, a.text("state"), a.text("from"), a.port(),
                                     a.number("runs", 20)));
    }
    std::fprintf(stderr, "usage: ws_load chat|idle|fanout|calls|command|boot [--name value]... "
                         "[-- command...]\n");
    return 2;
}

}  // namespace
}  // namespace openclaw::bench

int main(int argc, char** argv) {
    try {
        return openclaw::bench::run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ws_load: %s\n", e.what());
        return 1;
    }
}
