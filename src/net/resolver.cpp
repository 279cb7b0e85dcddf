#include "net/resolver.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/promise.hpp"

#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <sys/socket.h>

namespace openclaw::net {

namespace {

using addresses = std::vector<asio::ip::address>;

constexpr unsigned max_threads = 4;
constexpr std::size_t max_waiting = 256;

error lookup_error(const std::string& host, const std::string& why) {
    return error(errc::network, "the name " + printable(host) + " was not found: " + why,
                 "Check its spelling and the name servers of this machine.");
}

addresses collect(const addrinfo* list) {
    addresses out;
    for (auto* a = list; a != nullptr; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(a->ai_addr);
            out.emplace_back(asio::ip::address_v4(ntohl(v4->sin_addr.s_addr)));
        } else if (a->ai_family == AF_INET6) {
            const auto* v6 = reinterpret_cast<const sockaddr_in6*>(a->ai_addr);
            asio::ip::address_v6::bytes_type bytes;
            std::copy(std::begin(v6->sin6_addr.s6_addr), std::end(v6->sin6_addr.s6_addr),
                      bytes.begin());
            out.emplace_back(asio::ip::address_v6(bytes, v6->sin6_scope_id));
        }
    }
    return out;
}

result<addresses> ask_system(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    int failure = getaddrinfo(host.c_str(), nullptr, &wanted, &list);
    if (failure != 0) return lookup_error(host, gai_strerror(failure));
    auto found = collect(list);
    freeaddrinfo(list);
    if (found.empty()) return lookup_error(host, "it has no address");
    return found;
}

}  // namespace

struct system_resolver::state {
    struct job {
        std::string host;
        std::shared_ptr<promise<result<addresses>>> answer;
    };

    std::mutex mutex;
    std::deque<job> waiting;
    unsigned threads = 0;

    static void work(const std::shared_ptr<state>& s) {
        while (true) {
            job next;
            {
                std::lock_guard lock(s->mutex);
                if (s->waiting.empty()) {
                    --s->threads;
                    return;
                }
                next = std::move(s->waiting.front());
                s->waiting.pop_front();
            }
            // Whoever asked may be gone: then nobody takes the answer.
            if (next.answer.use_count() > 1) next.answer->set(ask_system(next.host));
        }
    }

    // False when too many wait already.
    static bool submit(const std::shared_ptr<state>& s, job j) {
        std::lock_guard lock(s->mutex);
        if (s->waiting.size() >= max_waiting) return false;
        s->waiting.push_back(std::move(j));
        if (s->threads == max_threads) return true;
        try {
            // Left to itself: joining would make a stop wait for a name server that is silent.
            std::thread([s] { work(s); }).detach();
            ++s->threads;
        } catch (const std::system_error&) {
            if (s->threads > 0) return true;
            s->waiting.pop_back();
            return false;
        }
        return true;
    }
};

system_resolver::system_resolver() : state_(std::make_shared<state>()) {}
system_resolver::~system_resolver() = default;

task<result<addresses>> system_resolver::lookup(std::string host) {
    auto answer = std::make_shared<promise<result<addresses>>>();
    if (!state::submit(state_, {host, answer})) {
        co_return error(errc::queue_full, "too many names are being looked up",
                        "Check that the name servers of this machine answer.");
    }
    co_return co_await answer->get();
}

}  // namespace openclaw::net
