#include "app/startup.hpp"

#include "openclaw/config/foreseen.hpp"
#include "openclaw/net/local_port.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include <arpa/inet.h>
#include <ifaddrs.h>


namespace openclaw::app {

namespace {

// The machine's address in Tailscale's range 100.64.0.0/10; empty: none.
std::string tailnet_address() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    std::string found;
    for (auto* i = list; i != nullptr; i = i->ifa_next) {
        if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_INET) continue;
        const auto* at = reinterpret_cast<const sockaddr_in*>(i->ifa_addr);
        const auto bits = ntohl(at->sin_addr.s_addr);
        if ((bits & 0xffc00000U) != 0x64400000U) continue;
        found = boost::asio::ip::address_v4(bits).to_string();
        break;
    }
    freeifaddrs(list);
    return found;
}

result<std::string> resolve_bind(const std::string& name) {
    if (name == "loopback" || name == "localhost") return std::string("127.0.0.1");
    if (name == "lan") return std::string("0.0.0.0");
    if (name != "tailnet") return name;
    auto address = tailnet_address();
    if (address.empty()) {
        return error(errc::config, "this machine has no tailnet address",
                     "Start Tailscale (tailscale up), or choose another --bind.");
    }
    return address;
}

}  // namespace

result<void> apply_flags(config::settings& settings, const run_options& run) {
    auto& network = settings.gateway.network;
    if (run.port) network.port = *run.port;
    if (!run.bind.empty()) network.host = run.bind;
    auto host = resolve_bind(network.host);
    if (!host) return host.error();
    network.host = std::move(*host);
    return {};
}

result<void> check_exposure(const config::settings& settings, bool allow_unauthenticated) {
    const auto refused = config::start_refusal(settings, allow_unauthenticated);
    if (!refused) return {};
    return error(errc::config, refused->message, refused->hint);
}

result<void> check_start(const run_options& run, const std::filesystem::path& file,
                         const config::environment& environment) {
    auto loaded = config::load_file(file, environment);
    if (!loaded) return loaded.error();
    std::string problems;
    for (const auto& i : loaded->issues) {
        if (i.severity == config::severity::error) problems += "\n" + config::to_string(i, file.string());
    }
    if (!problems.empty()) return error(errc::config, "the configuration does not pass:" + problems);
    auto& settings = loaded->settings;
    if (auto applied = apply_flags(settings, run); !applied) return applied;
    if (auto safe = check_exposure(settings, run.allow_unauthenticated); !safe) return safe;
    return net::check_address(settings.gateway.network.host);
}

log::options log_options(const config::settings& settings, const config::locations& where,
                         bool verbose) {
    const auto& logging = settings.gateway.logging;
    log::options o;
    o.threshold = verbose ? std::min(logging.level, log::level::debug) : logging.level;
    o.file_style = logging.format;
    o.max_size = logging.file.max_size;
    o.max_files = logging.file.max_files;
    if (logging.file.enabled) {
        o.file = logging.file.path.empty() ? where.state_dir / "logs" / "gateway.log"
                                           : std::filesystem::path(logging.file.path);
    }
    return o;
}

void report_config(const config::startup_config& c, const config::locations& where) {
    if (c.created) {
        log::info("config", "wrote a first configuration with a new token",
                  {{"file", where.config_file.string()}});
    }
    for (const auto& i : c.rejected) {
        const auto text = config::to_string(i, where.config_file.string());
        if (i.severity == config::severity::error) log::error("config", text);
    }
    if (c.degraded) log::error("config", "the last good configuration is in effect");
    for (const auto& i : c.outcome.issues) {
        const auto text = config::to_string(i, where.config_file.string());
        if (i.severity == config::severity::warning) log::warn("config", text);
        if (i.severity == config::severity::notice) log::info("config", text);
    }
}

}  // namespace openclaw::app
