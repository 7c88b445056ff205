// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 messages as plain values, and the reading of requests: every byte comes from strangers, so the parser is
// Boost.Beast's, with limits. Pure; any thread.
#pragma once

#include <QByteArray>
#include <QList>

#include <memory>
#include <optional>
#include <utility>

namespace takt::http {

struct Request {
    QByteArray method;
    QByteArray target;                                // path and query, byte for byte as they came
    QList<std::pair<QByteArray, QByteArray>> headers; // names in lower case
    QByteArray body;

    [[nodiscard]] QByteArray path() const { return target.first(pathSize()); }
    [[nodiscard]] QByteArray header(QByteArrayView lowerName) const; // the first one; empty: none
    // Asks to become a WebSocket (RFC 6455, 4.2.1).
    [[nodiscard]] bool isUpgrade() const;

private:
    [[nodiscard]] qsizetype pathSize() const
    {
        const qsizetype query = target.indexOf('?');
        return query < 0 ? target.size() : query;
    }
};

struct Response {
    int status = 200;
    QByteArray type = "text/plain; charset=utf-8";
    QByteArray body;
    QList<std::pair<QByteArray, QByteArray>> headers; // beyond those that every answer has
    bool headOnly = false;                            // to a HEAD request: the body's length without the body

    // A status with its own words as the body.
    [[nodiscard]] static Response plain(int status, const QByteArray &text = {});
    // On the wire; the connection ends after each answer.
    [[nodiscard]] QByteArray toBytes() const;
};

inline constexpr int kMaxHeadBytes = 8 * 1024;
inline constexpr int kMaxBodyBytes = 64 * 1024; // of a carrier's form, which has some fifty short fields

// The head of a request, when `bytes` hold all of it; else nothing yet. Status 400 or 431 if it can't be one.
struct Head {
    std::optional<Request> request;
    int status = 0;
};
[[nodiscard]] Head readHead(QByteArrayView bytes);

// Reads a whole request piece by piece: its length by Content-Length, or chunked.
class RequestReader
{
public:
    RequestReader();
    ~RequestReader();
    Q_DISABLE_COPY_MOVE(RequestReader)

    // 0: more is wanted, or all is there (see done()). Else the status to refuse with: 400, 413, 431.
    [[nodiscard]] int feed(QByteArrayView bytes);
    [[nodiscard]] bool done() const;
    // Once done.
    [[nodiscard]] Request take();

private:
    struct Parser;
    std::unique_ptr<Parser> d;
};

} // namespace takt::http
