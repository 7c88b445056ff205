// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/tlsstream.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

namespace takt::sim {
namespace {

constexpr std::size_t kEnoughWaiting = 256 * 1024; // encrypted bytes beyond which write() takes no more

std::string lastError(const char *during)
{
    std::string text = during;
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        std::array<char, 256> line{};
        ERR_error_string_n(code, line.data(), line.size());
        text += std::string(": ") + line.data();
    }
    return text;
}

} // namespace

void TlsContext::Free::operator()(ssl_ctx_st *context) const
{
    SSL_CTX_free(context);
}

void TlsStream::Free::operator()(ssl_st *ssl) const
{
    SSL_free(ssl);
}

TlsContextPtr TlsContext::client(const std::string &caFile, bool verify, std::string &error)
{
    TlsContextPtr context(new TlsContext(SSL_CTX_new(TLS_client_method())));
    SSL_CTX *handle = context->handle();
    context->m_verifies = verify;
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_verify(handle, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    const bool trusted = caFile.empty() ? SSL_CTX_set_default_verify_paths(handle) == 1
                                        : SSL_CTX_load_verify_locations(handle, caFile.c_str(), nullptr) == 1;
    if (verify && !trusted) {
        error = lastError(("cannot read " + caFile).c_str());
        return nullptr;
    }
    ERR_clear_error();
    return context;
}

TlsContextPtr TlsContext::server(const std::string &certificateFile, const std::string &keyFile, std::string &error)
{
    TlsContextPtr context(new TlsContext(SSL_CTX_new(TLS_server_method())));
    SSL_CTX *handle = context->handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(handle, certificateFile.c_str()) != 1
        || SSL_CTX_use_PrivateKey_file(handle, keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
        error = lastError("cannot use the certificate");
        return nullptr;
    }
    return context;
}

TlsStream::TlsStream(std::unique_ptr<Stream> below, TlsContextPtr context)
    : m_below(std::move(below))
    , m_context(std::move(context))
    , m_ssl(SSL_new(m_context->handle()))
    , m_in(BIO_new(BIO_s_mem()))
    , m_out(BIO_new(BIO_s_mem()))
{
    SSL_set_bio(m_ssl.get(), m_in, m_out);
}

TlsStream::~TlsStream()
{
    if (!m_secured || m_reset || !m_failure.empty())
        return;
    ERR_clear_error();
    SSL_shutdown(m_ssl.get()); // our close_notify, as far as the socket takes it
    collectCipher();
    flush();
}

std::unique_ptr<TlsStream> TlsStream::client(std::unique_ptr<Stream> below, TlsContextPtr context,
                                             const std::string &serverName)
{
    std::unique_ptr<TlsStream> stream(new TlsStream(std::move(below), std::move(context)));
    SSL *ssl = stream->m_ssl.get();
    SSL_set_connect_state(ssl);
    in_addr address{};
    const bool isAddress = inet_pton(AF_INET, serverName.c_str(), &address) == 1;
    if (!isAddress) // an address is no name to indicate (RFC 6066)
        SSL_set_tlsext_host_name(ssl, serverName.c_str());
    if (stream->m_context->verifies()) {
        if (isAddress)
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName.c_str());
        else
            SSL_set1_host(ssl, serverName.c_str());
    }
    return stream;
}

std::unique_ptr<TlsStream> TlsStream::server(std::unique_ptr<Stream> below, TlsContextPtr context)
{
    std::unique_ptr<TlsStream> stream(new TlsStream(std::move(below), std::move(context)));
    SSL_set_accept_state(stream->m_ssl.get());
    return stream;
}

Stream::Status TlsStream::fail(const char *during)
{
    if (m_failure.empty()) {
        const long verified = SSL_get_verify_result(m_ssl.get());
        m_failure = lastError(during);
        if (verified != X509_V_OK)
            m_failure += std::string(": ") + X509_verify_cert_error_string(verified);
    }
    collectCipher(); // the alert that tells the peer why
    flush();
    return Status::Failed;
}

