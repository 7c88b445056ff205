// SPDX-License-Identifier: GPL-3.0-or-later
// A carrier's REST API over a real socket that answers as it is told, and a client of it that keeps what it hears. Both live
// in the thread of the test.
#pragma once

#include "carrier/rest.h"

#include <QElapsedTimer>
#include <QTcpServer>
#include <QTcpSocket>

#include <algorithm>
#include <cstdlib>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;
using namespace takt::carrier;

inline const QString kCall = u"CA0123456789abcdef0123456789abcdef"_s;
inline const QString kAccount = u"AC00000000000000000000000000000000"_s;
inline const QByteArray kToken = "very-secret-token";
inline const QByteArray kBase = "/2010-04-01/Accounts/AC00000000000000000000000000000000/";

struct Answer {
    enum Kind { Http, Silence, Close, Reset, HalfBody, Garbage } kind = Http;
    int status = 200;
    QByteArray body = "{\"sid\":\"CA1\",\"status\":\"completed\"}";
    QByteArray headers{};
};
inline const Answer kWell;
inline const Answer kSilence{Answer::Silence};
inline const Answer kClose{Answer::Close};
inline const Answer kReset{Answer::Reset};
inline const Answer kHalf{Answer::HalfBody};
inline const Answer kGarbage{Answer::Garbage};

inline Answer http(int status, const QByteArray &body = "{}", const QByteArray &headers = {})
{
    return {Answer::Http, status, body, headers};
}
inline Answer failure(int status, int code, const QByteArray &message = "no")
{
    return http(status, "{\"code\":" + QByteArray::number(code) + ",\"message\":\"" + message + "\"}");
}

// Answers as told, one request after the other; the last answer is repeated.
class FakeRest : public QObject
{
public:
    struct Request {
        QByteArray line;
        QByteArray head; // lower case
        Form form;
        QByteArray authorization;
        qint64 atMs = 0;
    };

    explicit FakeRest(QList<Answer> answers, quint16 port = 0)
        : m_answers(std::move(answers))
    {
        m_clock.start();
        if (!m_server.listen(QHostAddress::LocalHost, port))
            qFatal("no port");
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            ++connections;
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { onBytes(socket); });
        });
    }
    [[nodiscard]] QUrl url() const { return QUrl(u"http://127.0.0.1:%1"_s.arg(m_server.serverPort())); }

    QList<Request> requests;
    int connections = 0;

private:
    void onBytes(QTcpSocket *socket)
    {
        QByteArray &bytes = m_bytes[socket];
        bytes += socket->readAll();
        const qsizetype end = bytes.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        Request request;
        request.head = bytes.first(end).toLower();
        const qsizetype at = request.head.indexOf("content-length: ");
        const qsizetype length = at < 0 ? 0 : atoi(request.head.constData() + at + 16);
        if (bytes.size() < end + 4 + length)
            return;
        request.line = bytes.first(bytes.indexOf('\r'));
        const qsizetype auth = request.head.indexOf("authorization: ");
        if (auth >= 0)
            request.authorization = bytes.mid(auth + 15, bytes.indexOf('\r', auth) - auth - 15);
        request.form = parseForm(bytes.sliced(end + 4, length)).value_or(Form());
        request.atMs = m_clock.elapsed();
        bytes.clear();
        requests.append(request);
        answer(socket, m_answers.at(std::min(requests.size(), m_answers.size()) - 1));
    }

    static void answer(QTcpSocket *socket, const Answer &what)
    {
        const QByteArray head = "HTTP/1.1 " + QByteArray::number(what.status) + " X\r\n" + what.headers;
        switch (what.kind) {
        case Answer::Http:
            socket->write(head + "Content-Length: " + QByteArray::number(what.body.size()) + "\r\n\r\n" + what.body);
            return;
        case Answer::Silence: return;
        case Answer::Close: socket->disconnectFromHost(); return;
        case Answer::Reset:
            socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
            socket->abort();
            return;
        case Answer::HalfBody:
            socket->write(head + "Content-Length: 1000\r\n\r\n{\"sid\":");
            socket->disconnectFromHost();
            return;
        case Answer::Garbage:
            socket->write("SSH-2.0-OpenSSH\r\n\r\n");
            socket->disconnectFromHost();
            return;
        }
    }

    QTcpServer m_server;
    QHash<QTcpSocket *, QByteArray> m_bytes;
    QList<Answer> m_answers;
    QElapsedTimer m_clock;
};

inline RestTimes quick()
{
    RestTimes times;
    times.firstBackoffMs = 5;
    times.maxBackoffMs = 40;
    times.recordingStepMs = 10;
    times.retryAfterSecondMs = 10;
    return times;
}

struct Client {
    explicit Client(const QUrl &url, const RestTimes &times = quick())
        : rest(RestSettings{url, kAccount, kToken}, nullptr, times)
    {
    }
    RestClient::Done keep()
    {
        return [this](const RestOutcome &o) {
            outcome = o;
            ++answers;
        };
    }
    RestClient rest;
    RestOutcome outcome;
    int answers = 0;
};

inline OutboundCall somebody()
{
    OutboundCall call;
    call.to = u"+14155550100"_s;
    call.from = u"+18005550111"_s;
    call.url = u"https://gw.example/twilio/voice?a=1&b=ü"_s;
    return call;
}

enum Operation { HangUp, Redirect, Record, Place };

inline void start(Client &client, Operation operation)
{
    switch (operation) {
    case HangUp: client.rest.hangUp(kCall, client.keep()); return;
    case Redirect: client.rest.redirect(kCall, "<Response/>", client.keep()); return;
    case Record: client.rest.startRecording(kCall, u"https://gw.example/r"_s, client.keep()); return;
    case Place: client.rest.placeCall(somebody(), client.keep()); return;
    }
}

inline quint16 unusedPort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace takt::test
