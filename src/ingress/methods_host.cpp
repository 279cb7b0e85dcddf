// system-presence, system.info, gateway.identity.get and logs.tail: the machine and the process
// (protocol.md §8).

#include "ingress/log_tail.hpp"
#include "ingress/methods.hpp"

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

json own_presence(const gateway_context& g, std::size_t omitted) {
    const auto name = machine();
    auto text = "Gateway: " + std::string(name.nodename) + ", version " + g.d.identity.version;
    if (omitted > 0) text += ", " + std::to_string(omitted) + " more clients";
    return {{"ts", g.d.time.unix_ms()},
            {"host", name.nodename},
            {"version", g.d.identity.version},
            {"platform", "linux"},
            {"mode", "gateway"},
            {"reason", "self"},
            {"text", std::move(text)},
            {"instanceId", g.boot_id},
            {"onlineSince", g.started_ms}};
}

}  // namespace

presence_rows presence_of(const gateway_context& gateway, presence_board::listing list) {
    presence_rows rows;
    rows.version = list.version;
    rows.entries.push_back(own_presence(gateway, list.omitted));
    for (auto& entry : list.entries) rows.entries.push_back(std::move(entry));
    return rows;
}

task<result<json>> call_system_presence(method_call c) {
    co_return presence_of(c.gateway, c.gateway.presence.list()).entries;
}

task<result<json>> call_gateway_identity_get(method_call c) {
    auto own = co_await c.gateway.identity.get();
    if (!own) co_return own.error();
    co_return json{{"deviceId", own->device_id}, {"publicKey", own->public_key}};
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
    auto work = [query = std::move(query)] { return tail_log(query); };
    co_return co_await c.gateway.beside.run(std::move(work));
}

}  // namespace openclaw::ingress
