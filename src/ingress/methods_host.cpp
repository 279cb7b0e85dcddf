// system-presence, system.info, logs.tail: the machine and the process (protocol.md §8).

#include "ingress/log_tail.hpp"
#include "ingress/methods.hpp"
#include "openclaw/core/promise.hpp"

#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <thread>

namespace openclaw::ingress {

namespace {

utsname machine() {
    utsname name{};
    (void)uname(&name);
    return name;
}

struct memory_figures {
    std::uint64_t total = 0, free = 0;   // bytes
};

memory_figures read_memory() {
    struct sysinfo figures {};
    if (sysinfo(&figures) != 0) return {};
    return {std::uint64_t{figures.totalram} * figures.mem_unit,
            std::uint64_t{figures.freeram} * figures.mem_unit};
}

json own_presence(const gateway_context& g) {
    const auto name = machine();
    return {{"ts", g.d.time.unix_ms()},
            {"host", name.nodename},
            {"version", g.d.identity.version},
            {"platform", "linux"},
            {"mode", "gateway"},
            {"reason", "self"},
            {"text", "Gateway: " + std::string(name.nodename) + ", version " + g.d.identity.version},
            {"instanceId", g.boot_id},
            {"onlineSince", g.started_ms}};
}

// Reads on a thread of its own, because a disk may take its time.
task<result<json>> tail_beside(log_query query) {
    auto done = std::make_shared<promise<result<json>>>();
    const std::jthread reader([done, query] { done->set(tail_log(query)); });
    co_return co_await done->get();
}

}  // namespace

json presence_list(const gateway_context& gateway) {
    json entries = gateway.d.hub->presence();
    entries.insert(entries.begin(), own_presence(gateway));
    return entries;
}

task<result<json>> call_system_presence(method_call c) {
    co_return presence_list(c.gateway);
}

task<result<json>> call_system_info(method_call c) {
    const auto& g = c.gateway;
    const auto name = machine();
    const auto uptime = std::chrono::duration_cast<milliseconds>(g.d.time.steady() - g.started);
    const auto memory = read_memory();
    double load[3]{};
    (void)getloadavg(load, 3);
    co_return json{{"machineName", name.nodename},
                   {"hostname", name.nodename},
                   {"platform", "linux"},
                   {"release", name.release},
                   {"arch", name.machine},
                   {"osLabel", std::string(name.sysname) + " " + name.release},
                   {"port", g.port.load()},
                   {"pid", getpid()},
                   {"nodeVersion", ""},  // clients want the field; there is no Node here
                   {"uptimeMs", uptime.count()},
                   {"cpuCount", std::thread::hardware_concurrency()},
                   {"memoryTotalBytes", memory.total},
                   {"memoryFreeBytes", memory.free},
                   {"loadAverage", {load[0], load[1], load[2]}}};
}

task<result<json>> call_logs_tail(method_call c) {
    auto cursor = optional_int(c, "cursor", 0, INT64_MAX, -1);
    if (!cursor) co_return cursor.error();
    auto limit = optional_int(c, "limit", 1, 5'000, 500);
    if (!limit) co_return limit.error();
    auto bytes = optional_int(c, "maxBytes", 1, 1'000'000, 250'000);
    if (!bytes) co_return bytes.error();
    log_query query;
    query.file = c.gateway.d.identity.log_file;
    if (*cursor >= 0) query.cursor = *cursor;
    query.limit = static_cast<std::size_t>(*limit);
    query.max_bytes = *bytes;
    co_return co_await tail_beside(std::move(query));
}

}  // namespace openclaw::ingress
