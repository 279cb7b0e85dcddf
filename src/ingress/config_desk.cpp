#include "ingress/config_desk.hpp"

namespace openclaw::ingress {

namespace {

bool is_there(const std::filesystem::path& file) {
    std::error_code unknown;
    return std::filesystem::exists(file, unknown) || unknown;
}

// What would be made of a change alone, in the place of a file that was taken away, has no token, no
// providers and no port, and the next start would be on that.
result<void> check_still_there(const std::filesystem::path& file) {
    if (is_there(file)) return {};
    return error(errc::conflict,
                 "the configuration file " + file.string() +
                     " that this gateway was started from is not there, so there is nothing to change",
                 "Put it back, and send the change again. What the gateway runs on is last-good.json5 of the "
                 "state folder.");
}

config::environment or_none(config::environment environment) {
    if (environment) return environment;
    return [](const std::string&) { return std::nullopt; };
}

}  // namespace

config_desk::config_desk(std::filesystem::path file, config::environment environment, side_threads& beside)
    : state_(std::make_shared<state>()), beside_(beside) {
    state_->file = std::move(file);
    state_->was_there = is_there(state_->file);
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
        const auto there = s->was_there ? check_still_there(s->file) : result<void>();
        if (!there) return result<config::edited>(there.error());
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
