#include "ingress/listener.hpp"

#include "openclaw/core/log.hpp"
#include "openclaw/auth/login_limiter.hpp"
#include "ingress/connection_io.hpp"
#include "ingress/errors.hpp"
#include "ingress/port_holder.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace openclaw::ingress {

namespace {

using boost::system::error_code;

constexpr milliseconds accept_pause{100};    // after an error such as too many open files
constexpr milliseconds sweep_pause{1'000};
constexpr milliseconds warning_pause{60'000};
constexpr int backlog = 4096;
// Bytes that the kernel holds for a client beyond what is under way to it; the rest waits in our own
// bound. Else it takes megabytes, and a call for each frame, for a client that reads nothing.
constexpr int max_unsent = 32 << 10;
constexpr std::size_t max_turned_away = 256;  // at a time; more are closed without a word

task<> pause_for(milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::ip::tcp family_of(int listening) {
    int domain = AF_INET;
    socklen_t size = sizeof(domain);
    getsockopt(listening, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    return domain == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
}

peer_info peer_of(asio::ip::tcp::socket& socket) {
    error_code ignored;
    const auto end = socket.remote_endpoint(ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &max_unsent, sizeof(max_unsent));
    return {net::canonical(end.address()), std::nullopt};
}

peer_info peer_of(asio::local::stream_protocol::socket& socket) {
    ucred who{};
    socklen_t size = sizeof(who);
    peer_info peer;
    // A peer that cannot be told is nobody: no user has this id.
    peer.local_uid = static_cast<unsigned>(-1);
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        peer.local_uid = who.uid;
    }
    return peer;
}

// Whether the other side has closed, looking without waiting. On the connection's strand. One that has
// ended its sending alone counts too: over TCP it looks like one that is gone until something is sent to
// it, and a whole answer is sent when the turn it would have stopped is over.
bool has_hung_up(connection& c) {
    char byte = 0;
    error_code failure;
    const auto n = c.socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, failure);
    return failure ? failure != asio::error::would_block : n == 0;
}

// Connections that have not said yet what they want, and WebSockets before `connect`, beside
// maxHttpConnections and maxWebSocketConnections: of one network, and of all.
constexpr std::size_t max_unknown_of_one = 256;
constexpr std::size_t max_unknown = 4096;
constexpr std::size_t max_closing = 256;      // of those that had to go and are not closed yet

void tell_gone(connection& c) {
    if (auto f = std::exchange(c.on_gone, nullptr)) f();
}

}  // namespace

listener::listener(gateway_context& gateway, http_service& service)
    : gateway_(gateway)
    , service_(service)
    , accepting_(asio::make_strand(gateway.d.io))
    , tcp_(gateway.d.io)
    , unix_(gateway.d.io)
    , accepted_(gateway.d.metrics.make_counter("openclaw_connections_accepted_total",
                                               "Connections that were accepted."))
    , refused_(gateway.d.metrics.make_counter("openclaw_connections_refused_total",
                                              "Connections over connections.maxHttpConnections."))
    , crowded_out_(gateway.d.metrics.make_counter(
          "openclaw_connections_crowded_out_total",
          "Connections that were closed for newer ones before it was known who they are."))
    , paused_(gateway.d.metrics.make_counter(
          "openclaw_accept_pauses_total",
          "Times that no connection was accepted because descriptors ran out."))
    , room_(max_unknown_of_one, max_unknown) {}

result<void> listener::use(const listening_sockets& given, const std::string& host, std::uint16_t port) {
    error_code failure;
    kept_.fixed = given.fixed;
    if (given.local >= 0) unix_.assign(asio::local::stream_protocol(), given.local, failure);
    if (!failure && given.tcp >= 0) {
        tcp_.assign(family_of(given.tcp), given.tcp, failure);
        const auto at = failure ? asio::ip::tcp::endpoint() : tcp_.local_endpoint(failure);
        const bool there = at.address().to_string() == host && (port == 0 || at.port() == port);
        port_ = at.port();
        if (!there && given.fixed) {
            log::warn("ingress", "listens where systemd says, not where the configuration does",
                      {{"address", at.address().to_string() + ":" + std::to_string(at.port())}});
        } else if (!failure && !there) {
            tcp_.close(failure);
        }
    }
    if (!failure) return {};
    return error(errc::config, "the sockets that the gateway was started with cannot be used: " +
                                   failure.message());
}

result<void> listener::bind_tcp(const std::string& host, std::uint16_t port) {
    if (tcp_.is_open()) return {};
    error_code failure;
    const auto address = asio::ip::make_address(host, failure);
    if (failure) {
        return error(errc::config, "\"" + host + "\" is no address to listen on",
                     "Set gateway.network.host to an address of this machine, such as 127.0.0.1.");
    }
    const asio::ip::tcp::endpoint at(address, port);
    tcp_.open(at.protocol(), failure);
    if (!failure) tcp_.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) tcp_.bind(at, failure);
    if (!failure) tcp_.listen(backlog, failure);
    if (failure == asio::error::address_in_use) {
        return error(errc::in_use,
                     "port " + std::to_string(port) + " on " + host + " is taken" + port_holder(port),
                     "Stop that process, or start with --port N.");
    }
    if (failure == asio::error::access_denied) {
        return error(errc::forbidden,
                     "port " + std::to_string(port) + " needs more rights than this user has",
                     "Use a port above 1023, or give the binary cap_net_bind_service.");
    }
    if (failure) {
        return error(errc::config, "cannot listen on " + host + ":" + std::to_string(port) + ": " +
                                       failure.message(),
                     "Check gateway.network.host and gateway.network.port.");
    }
    port_ = tcp_.local_endpoint().port();
    return {};
}

result<void> listener::bind_unix(const std::filesystem::path& socket) {
    error_code failure;
    if (unix_.is_open()) {
        const auto there = unix_.local_endpoint(failure).path();
        if (there == socket) {
            if (!kept_.fixed) socket_path_ = socket;
            return {};
        }
        return error(errc::config,
                     "LISTEN_FDS: the Unix socket is " + there + ", and the command line looks for " +
                         socket.string(),
                     "Give that path in the .socket unit, with SocketMode=0600, or the TCP port alone.");
    }
    // The state folder's lock is ours, so a socket file in it is a leftover.
    std::error_code ignored;
    std::filesystem::remove(socket, ignored);
    if (socket.string().size() >= sizeof(sockaddr_un::sun_path)) {
        return error(errc::config, "the path " + socket.string() + " is too long for a Unix socket",
                     "Choose a shorter --state-dir.");
    }
    const asio::local::stream_protocol::endpoint at(socket.string());
    unix_.open(at.protocol(), failure);
    const auto mask = umask(0177);  // nobody else connects, from the first moment on
    if (!failure) unix_.bind(at, failure);
    umask(mask);
    if (!failure) unix_.listen(backlog, failure);
    if (failure) {
        return error(errc::io, "cannot make the socket " + socket.string() + ": " +
                                   failure.message(),
                     "Check the owner and the mode of the state folder.");
    }
    socket_path_ = socket;
    return {};
}

void listener::start() {
    descriptors_.emplace();
    if (tcp_.is_open()) tasks_.spawn(accepting_, "accept tcp", accept_loop(tcp_));
    if (unix_.is_open()) tasks_.spawn(accepting_, "accept unix", accept_loop(unix_));
    tasks_.spawn(asio::make_strand(gateway_.d.io), "sweep", sweep());
}

// Some descriptors are left to the turns of those that are here. Who comes now waits in the kernel's queue
// until somebody leaves.
task<> listener::wait_for_descriptor(bool mine) {
    paused_.add();
    warn_of_accepting("descriptors run out");
    do co_await pause_for(accept_pause);
    while (!descriptors_->has_place(mine));
}

// Once a minute at most: a flood of clients is no flood of lines.
void listener::warn_of_accepting(std::string_view reason) {
    const auto now = steady_ms();
    if (warned_ms_ != 0 && now - warned_ms_ < warning_pause.count()) return;
    warned_ms_ = now;
    log::warn("ingress", "no connection is accepted for a while",
              {{"reason", reason}, {"connections", open_connections()},
               {"descriptors", descriptors_->limit()}});
}

// Ends when the acceptor is closed. Every other error is survived: out of descriptors is over when
// somebody leaves, and spinning on it would help nobody.
template <class Protocol>
task<> listener::accept_loop(asio::basic_socket_acceptor<Protocol>& acceptor) {
    constexpr bool mine = std::is_same_v<Protocol, asio::local::stream_protocol>;
    while (acceptor.is_open()) {
        if (!descriptors_->has_place(mine)) co_await wait_for_descriptor(mine);
        error_code failure;
        // One strand per connection: its coroutine, its sweeps and its events.
        const executor on = asio::make_strand(gateway_.d.io);
        typename Protocol::socket socket(on);
        co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, failure));
        if (failure == asio::error::operation_aborted ||
            failure == asio::error::bad_descriptor) {
            co_return;
        }
        if (failure) {
            warn_of_accepting(failure.message());
            co_await pause_for(accept_pause);
            continue;
        }
        accepted_.add();
        const auto peer = peer_of(socket);
        take(stream_socket(std::move(socket)), peer);
    }
}

