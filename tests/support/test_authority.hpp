#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace openclaw::test {

// A certificate authority that lives for one test and issues certificates of servers.
class test_authority {
public:
    struct identity {
        std::string certificate;  // PEM
        std::string key;          // PEM
    };

    test_authority() : key_(make_key()), certificate_(X509_new(), X509_free) {
        fill(certificate_.get(), key_.get(), "openclaw test authority");
        add(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
        add(certificate_.get(), NID_key_usage, "critical,keyCertSign");
        sign(certificate_.get());
    }

    // `names` as OpenSSL writes subject alternative names: "DNS:localhost,IP:127.0.0.1".
    identity issue(const std::string& names) const {
        auto key = make_key();
        certificate_ptr leaf(X509_new(), X509_free);
        fill(leaf.get(), key.get(), "server");
        add(leaf.get(), NID_subject_alt_name, names);
        sign(leaf.get());
        return {pem_of(leaf.get()), pem_of(key.get())};
    }
    std::string pem() const { return pem_of(certificate_.get()); }

private:
    using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

    static key_ptr make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

    void fill(X509* c, EVP_PKEY* key, const char* name) const {
        static long serial = 1;
        X509_set_version(c, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
        X509_gmtime_adj(X509_getm_notBefore(c), -3600);
        X509_gmtime_adj(X509_getm_notAfter(c), 3600);
        X509_set_pubkey(c, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    }
    void add(X509* c, int nid, const std::string& value) const {
        X509V3_CTX context;
        X509V3_set_ctx(&context, certificate_.get(), c, nullptr, nullptr, 0);
        X509_EXTENSION* e = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
        if (e == nullptr) throw std::runtime_error("bad extension " + value);
        X509_add_ext(c, e, -1);
        X509_EXTENSION_free(e);
    }
    void sign(X509* c) const {
        X509_set_issuer_name(c, X509_get_subject_name(certificate_.get()));
        if (X509_sign(c, key_.get(), EVP_sha256()) == 0) throw std::runtime_error("X509_sign");
    }
    static std::string text_of(BIO* b) {
        char* data = nullptr;
        auto size = BIO_get_mem_data(b, &data);
        std::string out(data, static_cast<std::size_t>(size));
        BIO_free(b);
        return out;
    }
    static std::string pem_of(X509* c) {
        BIO* b = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(b, c);
        return text_of(b);
    }
    static std::string pem_of(EVP_PKEY* key) {
        BIO* b = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(b, key, nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(b);
    }

    key_ptr key_;
    certificate_ptr certificate_;
};

}  // namespace openclaw::test
