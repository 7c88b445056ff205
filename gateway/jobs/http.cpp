// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/http.h"

#include "jobs/httpreader.h"
#include "jobs/uploadbody.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QLocale>
#include <QNetworkProxy>
#include <QSslSocket>
#include <QTimer>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kMaxRedirects = 5;
constexpr qint64 kMaxErrorBody = 64 * 1024; // of an answer that is not 2xx, when the body was meant for a file
constexpr qint64 kReadAhead = 256 * 1024;   // then the other side has to wait
constexpr qint64 kWriteAhead = 64 * 1024;

QString whyNot(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::ConnectionRefusedError: return u"the connection was refused"_s;
    case QAbstractSocket::HostNotFoundError: return u"the host was not found"_s;
    case QAbstractSocket::SslHandshakeFailedError: return u"the TLS handshake failed"_s;
    case QAbstractSocket::NetworkError: return u"the network is unreachable"_s;
    default: return u"the request failed in the network"_s;
    }
}

int portOf(const QUrl &url)
{
    return url.port(url.scheme() == "https"_L1 ? 443 : 80);
}

bool sameOrigin(const QUrl &a, const QUrl &b)
{
    return a.scheme() == b.scheme() && a.host() == b.host() && portOf(a) == portOf(b);
}

bool isHttp(const QUrl &url)
{
    return (url.scheme() == "https"_L1 || url.scheme() == "http"_L1) && !url.host().isEmpty();
}

// "host" or "host:port", as the Host header says it.
QByteArray authority(const QUrl &url)
{
    QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    if (host.contains(':'))
        host = '[' + host + ']';
    return url.port() < 0 ? host : host + ':' + QByteArray::number(url.port());
}

QByteArray oneLine(QByteArray text)
{
    return text.replace('\r', ' ').replace('\n', ' ');
}

bool contains(const QList<QByteArray> &names, const QByteArray &name)
{
    return std::any_of(names.begin(), names.end(),
                       [&](const QByteArray &n) { return n.compare(name, Qt::CaseInsensitive) == 0; });
}

// One request and its answer; redirects are the caller's.
class Exchange
{
public:
    Exchange(GatePass &pass, const HttpRequest &request, QUrl url, qint64 leftMs)
        : m_pass(pass)
        , m_request(request)
        , m_url(std::move(url))
        , m_leftMs(leftMs)
        , m_upload(request)
        , m_reader(request.method == "HEAD")
    {
        m_answer.neverSent = true;
    }

    HttpAnswer run(bool withSecrets)
    {
        if (!m_pass.stopReason().isEmpty())
            stop();
        else if (!isHttp(m_url))
            end(u"not an http or https address"_s);
        else if (const QString error = m_upload.start(); !error.isEmpty())
            end(error);
        else
            connectTo(withSecrets);
        if (!m_ended)
            m_loop.exec();
        m_socket.abort();
        conclude();
        return m_answer;
    }

    [[nodiscard]] const QUrl &redirect() const { return m_redirect; }

private:
    void connectTo(bool withSecrets)
    {
        watch();
        m_head = head(withSecrets);
        const bool pinned = !m_request.address.isNull();
        const QString name = m_url.host(QUrl::FullyEncoded);
        const QString where = pinned ? m_request.address.toString() : name;
        if (pinned) // not through somebody who might look the name up himself
            m_socket.setProxy(QNetworkProxy::NoProxy);
        m_socket.setReadBufferSize(kReadAhead);
        if (m_url.scheme() == "https"_L1)
            m_socket.connectToHostEncrypted(where, quint16(portOf(m_url)), name);
        else
            m_socket.connectToHost(where, quint16(portOf(m_url)));
    }