// This machine and the proxies bring the connections of many; a WebSocket that they pass on counts for
// its own network from the upgrade on.
waiting_room::network listener::network_of(const peer_info& peer) const {
    if (peer.local_uid || peer.address.is_loopback()) return std::nullopt;
    if (gateway_.in_effect.get()->trusted_proxies.contains(peer.address)) return std::nullopt;
    return auth::network_of(peer.address);
}

void listener::wait_in_room(std::uint64_t number, const waiting_room::network& from) {
    std::lock_guard lock(mutex_);
    if (const auto out = room_.enter(number, from)) crowd_out(*out);
}

// A place under maxHttpConnections. When all are taken, a guest's goes to a client that is known: the one
// that has been here longest.
bool listener::give_place(std::uint64_t number, bool known, bool mine) {
    const auto limit = gateway_.in_effect.get()->settings.gateway.network.connections.max_http_connections;
    std::lock_guard lock(mutex_);
    if (++asking_ > limit && !mine) {
        if (!known || guests_.empty()) {
            refused_.add();
            return false;
        }
        crowd_out(*guests_.begin());
        guests_.erase(guests_.begin());
    }
    room_.leave(number);
    if (!known) guests_.insert(number);
    return true;
}

// With the mutex held.
void listener::crowd_out(std::uint64_t number) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) return;
    crowded_out_.add();
    asio::post(found->second->socket.get_executor(), [gone = found->second] {
        error_code ignored;
        gone->socket.close(ignored);
    });
}

