#include "net/tls.hpp"

#include "openclaw/core/encoding.hpp"

// Asio's TLS, compiled once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace openclaw::net {

namespace {

class tls_stream final : public byte_stream {
public:
    tls_stream(std::unique_ptr<tls_socket> socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), socket_(std::move(socket)) {
        error_code ignored;
        socket_->next_layer().non_blocking(true, ignored);
    }

    // A record that is half on the wire cannot be taken back, so only write() sends.
    std::size_t try_write(std::string_view) override { return 0; }

    task<std::size_t> write(std::string_view bytes, error_code& failure) override {
        return asio::async_write(*socket_, asio::buffer(bytes),
                                 asio::redirect_error(asio::use_awaitable, failure));
    }

    task<std::size_t> read_some(asio::mutable_buffer into, error_code& failure) override {
        return socket_->async_read_some(into,
                                        asio::redirect_error(asio::use_awaitable, failure));
    }

    bool is_quiet() override {
        if (SSL_pending(socket_->native_handle()) > 0) return false;
        char byte = 0;
        error_code failure;
        socket_->next_layer().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek,
                                      failure);
        return failure == asio::error::would_block || failure == asio::error::try_again;
    }

    int descriptor() override { return socket_->next_layer().native_handle(); }

    void close() override {
        error_code ignored;
        socket_->next_layer().close(ignored);
    }

private:
    std::shared_ptr<asio::ssl::context> context_;
    std::unique_ptr<tls_socket> socket_;
};

error handshake_error(tls_socket& socket, const std::string& host, const error_code& failure) {
    auto verdict = SSL_get_verify_result(socket.native_handle());
    if (verdict == X509_V_OK) {
        return error(errc::tls, "the TLS handshake with " + host + " failed: " + failure.message(),
                     "Check that the port speaks TLS 1.2 or newer.");
    }
    return error(errc::tls,
                 "the certificate of " + host + " is not accepted: " +
                     X509_verify_cert_error_string(verdict),
                 "Correct the host name in the URL, or add the authority that issued it to the "
                 "CA file if you trust it.");
}

bool expect_host(tls_socket& socket, const std::string& host) {
    SSL* handle = socket.native_handle();
    X509_VERIFY_PARAM* rules = SSL_get0_param(handle);
    error_code not_numeric;
    asio::ip::make_address(host, not_numeric);
    if (!not_numeric) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // The macro SSL_set_tlsext_host_name casts in the old style.
    return X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1 &&
           SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

// Whether OpenSSL can look an authority up in the system's folder by the hash of its name.
bool has_hashed_folder() {
    const char* chosen = std::getenv(X509_get_default_cert_dir_env());
    std::error_code failure;
    std::filesystem::directory_iterator entries(
        chosen != nullptr ? chosen : X509_get_default_cert_dir(), failure);
    return !failure && std::any_of(begin(entries), end(entries), [](const auto& entry) {
        return entry.path().extension() == ".0";
    });
}

// The folder is enough where there is one: reading the whole bundle takes 50 ms, in which nothing
// else would run on this thread.
bool trust_system(SSL_CTX* handle) {
    bool wants_file = std::getenv(X509_get_default_cert_file_env()) != nullptr;
    if (!wants_file && has_hashed_folder()) return SSL_CTX_set_default_verify_dir(handle) == 1;
    return SSL_CTX_set_default_verify_paths(handle) == 1;
}

}  // namespace

result<std::shared_ptr<asio::ssl::context>> tls_settings::context() {
    std::lock_guard lock(mutex_);
    if (context_) return context_;
    auto fresh = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX* handle = fresh->native_handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nullptr);
    // An idle pooled connection then holds no 16 KB buffers.
    SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);
    static constexpr std::array<unsigned char, 9> http_1_1 = {8,   'h', 't', 't', 'p',
                                                              '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(handle, http_1_1.data(), static_cast<unsigned>(http_1_1.size()));
    error_code failure;
    if (!trust_system(handle)) failure = asio::error::not_found;
    if (!failure && !ca_file_.empty()) fresh->load_verify_file(ca_file_, failure);
    if (failure) {
        return error(errc::tls,
                     "the certificate authorities" +
                         (ca_file_.empty() ? std::string() : " in " + printable(ca_file_)) +
                         " cannot be read: " + failure.message(),
                     "Name a readable PEM file, or install the package ca-certificates.");
    }
    context_ = std::move(fresh);
    return context_;
}

task<result<std::unique_ptr<tls_socket>>> start_tls(stream_socket socket, tls_settings& settings,
                                                    std::string host) {
    auto context = settings.context();
    if (!context) co_return context.error();
    auto stream = std::make_unique<tls_socket>(std::move(socket), **context);
    if (!expect_host(*stream, host)) {
        co_return error(errc::tls, "the host name " + printable(host) + " cannot be verified",
                        "Use a host name or an address that a certificate can hold.");
    }
    error_code failure;
    co_await stream->async_handshake(tls_socket::client,
                                     asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return handshake_error(*stream, host, failure);
    co_return stream;
}

std::unique_ptr<byte_stream> make_tls_stream(std::unique_ptr<tls_socket> socket,
                                             std::shared_ptr<asio::ssl::context> context) {
    return std::make_unique<tls_stream>(std::move(socket), std::move(context));
}

}  // namespace openclaw::net
