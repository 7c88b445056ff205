// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and certificates made on the spot, and files of them. For tests; any thread.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>

#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace takt::test {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
enum class KeyKind { Rsa, Ec, Ed25519 };

inline KeyPtr makeKey(KeyKind kind)
{
    EVP_PKEY *key = kind == KeyKind::Rsa  ? EVP_RSA_gen(2048)
                    : kind == KeyKind::Ec ? EVP_EC_gen("P-256")
                                          : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    return {key, &EVP_PKEY_free};
}

// What `write` puts into a memory file.
template <typename Write>
QByteArray pemOf(Write write)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    write(bio.get());
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, qsizetype(size)};
}

// "BEGIN PRIVATE KEY".
inline QByteArray pem(const KeyPtr &key)
{
    return pemOf([&](BIO *bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
// "BEGIN RSA PRIVATE KEY", "BEGIN EC PRIVATE KEY".
inline QByteArray traditionalPem(const KeyPtr &key)
{
    return pemOf(
        [&](BIO *bio) { PEM_write_bio_PrivateKey_traditional(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}
inline QByteArray lockedPem(const KeyPtr &key)
{
    static const QByteArray s_password = "secret";
    return pemOf([&](BIO *bio) {
        PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(),
                                 reinterpret_cast<const unsigned char *>(s_password.constData()),
                                 int(s_password.size()), nullptr, nullptr);
    });
}

struct CertificateWish {
    QByteArray name = "gw.example";
    QByteArray issuer = "gw.example";
    KeyPtr issuerKey{}; // null: signs itself
    long fromSeconds = -3600;
    long toSeconds = 24 * 3600;
};

inline QByteArray makeCertificate(const KeyPtr &key, const CertificateWish &wish = {})
{
    static long s_serial = 1;
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), s_serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.fromSeconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.toSeconds);
    X509_set_pubkey(certificate.get(), key.get());
    const auto name = [](X509_NAME *to, const QByteArray &text) {
        X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char *>(text.constData()),
                                   -1, -1, 0);
    };
    name(X509_get_subject_name(certificate.get()), wish.name);
    const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> issuer(X509_NAME_new(), &X509_NAME_free);
    name(issuer.get(), wish.issuer);
    X509_set_issuer_name(certificate.get(), issuer.get());
    EVP_PKEY *signer = wish.issuerKey ? wish.issuerKey.get() : key.get();
    X509_sign(certificate.get(), signer, EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256());
    return pemOf([&](BIO *bio) { PEM_write_bio_X509(bio, certificate.get()); });
}

// A folder of PEM files that goes with it.
class PemFiles
{
public:
    QString write(const QString &name, const QByteArray &bytes)
    {
        const QString path = m_dir.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("can't write the test's file");
        return path;
    }
    [[nodiscard]] QString path(const QString &name) const { return m_dir.filePath(name); }

private:
    QTemporaryDir m_dir;
};

} // namespace takt::test