void listener::take(stream_socket socket, peer_info peer) {
    const executor on = socket.get_executor();
    auto c = std::make_shared<connection>(std::move(socket), peer, ++next_number_);
    const auto now = gateway_.in_effect.get();
    const auto& limits = now->settings.gateway.network.connections;
    bool full = false;
    {
        std::lock_guard lock(mutex_);
        const auto known = limits.max_http_connections + gateway_.websockets;
        full = !peer.local_uid && connections_.size() >= known + max_unknown + max_closing;
        if (full && connections_.size() >= known + max_unknown + max_closing + max_turned_away) {
            refused_.add();
            return;  // the socket closes with `c`
        }
        connections_.emplace(c->number, c);
        c->draining = draining_;
        if (connections_.size() == 1) busy_.open();
    }
    if (full) {
        refused_.add();
        tasks_.spawn(on, "turn away", turn_away(std::move(c)));
        return;
    }
    wait_in_room(c->number, network_of(peer));
    tasks_.spawn(on, "connection", serve(std::move(c)));
}

// A connection leaves the waiting room with its first request that gets a place under
// maxHttpConnections, as a WebSocket whose client is known, or with its end.
task<> listener::serve(std::shared_ptr<connection> c) {
    // A connection ends when its socket is closed, never in the middle of a step: what it started
    // is joined on the way out.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    ++gateway_.http_connections;
    bool counted = false;
    const auto number = c->number;
    c->on_known = [this, number] {
        std::lock_guard lock(mutex_);
        room_.leave(number);
        guests_.erase(number);
    };
    c->on_http = [this, &counted, number, mine = c->peer.local_uid.has_value()](bool known) {
        counted = true;
        return give_place(number, known, mine);
    };
    c->on_upgrade = [this, &counted, &self = *c](const waiting_room::network& from) {
        --gateway_.http_connections;
        if (std::exchange(counted, false)) --asking_;
        if (!self.on_known) return;
        self.on_known();   // no guest any more: whoever is not known waits, with or without a request before
        wait_in_room(self.number, from);
    };
    const auto limits = gateway_.in_effect.get()->limits;   // they hold until its end
    co_await serve_connection(c, service_, limits);
    if (!c->websocket) --gateway_.http_connections;
    if (counted) --asking_;
    c->on_upgrade = nullptr;
    c->on_http = nullptr;
    c->on_known = nullptr;
    std::lock_guard lock(mutex_);
    room_.leave(number);
    guests_.erase(number);
    connections_.erase(number);
}

