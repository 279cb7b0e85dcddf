#pragma once

#include "openclaw/channels/manager.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/routing/router.hpp"
#include "simulation/outside.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <filesystem>
#include <optional>

namespace openclaw::simulation {

// One process of the gateway: the store, the router, the turns and the channels of the product on an
// io_context of their own, put together as app does it. It ends by stop(), or by death: from kill() on
// the disk takes no write of it and the world hears nothing, so that it does not matter what it still
// does; its coroutines are then brought to their end only so that they leave nothing behind.
class life {
public:
    struct environment {
        std::filesystem::path state;
        surroundings& around;
        std::uint32_t max_running = 100;
        milliseconds turn_timeout{60'000};
        milliseconds debounce{0};
        std::string_view mode = "followup";
    };
    // disk_full, or what else keeps the store from opening.
    static result<std::unique_ptr<life>> begin(const environment& e);
    ~life();

    // Runs one handler; false when none is ready.
    bool step() { return io_.poll_one() > 0; }
    // Sends as a sender of this kind does; `told` hears how it went unless the process dies before.
    using answer = std::function<void(const result<routing::admission>&)>;
    void send(const sent_message& m, answer told);
    // `told` hears of it when it is confirmed.
    void call_back(const std::string& session, const std::string& run_id, std::function<void()> told);
    // The runs whose turns are in progress in these sessions.
    std::vector<std::string> running(const std::set<std::string>& sessions) const;
    bool is_idle() const;

    // In good order, with so much time for what runs.
    void stop(milliseconds grace);
    void kill();
    bool is_stopping() const { return stopping_; }
    bool is_dead() const { return dead_; }
    bool has_ended() const { return ended_; }

    asio::io_context& io() { return io_; }
    store::store& store() { return *store_; }
    const std::optional<error>& fatal() const { return fatal_; }

private:
    class observer;
    explicit life(const environment& e);
    result<void> build(const environment& e);
    std::shared_ptr<const agents::directory> build_agents(const environment& e);
    task<result<routing::admission>> submit(inbound_message m, entrance by);
    task<> deliver(inbound_message m, entrance by, answer told);
    task<> stop(std::string session, std::string run_id, std::function<void()> told);
    task<> shut_down(milliseconds grace);

    surroundings& around_;
    bool dead_ = false, stopping_ = false, ended_ = false;
    std::optional<error> fatal_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    system_time time_;   // the clock of the run: virtual_clock.hpp
    seeded_random random_;
    metrics::registry metrics_;
    metrics::health_board health_;
    tools::registry tools_;
    std::unique_ptr<net::http_client> model_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<agents::turn_runner> runner_;
    std::unique_ptr<routing::router> router_;
    channels::inbound_port* port_ = nullptr;
    std::unique_ptr<channels::manager> channels_;
    task_group clients_;
};

}  // namespace openclaw::simulation
