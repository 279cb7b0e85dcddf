#include "ingress/config_desk.hpp"

namespace openclaw::ingress {

namespace {

config::environment or_none(config::environment environment) {
    if (environment) return environment;
    return [](const std::string&) { return std::nullopt; };
}

}  // namespace

config_desk::config_desk(std::filesystem::path file, config::environment environment, side_threads& beside)
    : state_(std::make_shared<state>()), beside_(beside) {
    state_->file = std::move(file);
    state_->environment = or_none(std::move(environment));
}

task<result<config::document>> config_desk::read() {
    auto work = [s = state_] { return config::read_document(s->file, s->environment); };
    co_return co_await beside_.run(std::move(work));
}

task<result<config::edited>> config_desk::change(principal who, config::edit e, listener written) {
    // Checked here as well as where the call came in, so that no second way can forget it.
    if (!who.allows(scope::admin)) {
        co_return error(errc::forbidden, "only an administrator changes the configuration");
    }
    auto work = [s = state_, e = std::move(e), written = std::move(written)] {
        std::lock_guard lock(s->writing);
        auto done = config::edit_file(s->file, e, s->environment);
        if (done && !done->changes.empty()) written(*done);
        return done;
    };
    co_return co_await beside_.run(std::move(work));
}

}  // namespace openclaw::ingress
