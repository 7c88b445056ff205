// SPDX-License-Identifier: GPL-3.0-or-later
// A TLS stream over TCP, client or server end (OpenSSL). The records pass through memory, so that the kernel's receive
// stamps survive the decryption. A context is made once, in any thread, and only read afterwards; a stream belongs to
// the thread of its reactor.
#pragma once

#include "sim/wire/stream.h"

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's types stay out of this header
struct ssl_st;
struct bio_st;

namespace takt::sim {

class TlsContext
{
public:
    // What a client trusts: the certificates of this PEM file, or the system's if there is none.
    static std::shared_ptr<TlsContext> client(const std::string &caFile, bool verify, std::string &error);
    static std::shared_ptr<TlsContext> server(const std::string &certificateFile, const std::string &keyFile,
                                              std::string &error);
    [[nodiscard]] ssl_ctx_st *handle() const { return m_context.get(); }
    [[nodiscard]] bool verifies() const { return m_verifies; }

private:
    struct Free {
        void operator()(ssl_ctx_st *context) const;
    };
    explicit TlsContext(ssl_ctx_st *context)
        : m_context(context)
    {
    }

    std::unique_ptr<ssl_ctx_st, Free> m_context;
    bool m_verifies = false;
};
using TlsContextPtr = std::shared_ptr<TlsContext>;

class TlsStream final : public Stream
{
public:
    // The client's end of a connection that has begun; the name is the one that the certificate must be for.
    static std::unique_ptr<TlsStream> client(std::unique_ptr<Stream> below, TlsContextPtr context,
                                             const std::string &serverName);
    static std::unique_ptr<TlsStream> server(std::unique_ptr<Stream> below, TlsContextPtr context);
    ~TlsStream() override;

    Outcome read(std::span<char> into) override;
    Outcome write(std::string_view bytes) override;
    [[nodiscard]] int descriptor() const override { return m_below->descriptor(); }
    [[nodiscard]] bool connected() override { return m_below->connected(); }
    void reset() override;
    [[nodiscard]] bool secured() const override { return m_secured; }
    [[nodiscard]] bool unflushed() const override { return m_sent < m_cipher.size(); }
    Status flush() override;
    [[nodiscard]] std::string failure() const override { return m_failure; }

private:
    struct Free {
        void operator()(ssl_st *ssl) const;
    };
    TlsStream(std::unique_ptr<Stream> below, TlsContextPtr context);

    [[nodiscard]] Status shakeHands();
    // Takes what the socket has; the outcome is the socket's.
    [[nodiscard]] Outcome takeCipher();
    void collectCipher();
    Status fail(const char *during);

    std::unique_ptr<Stream> m_below;
    TlsContextPtr m_context;
    std::unique_ptr<ssl_st, Free> m_ssl;
    bio_st *m_in = nullptr; // both are m_ssl's
    bio_st *m_out = nullptr;
    bool m_secured = false;
    bool m_reset = false;
    Nanos m_stamp = 0; // of the newest bytes taken from the socket
    std::string m_cipher;
    std::size_t m_sent = 0;
    std::string m_failure;
};

} // namespace takt::sim