    void watch()
    {
        for (QTimer *timer : {&m_connect, &m_idle, &m_total})
            timer->setSingleShot(true);
        const auto slow = [this](const QString &why) {
            return [this, why] {
                m_answer.tooSlow = true;
                end(why);
            };
        };
        QObject::connect(&m_connect, &QTimer::timeout, &m_loop, slow(u"no connection in time"_s));
        QObject::connect(&m_idle, &QTimer::timeout, &m_loop, slow(u"nothing came for too long"_s));
        QObject::connect(&m_total, &QTimer::timeout, &m_loop, slow(u"the answer took too long"_s));
        if (m_url.scheme() == "https"_L1)
            QObject::connect(&m_socket, &QSslSocket::encrypted, &m_loop, [this] { send(); });
        else
            QObject::connect(&m_socket, &QSslSocket::connected, &m_loop, [this] { send(); });
        QObject::connect(&m_socket, &QSslSocket::bytesWritten, &m_loop, [this] { sendMore(); });
        QObject::connect(&m_socket, &QSslSocket::encryptedBytesWritten, &m_loop, [this] { sendMore(); });
        QObject::connect(&m_socket, &QSslSocket::readyRead, &m_loop, [this] { read(); });
        QObject::connect(&m_socket, &QSslSocket::errorOccurred, &m_loop, [this](QAbstractSocket::SocketError error) {
            if (error == QAbstractSocket::RemoteHostClosedError)
                closed();
            else
                end(whyNot(error));
        });
        QObject::connect(&m_socket, &QSslSocket::disconnected, &m_loop, [this] { closed(); });
        QObject::connect(&m_pass, &GatePass::stopRequested, &m_loop, [this] { stop(); }); // heard in this thread
        m_connect.start(m_request.connectMs);
        m_total.start(int(std::clamp<qint64>(m_leftMs, 0, m_request.totalMs)));
    }

    [[nodiscard]] QByteArray head(bool withSecrets) const
    {
        QUrl target = m_url;
        if (target.path().isEmpty())
            target.setPath(u"/"_s);
        QByteArray head = oneLine(m_request.method) + ' '
                          + target.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::RemoveFragment)
                          + " HTTP/1.1\r\n";
        HttpHeaders all{{"Host", authority(m_url)},
                        {"User-Agent", "takt/" TAKT_VERSION},
                        {"Accept", "*/*"},
                        {"Accept-Encoding", "identity"}, // the limits count what is sent
                        {"Connection", "close"}};
        if (m_upload.isWanted())
            all.emplaceBack("Content-Length", QByteArray::number(m_upload.total()));
        QList<QByteArray> told;
        for (const auto &[name, value] : m_request.headers) {
            told << name;
            if (withSecrets || !contains(m_request.secretHeaders, name))
                head += oneLine(name) + ": " + oneLine(value) + "\r\n";
        }
        for (const auto &[name, value] : all) {
            if (!contains(told, name))
                head += name + ": " + value + "\r\n";
        }
        return head + "\r\n";
    }

    void send()
    {
        if (m_ended)
            return;
        m_answer.neverSent = false;
        m_connect.stop();
        m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
        m_socket.write(m_head);
        sendMore();
    }

    void sendMore()
    {
        if (m_ended || m_answer.neverSent) // of the handshake
            return;
        m_idle.start(m_request.idleMs);
        while (m_upload.isWanted() && m_socket.bytesToWrite() + m_socket.encryptedBytesToWrite() < kWriteAhead) {
            const QByteArray piece = m_upload.read(kWriteAhead / 2);
            if (!m_upload.fault().isEmpty())
                end(m_upload.fault());
            if (piece.isEmpty())
                return;
            m_socket.write(piece);
        }
    }

    void read()
    {
        if (m_ended || m_answer.neverSent)
            return;
        m_idle.start(m_request.idleMs);
        const bool isHttp = m_reader.feed(m_socket.readAll());
        if (m_answer.status == 0 && m_reader.hasHead()) {
            m_answer.status = m_reader.status();
            m_answer.headers = m_reader.headers();
        }
        take();
        if (!isHttp)
            end(u"the answer is no HTTP"_s);
        else if (m_reader.isComplete())
            end({});
    }

    // What came of the body.
    void take()
    {
        const QByteArray bytes = m_reader.takeBody();
        m_answer.bytes += bytes.size();
        if (m_answer.bytes > limit() || (!m_reader.isComplete() && m_reader.length() > limit())) {
            m_answer.tooLong = true;
            end(u"the answer is too long"_s);
            return;
        }
        if (!intoFile())
            m_answer.body += bytes;
        else if (!write(bytes))
            end(u"the file can't be written: %1"_s.arg(m_file.errorString()));
        if (!bytes.isEmpty() && !m_ended && m_request.onProgress)
            m_request.onProgress(m_answer.bytes, m_reader.length());
    }

    [[nodiscard]] bool intoFile() const { return !m_request.toFile.isEmpty() && m_answer.status / 100 == 2; }
    [[nodiscard]] qint64 limit() const
    {
        return m_request.toFile.isEmpty() || intoFile() ? m_request.maxBytes : kMaxErrorBody;
    }

    bool write(const QByteArray &bytes)
    {
        if (!m_file.isOpen()) {
            m_file.setFileName(m_request.toFile);
            if (!m_file.open(QIODevice::WriteOnly | QIODevice::Truncate | QIODevice::Unbuffered))
                return false;
        }
        return m_file.write(bytes) == bytes.size();
    }

    void closed()
    {
        read(); // what came before
        if (m_ended)
            return;
        m_reader.end(); // which may be the end of an answer that says no length
        const bool whole = m_reader.isComplete();
        end(whole                 ? QString()
            : m_answer.status > 0 ? u"the connection was closed before the end of the answer"_s
                                  : u"the connection was closed before the answer"_s);
    }

    void stop()
    {
        m_answer.stopped = true;
        end(m_pass.stopReason());
    }

    // The first reason counts; none: all is well.
    void end(const QString &why)
    {
        if (m_ended)
            return;
        m_ended = true;
        m_answer.error = why;
        m_answer.complete = why.isEmpty();
        m_loop.quit();
    }

    void conclude()
    {
        m_file.close();
        if (!m_request.toFile.isEmpty() && !m_answer.complete)
            QFile::remove(m_request.toFile);
        const QByteArray to = m_answer.header("Location");
        if (m_answer.complete && m_answer.status / 100 == 3 && m_answer.status != 304 && !to.isEmpty())
            m_redirect = m_url.resolved(QUrl::fromEncoded(to, QUrl::StrictMode));
    }

    GatePass &m_pass;
    const HttpRequest &m_request;
    const QUrl m_url;
    const qint64 m_leftMs;
    HttpAnswer m_answer;
    QUrl m_redirect;
    QByteArray m_head;
    bool m_ended = false;
    QFile m_file;
    UploadBody m_upload;
    HttpReader m_reader;
    QTimer m_connect;
    QTimer m_idle;
    QTimer m_total;
    QSslSocket m_socket;
    QEventLoop m_loop; // goes first, and its connections with it
};

} // namespace

