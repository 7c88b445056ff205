// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/tls.h"

#include <QDateTime>
#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace takt::http {

using namespace Qt::Literals::StringLiterals;

namespace {

Result<QByteArray> read(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{u"can't read %1: %2"_s.arg(path, file.errorString())};
    return file.readAll();
}

// Qt has no way to ask.
bool belongTogether(const QByteArray &certificatePem, const QByteArray &keyPem)
{
    const auto bio = [](const QByteArray &pem) {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(BIO_new_mem_buf(pem.constData(), int(pem.size())), &BIO_free);
    };
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bio(certificatePem).get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bio(keyPem).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    const bool same = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error(); // else Qt's next use of OpenSSL in this thread would find ours
    return same;
}

} // namespace

Result<QSslConfiguration> loadTls(const QString &certificateFile, const QString &keyFile)
{
    const auto certificatePem = read(certificateFile);
    if (!certificatePem)
        return Error{certificatePem.error()};
    const auto keyPem = read(keyFile);
    if (!keyPem)
        return Error{keyPem.error()};
    const QList<QSslCertificate> chain = QSslCertificate::fromData(*certificatePem, QSsl::Pem);
    if (chain.isEmpty() || chain.front().isNull())
        return Error{u"%1 holds no PEM certificate"_s.arg(certificateFile)};
    if (chain.front().expiryDate() < QDateTime::currentDateTimeUtc())
        return Error{u"the certificate in %1 expired on %2"_s.arg(certificateFile,
                                                                  chain.front().expiryDate().toString(Qt::ISODate))};
    if (chain.front().effectiveDate() > QDateTime::currentDateTimeUtc())
        return Error{u"the certificate in %1 is valid from %2 on"_s.arg(
            certificateFile, chain.front().effectiveDate().toString(Qt::ISODate))};
    QSslKey key;
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Ec, QSsl::Rsa}) {
        if (key.isNull())
            key = QSslKey(*keyPem, algorithm, QSsl::Pem);
    }
    if (key.isNull())
        return Error{u"%1 holds no PEM key (RSA or elliptic curve, without a password)"_s.arg(keyFile)};
    if (!belongTogether(*certificatePem, *keyPem))
        return Error{u"the key in %1 is not that of the certificate in %2"_s.arg(keyFile, certificateFile)};

    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificateChain(chain);
    tls.setPrivateKey(key);
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    return tls;
}

Result<QList<QSslCertificate>> loadTrusted(const QString &certificateFile)
{
    const auto pem = read(certificateFile);
    if (!pem)
        return Error{pem.error()};
    const QList<QSslCertificate> certificates = QSslCertificate::fromData(*pem, QSsl::Pem);
    if (certificates.isEmpty() || certificates.front().isNull())
        return Error{u"%1 holds no PEM certificate"_s.arg(certificateFile)};
    return certificates;
}

void trustAlso(const QList<QSslCertificate> &certificates)
{
    // Adding to the default ones would be the end of those that Qt reads when they are needed.
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setCaCertificates(QSslConfiguration::systemCaCertificates() + certificates);
    QSslConfiguration::setDefaultConfiguration(tls);
}

} // namespace takt::http
