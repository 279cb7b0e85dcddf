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

task<result<config::load_outcome>> config_desk::load() {
    auto work = [s = state_] { return config::read_loaded(s->file, s->environment); };
    co_return co_await beside_.run(std::move(work));
}

task<result<config::edited>> config_desk::write(principal who,
                                                std::function<result<config::edited>(state&)> make,
                                                listener written) {
    // Checked here as well as where the call came in, so that no second way can forget it.
    if (!who.allows(scope::admin)) {
        co_return error(errc::forbidden, "only an administrator changes the configuration");
    }
    auto work = [s = state_, make = std::move(make), written = std::move(written)] {
        std::lock_guard lock(s->writing);
        auto done = make(*s);
        if (done && !done->changes.empty()) written(*done);
        return done;
    };
    co_return co_await beside_.run(std::move(work));
}

task<result<config::edited>> config_desk::change(principal who, config::edit e, listener written) {
    auto make = [e = std::move(e)](state& s) { return config::edit_file(s.file, e, s.environment); };
    return write(std::move(who), std::move(make), std::move(written));
}

task<result<config::edited>> config_desk::rewrite(principal who, config::text_maker make,
                                                  listener written) {
    auto rewritten = [make = std::move(make)](state& s) {
        return config::rewrite_file(s.file, make, s.environment);
    };
    return write(std::move(who), std::move(rewritten), std::move(written));
}

}  // namespace openclaw::ingress