void TlsStream::collectCipher()
{
    std::array<char, 16384> chunk; // NOLINT: filled before it is read
    for (int n = BIO_read(m_out, chunk.data(), int(chunk.size())); n > 0;
         n = BIO_read(m_out, chunk.data(), int(chunk.size())))
        m_cipher.append(chunk.data(), std::size_t(n));
}

Stream::Status TlsStream::flush()
{
    while (m_sent < m_cipher.size()) {
        const Outcome sent = m_below->write(std::string_view(m_cipher).substr(m_sent));
        if (sent.status != Status::Moved)
            return sent.status;
        m_sent += sent.bytes;
    }
    m_cipher.clear();
    m_sent = 0;
    return Status::Moved;
}

Stream::Outcome TlsStream::takeCipher()
{
    std::array<char, 32768> chunk; // NOLINT: filled before it is read
    const Outcome got = m_below->read(chunk);
    if (got.status == Status::Moved) {
        BIO_write(m_in, chunk.data(), int(got.bytes));
        m_stamp = got.stamp;
    }
    return got;
}

Stream::Status TlsStream::shakeHands()
{
    ERR_clear_error();
    const int done = SSL_do_handshake(m_ssl.get());
    collectCipher();
    if (done == 1) {
        m_secured = true;
    } else if (SSL_get_error(m_ssl.get(), done) != SSL_ERROR_WANT_READ) {
        return fail("TLS handshake");
    }
    return flush() == Status::Failed ? Status::Failed : Status::Again;
}

// Until the buffer is full or the socket empty: whoever gets fewer bytes than it asked for may wait for the descriptor.
Stream::Outcome TlsStream::read(std::span<char> into)
{
    std::size_t filled = 0;
    for (;;) {
        if (!m_secured && shakeHands() == Status::Failed)
            return {Status::Failed, 0, 0};
        while (m_secured && filled < into.size()) {
            ERR_clear_error();
            const int wanted = int(std::min<std::size_t>(into.size() - filled, 1U << 30U));
            const int n = SSL_read(m_ssl.get(), into.data() + filled, wanted);
            if (n > 0) {
                filled += std::size_t(n);
                continue;
            }
            const int error = SSL_get_error(m_ssl.get(), n);
            collectCipher(); // a key update or a ticket may have been answered
            if (flush() == Status::Failed || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN))
                return {filled > 0 ? Status::Moved : fail("TLS"), filled, m_stamp};
            if (error == SSL_ERROR_ZERO_RETURN)
                return {filled > 0 ? Status::Moved : Status::Ended, filled, m_stamp};
            break;
        }
        if (filled == into.size())
            return {Status::Moved, filled, m_stamp};
        const Outcome got = takeCipher();
        if (got.status == Status::Moved)
            continue;
        if (filled > 0)
            return {Status::Moved, filled, m_stamp};
        if (!m_secured && got.status != Status::Again)
            m_failure = "the connection ended in the TLS handshake";
        return {got.status, 0, 0};
    }
}

Stream::Outcome TlsStream::write(std::string_view bytes)
{
    if (flush() == Status::Failed)
        return {Status::Failed, 0, 0};
    if (!m_secured) {
        const Status status = shakeHands();
        if (!m_secured)
            return {status, 0, 0};
    }
    if (bytes.empty() || m_cipher.size() - m_sent > kEnoughWaiting)
        return {Status::Again, 0, 0};
    ERR_clear_error();
    const int wanted = int(std::min<std::size_t>(bytes.size(), 1U << 20U));
    const int n = SSL_write(m_ssl.get(), bytes.data(), wanted);
    if (n <= 0)
        return {fail("TLS write"), 0, 0};
    collectCipher();
    if (flush() == Status::Failed)
        return {Status::Failed, 0, 0};
    return {Status::Moved, std::size_t(n), 0};
}

void TlsStream::reset()
{
    m_reset = true;
    m_below->reset();
}

} // namespace takt::sim
