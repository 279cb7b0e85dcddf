// channels.start, stop and logout (protocol.md §8).

#include "ingress/methods.hpp"

namespace openclaw::ingress {

namespace {

struct named_account {
    std::string channel, account;
};

result<named_account> account_param(const method_call& c) {
    auto channel = required_text(c, "channel", 64);
    if (!channel) return channel.error();
    auto account = optional_text(c, "accountId", 64);
    if (!account) return account.error();
    return named_account{std::move(*channel), std::move(*account)};
}

task<result<json>> run_channel(method_call c, bool on) {
    auto named = account_param(c);
    if (!named) co_return named.error();
    auto row = co_await c.gateway.d.operations.run_channel(named->channel, named->account, on);
    if (!row) co_return row.error();
    json out{{"channel", named->channel}, {"accountId", string_or(*row, "accountId")}};
    out[on ? "started" : "stopped"] = true;
    out["account"] = std::move(*row);
    co_return out;
}

}  // namespace

task<result<json>> call_channels_start(method_call c) {
    return run_channel(std::move(c), true);
}

// Until the next start of the gateway: the configuration says what runs then.
task<result<json>> call_channels_stop(method_call c) {
    return run_channel(std::move(c), false);
}

// The credentials of every channel of this version are the configuration's.
task<result<json>> call_channels_logout(method_call c) {
    auto named = account_param(c);
    if (!named) co_return named.error();
    const auto known = c.gateway.d.operations.channels_status();
    const json channels = known.value("channels", json::object());
    if (!channels.contains(named->channel)) {
        co_return error(errc::not_found, "there is no channel \"" + named->channel + "\"");
    }
    co_return error(errc::invalid_input, "channel " + named->channel + " does not support logout",
                    "Its credentials are in the configuration: config.patch removes them.");
}

}  // namespace openclaw::ingress
