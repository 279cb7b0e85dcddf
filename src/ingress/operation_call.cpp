#include "ingress/operation_call.hpp"

#include "ingress/audit.hpp"
#include "ingress/until_gone.hpp"

namespace openclaw::ingress {

namespace {

// One HTTP request has no events to be sent.
class no_events final : public followed_sessions {
public:
    bool follow(const std::string&) override { return asked_ = true; }
    void unfollow(const std::string&) override { asked_ = true; }
    void follow_all() override { asked_ = true; }
    void unfollow_all() override { asked_ = true; }
    bool asked() const { return asked_; }

private:
    bool asked_ = false;
};

// `call`, `m` and `refusal` outlive it: the caller waits.
task<result<json>> run(http_call& call, const method& m, json params, json& refusal) {
    no_events followed;
    const std::string no_device, no_connection;
    std::optional<json> first;
    std::function<void(const json&)> accepted = [&first](const json& payload) { first = payload; };
    method_call c{call.gateway, call.who, params, std::string(m.name), followed, no_device,
                  no_connection, std::move(accepted), refusal};
    auto outcome = co_await run_method(m, std::move(c));
    if (followed.asked()) {
        co_return error(errc::invalid_input, std::string(m.name) + " needs a WebSocket");
    }
    if (first) co_return std::move(*first);
    co_return outcome;
}

}  // namespace

task<result<json>> call_operation(http_call& call, const method& m, json params, json& refusal) {
    refusal = json::object();
    if (!m.slow) co_return co_await run(call, m, std::move(params), refusal);
    auto work = run(call, m, std::move(params), refusal);
    auto outcome = co_await until_gone(call.stream, std::move(work));
    if (!outcome) co_return client_gone();
    co_return std::move(*outcome);
}

}  // namespace openclaw::ingress