QByteArray HttpAnswer::header(const QByteArray &name) const
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

HttpAnswer exchange(GatePass &pass, const HttpRequest &request)
{
    QElapsedTimer since;
    since.start();
    QUrl url = request.url;
    bool withSecrets = true;
    HttpAnswer answer;
    for (int redirects = 0;; ++redirects) {
        Exchange one(pass, request, url, request.totalMs - since.elapsed());
        answer = one.run(withSecrets);
        const QUrl next = one.redirect();
        if (!next.isValid() || !request.followRedirects || request.method != "GET" || !request.address.isNull())
            break;
        QString refusal;
        if (redirects == kMaxRedirects)
            refusal = u"too many redirects"_s;
        else if (!isHttp(next) || (url.scheme() == "https"_L1 && next.scheme() != "https"_L1))
            refusal = u"redirected to where we don't go"_s;
        if (!refusal.isEmpty()) {
            answer.complete = false;
            answer.error = refusal;
            break;
        }
        withSecrets = withSecrets && sameOrigin(url, next);
        url = next;
    }
    answer.durationMs = since.elapsed();
    return answer;
}

qint64 retryAfterMs(const HttpAnswer &answer, qint64 nowMs)
{
    bool ok = false;
    const double ms = answer.header("retry-after-ms").trimmed().toDouble(&ok);
    if (ok && ms >= 0)
        return qint64(std::min(ms, 1e12));
    const QByteArray said = answer.header("Retry-After").trimmed();
    const double seconds = said.toDouble(&ok);
    if (ok && seconds >= 0)
        return qint64(std::min(seconds * 1000, 1e12));
    QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(said), u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s);
    if (!date.isValid())
        return -1;
    date.setTimeSpec(Qt::UTC);
    return std::max<qint64>(0, date.toMSecsSinceEpoch() - nowMs);
}

} // namespace takt::jobs
