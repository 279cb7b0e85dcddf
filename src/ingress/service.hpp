#pragma once

#include "ingress/client_address.hpp"
#include "ingress/routes.hpp"
#include "ingress/ws_session.hpp"

#include <set>

namespace openclaw::ingress {

// What the gateway answers: decides on each request's head in the order host, origin, route,
// credential, size, and hands it to its route. Shared by all connections.
class gateway_service final : public http_service {
public:
    explicit gateway_service(gateway_context& gateway);

    admission_result admit(const net::http_request& head, const peer_info& peer,
                           const std::string& request_id) override;
    task<http_answer> serve(const admission_result& admitted, net::http_request& request,
                            const peer_info& peer, const std::string& request_id,
                            response_stream& stream) override;
    task<> websocket(ws_socket& socket, const net::http_request& head,
                     const peer_info& peer) override;
    net::http_response refuse(const net::http_request& head, int status, std::string_view message,
                              const std::string& request_id) override;
    std::string next_request_id() override;

    // Every WebSocket session.
    std::vector<std::shared_ptr<ws_session>> sessions() const;

private:
    struct admitted_call;
    std::optional<net::http_response> check_source(const configuration& now,
                                                   const net::http_request& head,
                                                   const peer_info& peer, bool upgrade,
                                                   const std::string& request_id) const;
    std::optional<net::http_response> check_access(const configuration& now, const route& r,
                                                   const net::http_request& head,
                                                   const peer_info& peer, admitted_call& call,
                                                   const std::string& request_id);
    admission_result admit_upgrade(const configuration& now, const net::http_request& head,
                                   const peer_info& peer, const std::string& request_id);
    void note(const net::http_request& head, int status, const std::string& id);
    void count(int status);
    task<> converse(std::shared_ptr<ws_session> session);

    gateway_context& gateway_;
    health_report health_;
    std::atomic<std::uint64_t> next_id_ = 0;
    std::string id_prefix_;
    std::array<metrics::counter, 6> by_class_;   // responses by status class, [0] unused
    metrics::histogram duration_;
    mutable std::mutex mutex_;
    std::set<std::shared_ptr<ws_session>> sessions_;
};

}  // namespace openclaw::ingress
