#include "simulation/outside.hpp"

namespace openclaw::simulation {

namespace {

class scripted_tool final : public tools::tool {
public:
    scripted_tool(surroundings& around, const bool& dead, bool repeatable)
        : around_(around), dead_(dead), repeatable_(repeatable),
          definition_{repeatable ? "look" : "pay", "Does as it is told.", json{{"type", "object"}}} {}
    const tool_definition& definition() const override { return definition_; }
    bool repeatable() const override { return repeatable_; }

    task<result<std::string>> invoke(const json& arguments, const tools::tool_context&) override {
        if (dead_) co_return error(errc::unavailable, "the process is dead");
        around_.books.on_tool(arguments["id"].get<std::string>(), repeatable_);
        if (around_.troubled) co_await sleep_for(around_.luck.pause(4'000));
        if (around_.troubled && around_.luck.chance(10)) co_return error(errc::unavailable, "not today");
        co_return "done";
    }

private:
    surroundings& around_;
    const bool& dead_;
    const bool repeatable_;
    const tool_definition definition_;
};

class scripted_channel final : public channels::channel {
public:
    scripted_channel(surroundings& around, const bool& dead, channels::inbound_port*& port)
        : around_(around), dead_(dead), port_(port) {}

    const std::string& name() const override { return name_; }
    const std::string& account() const override { return account_; }
    task<result<void>> start(channels::inbound_port& port) override {
        port_ = &port;
        co_return result<void>();
    }
    task<> stop() override {
        port_ = nullptr;
        co_return;
    }
    channels::channel_status status() const override {
        return {name_, account_, channels::link_state::connected, {}, 0, 0};
    }

    task<channels::send_outcome> send(const store::delivery& d) override {
        using kind = channels::send_outcome::kind;
        if (dead_) co_return channels::send_outcome{kind::unknown, "the process is dead", {}};
        around_.books.on_sending(d);
        const auto what = around_.troubled ? around_.luck.lot({70, 12, 6, 6, 2, 2}) : 0;
        const bool in_doubt = what >= 3;
        const bool again = what == 1 || (in_doubt && around_.resends);
        const attempt told{around_.books, dead_, d.reply_id, !again};
        // What the service has got it has before the process hears of it.
        if (what == 0 || (what == 3 && around_.luck.chance(50))) around_.books.on_arrived(d);
        if (around_.troubled) co_await sleep_for(around_.luck.pause(3'000));
        switch (what) {
        case 0: co_return channels::send_outcome{kind::sent, "1", {}};
        case 2: co_return channels::send_outcome{kind::failed, "no such chat", {}};
        case 3: co_return channels::send_outcome{kind::unknown, "no word of it", {}};
        case 4: co_await sleep_for(std::chrono::hours(1)); break;   // until its deadline
        case 5: throw std::runtime_error("a bug of the channel");
        default: break;
        }
        const auto wait = milliseconds(around_.luck.chance(50) ? around_.luck.between(1, 20'000) : 0);
        co_return channels::send_outcome{kind::retry, "too fast", wait};
    }

private:
    // However it ends, a cancellation included.
    struct attempt {
        ~attempt() {
            if (!dead) books.on_attempt_over(reply_id, final);
        }
        ledger& books;
        const bool& dead;
        const std::string reply_id;
        const bool final;
    };

    surroundings& around_;
    const bool& dead_;
    channels::inbound_port*& port_;
    const std::string name_ = "sim";
    const std::string account_ = "default";
};

}  // namespace

std::unique_ptr<tools::tool> make_tool(surroundings& around, const bool& dead, bool repeatable) {
    return std::make_unique<scripted_tool>(around, dead, repeatable);
}

std::unique_ptr<channels::channel> make_channel(surroundings& around, const bool& dead,
                                                channels::inbound_port*& port) {
    return std::make_unique<scripted_channel>(around, dead, port);
}

}  // namespace openclaw::simulation