task<> listener::turn_away(std::shared_ptr<connection> c) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    error full(errc::unavailable, "too many connections are open");
    full.retry_after = milliseconds(1000);
    const auto id = service_.next_request_id();
    auto answer = error_response(full, id);
    const auto now = gateway_.in_effect.get();
    co_await refuse_connection(c, std::move(answer), id, now->limits);
    std::lock_guard lock(mutex_);
    connections_.erase(c->number);
}

std::vector<std::shared_ptr<connection>> listener::all() const {
    std::vector<std::shared_ptr<connection>> list;
    std::lock_guard lock(mutex_);
    list.reserve(connections_.size());
    for (const auto& [number, c] : connections_) list.push_back(c);
    return list;
}

std::size_t listener::open_connections() const {
    std::lock_guard lock(mutex_);
    return connections_.size();
}

// Closes what has passed its deadline: first the pending operation is cancelled, so that the
// connection may still say why; a second time the socket is closed. Tells routes at work whose
// client has hung up. Sleeps while nobody is there.
task<> listener::sweep() {
    while (true) {
        if (open_connections() == 0) {
            co_await busy_.wait();
            continue;
        }
        co_await pause_for(sweep_pause);
        const auto now = steady_ms();
        for (auto& c : all()) {
            const auto at = c->deadline.at_ms.load(std::memory_order_relaxed);
            if (at == 0) {
                asio::post(c->socket.get_executor(), [c] {
                    if (c->serving && c->on_gone && has_hung_up(*c)) tell_gone(*c);
                });
                continue;
            }
            if (now < at) continue;
            const bool again = c->deadline.expired.exchange(true);
            asio::post(c->socket.get_executor(), [c, again] {
                error_code ignored;
                if (again) c->socket.close(ignored);
                else c->socket.cancel(ignored);
            });
        }
    }
}

void listener::stop_accepting(server::sockets then) {
    asio::post(accepting_, [this, then] {
        error_code ignored;
        if (then == server::sockets::keep) {
            if (tcp_.is_open()) kept_.tcp = tcp_.release(ignored);
            if (unix_.is_open()) kept_.local = unix_.release(ignored);
            return;
        }
        tcp_.close(ignored);
        unix_.close(ignored);
        std::error_code gone;
        if (!socket_path_.empty()) std::filesystem::remove(socket_path_, gone);
    });
}

void listener::drain() {
    {
        std::lock_guard lock(mutex_);
        draining_ = true;
    }
    for (auto& c : all()) {
        c->draining = true;
        asio::post(c->socket.get_executor(), [this, c] {
            error_code ignored;
            // A request that has come already is answered.
            const bool idle = c->now == connection::phase::idle && c->socket.available(ignored) == 0;
            if (idle) c->socket.close(ignored);
            if (c->now == connection::phase::fresh) due_in(*c, transport_limits().last_head);
        });
    }
}

task<> listener::stop() {
    for (auto& c : all()) {
        asio::post(c->socket.get_executor(), [c] {
            error_code ignored;
            c->socket.close(ignored);
            tell_gone(*c);
        });
    }
    tasks_.stop();
    co_await tasks_.join();
}

}  // namespace openclaw::ingress
