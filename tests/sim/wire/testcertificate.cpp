// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/testcertificate.h"

#include <cstdio>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace takt::sim {
namespace {

constexpr long kDay = 86'400;

template <auto Function>
struct Free {
    template <typename T>
    void operator()(T *object) const
    {
        Function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using File = std::unique_ptr<std::FILE, Free<std::fclose>>;

bool extend(X509 *certificate, int what, const std::string &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

} // namespace

TestCertificate makeTestCertificate(const std::string &folder, const std::string &host)
{
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    if (!key || !certificate)
        return {};
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME *name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>("takt-sim"), -1, -1,
                               0);
    X509_set_issuer_name(certificate.get(), name);
    const std::string names = "IP:127.0.0.1,DNS:localhost" + (host.empty() ? std::string() : ",DNS:" + host);
    if (!extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE")
        || !extend(certificate.get(), NID_subject_alt_name, names)
        || X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0)
        return {};
    const TestCertificate made{folder + "/certificate.pem", folder + "/key.pem"};
    const File certificateFile(std::fopen(made.certificateFile.c_str(), "w"));
    const File keyFile(std::fopen(made.keyFile.c_str(), "w"));
    if (!certificateFile || !keyFile || PEM_write_X509(certificateFile.get(), certificate.get()) != 1
        || PEM_write_PrivateKey(keyFile.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return {};
    return made;
}

} // namespace takt::sim
