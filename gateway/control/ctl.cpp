// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/ctl.h"

#include "shared/controlprotocol.h"
#include "shared/gatewaysnapshot.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QLocale>
#include <QThread>

#include <cstdio>
#include <optional>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kTimeoutMs = 5000;
constexpr unsigned kWatchSeconds = 2;
constexpr qsizetype kShownText = 60;

void print(const QString &text)
{
    std::fputs(qUtf8Printable(text + u'\n'), stdout);
    std::fflush(stdout);
}

std::optional<QJsonObject> readMessage(QLocalSocket &socket)
{
    while (!socket.canReadLine()) {
        if (!socket.waitForReadyRead(kTimeoutMs))
            return std::nullopt;
    }
    return QJsonDocument::fromJson(socket.readLine()).object();
}

// A connection whose hello has been read.
bool connectTo(QLocalSocket &socket, const QString &path)
{
    socket.connectToServer(path);
    if (!socket.waitForConnected(kTimeoutMs)) {
        std::fputs(qUtf8Printable(u"no gateway answers at %1: %2\n"_s.arg(path, socket.errorString())), stderr);
        return false;
    }
    const auto hello = readMessage(socket);
    if (hello && (*hello)["protocol"_L1].toInt() == kProtocol)
        return true;
    std::fputs("the gateway speaks another version of the control protocol\n", stderr);
    return false;
}

std::optional<QJsonObject> ask(QLocalSocket &socket)
{
    socket.write(
        QJsonDocument(QJsonObject{{"id"_L1, 1}, {"method"_L1, QString(kStatus)}}).toJson(QJsonDocument::Compact)
        + '\n');
    const auto answer = readMessage(socket);
    if (!answer)
        return std::nullopt;
    return (*answer)["result"_L1].toObject();
}

QString said(const CallSnapshot &call)
{
    const QString text = call.lastText.size() > kShownText ? u"…"_s + call.lastText.last(kShownText) : call.lastText;
    return call.lastSpeaker.isEmpty() ? u"(nobody has spoken yet)"_s : u"%1: \"%2\""_s.arg(call.lastSpeaker, text);
}

QString milliseconds(qint64 us)
{
    return QString::number(double(us) / 1000.0, 'f', 1) + u" ms"_s;
}

void printStatus(const GatewaySnapshot &s)
{
    const QLocale english(QLocale::English);
    print(u"takt-gateway %1, up since %2"_s.arg(s.version,
                                                QDateTime::fromMSecsSinceEpoch(s.startedAtMs).toString(Qt::ISODate)));
    print(u"live calls     %1"_s.arg(s.calls.size()));
    print(u"worst lateness %1"_s.arg(milliseconds(s.worstLateUs)));
    print(u"real time      %1"_s.arg(s.realTime));
    for (auto it = s.counters.begin(); it != s.counters.end(); ++it) {
        if (it->toInteger() != 0)
            print(u"  %1 %2"_s.arg(it.key(), -28).arg(english.toString(it->toInteger())));
    }
}

void printCalls(const GatewaySnapshot &s)
{
    if (s.calls.isEmpty())
        print(u"no live calls"_s);
    for (const CallSnapshot &call : s.calls) {
        const qint64 seconds = (QDateTime::currentMSecsSinceEpoch() - call.startedAtMs) / 1000;
        print(u"%1  %2  %3 s  caller %4  frames %5  worst late %6  interruptions %7  %8"_s
                  .arg(call.callSid, call.state.leftJustified(11))
                  .arg(seconds, 4)
                  .arg(call.from.isEmpty() ? u"unknown"_s : call.from)
                  .arg(call.framesSent)
                  .arg(milliseconds(call.worstLateUs))
                  .arg(call.interruptions)
                  .arg(said(call)));
    }
}

// One line for people; what is said is shown of one call after the other.
void printLine(const GatewaySnapshot &s, qsizetype turn)
{
    const QLocale english(QLocale::English);
    qint64 worstUs = 0;
    for (const CallSnapshot &call : s.calls)
        worstUs = std::max(worstUs, call.worstLateUs);
    QString line = u"live calls %1 | frames sent %2 | worst lateness %3"_s.arg(s.calls.size())
                       .arg(english.toString(s.counters["frames_sent"_L1].toInteger()))
                       .arg(milliseconds(worstUs));
    if (!s.calls.isEmpty())
        line += u" | "_s + said(s.calls[turn % s.calls.size()]);
    print(line);
}

int watch(QLocalSocket &socket)
{
    for (qsizetype turn = 0;; ++turn) {
        const auto result = ask(socket);
        if (!result)
            return 0; // the gateway has gone
        printLine(GatewaySnapshot::fromJson(*result), turn);
        QThread::sleep(kWatchSeconds);
    }
}

int usage()
{
    std::fputs("usage: takt-gateway ctl status|calls|watch [--json] [--socket PATH]\n"
               "  status   the gateway: live calls, lateness, counters\n"
               "  calls    the live calls, one a line\n"
               "  watch    a line every two seconds, until the gateway ends\n",
               stderr);
    return 2;
}

} // namespace

int runCtl(const QStringList &arguments, const QString &socketPath)
{
    QString path = socketPath;
    QString command;
    bool json = false;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--json"_L1)
            json = true;
        else if (arguments[i] == "--socket"_L1 && i + 1 < arguments.size())
            path = arguments[++i];
        else if (command.isEmpty() && !arguments[i].startsWith(u'-'))
            command = arguments[i];
        else
            return usage();
    }
    if (command != "status"_L1 && command != "calls"_L1 && command != "watch"_L1)
        return usage();
    QLocalSocket socket;
    if (!connectTo(socket, path))
        return 1;
    if (command == "watch"_L1)
        return watch(socket);
    const auto result = ask(socket);
    if (!result)
        return 1;
    if (json)
        print(QString::fromUtf8(
            QJsonDocument(command == "calls"_L1 ? QJsonObject{{"calls"_L1, (*result)["calls"_L1]}} : *result)
                .toJson(QJsonDocument::Indented)
                .trimmed()));
    else if (command == "calls"_L1)
        printCalls(GatewaySnapshot::fromJson(*result));
    else
        printStatus(GatewaySnapshot::fromJson(*result));
    return 0;
}

} // namespace takt::control
