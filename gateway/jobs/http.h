// SPDX-License-Identifier: GPL-3.0-or-later
// One HTTP/1.1 exchange of a job, over a connection of its own: not QNetworkAccessManager, which repeats requests by itself
// and does not tell an answer that was cut from a whole one. It waits in the job's thread (an event loop of its own), and
// ends early when the pass says so.
#pragma once

#include "jobs/gate.h"

#include <QByteArray>
#include <QHostAddress>
#include <QList>
#include <QPair>
#include <QUrl>

#include <functional>

class QIODevice;

namespace takt::jobs {

using HttpHeaders = QList<QPair<QByteArray, QByteArray>>;

struct HttpRequest {
    QByteArray method = "GET";
    QUrl url;
    HttpHeaders headers;
    QByteArray body;  // sent exactly once: nothing is repeated behind our back
    QString bodyFile; // instead of body: streamed from there, between bodyHead and bodyTail
    QByteArray bodyHead;
    QByteArray bodyTail;
    QHostAddress address;              // connect there instead of asking for the host's name; TLS still checks the name
    bool followRedirects = false;      // at most five, only of a GET, and not away from a given address
    QList<QByteArray> secretHeaders;   // names: a redirect takes them to no other scheme, host or port
    QString toFile;                    // of a 2xx: instead of answer.body. Written anew; gone unless all of it came
    qint64 maxBytes = 8 * 1024 * 1024; // of the answer
    int connectMs = 10'000;
    int idleMs = 30'000; // without a byte
    int totalMs = 120'000;
    std::function<void(qint64 received, qint64 total)> onProgress{}; // total: -1 when not said
};

struct HttpAnswer {
    int status = 0; // 0: none; then `error` says why
    HttpHeaders headers;
    QByteArray body;
    qint64 bytes = 0;      // of the body, wherever it went
    bool complete = false; // it came to its end, with as many bytes as were said
    bool tooSlow = false;
    bool tooLong = false;
    bool stopped = false;   // by the pass
    bool neverSent = false; // no connection, no TLS: the other side knows nothing of it
    QString error;          // for people; names no secret
    qint64 durationMs = 0;
    [[nodiscard]] QByteArray header(const QByteArray &name) const; // empty: not there
    [[nodiscard]] bool ok() const { return status / 100 == 2 && complete; }
};

[[nodiscard]] HttpAnswer exchange(GatePass &pass, const HttpRequest &request);

// Milliseconds that a 429 or 503 asks to wait, by retry-after-ms or Retry-After (seconds or a date); -1: not said.
[[nodiscard]] qint64 retryAfterMs(const HttpAnswer &answer, qint64 nowMs);

} // namespace takt::jobs
