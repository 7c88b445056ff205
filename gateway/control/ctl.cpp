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
constexpr int kPlaceCallMs = 40'000; // the gateway asks the carrier, and may have to ask again
constexpr unsigned kWatchSeconds = 2;
constexpr qsizetype kShownText = 60;

void print(const QString &text)
{
    std::fputs(qUtf8Printable(text + u'\n'), stdout);
    std::fflush(stdout);
}

std::optional<QJsonObject> readMessage(QLocalSocket &socket, int timeoutMs = kTimeoutMs)
{
    while (!socket.canReadLine()) {
        if (!socket.waitForReadyRead(timeoutMs))
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

// Nothing when the gateway does not answer; an error of its own is printed.
std::optional<QJsonObject> ask(QLocalSocket &socket, const QString &method, const QJsonObject &parameters = {})
{
    const QJsonObject request{{"id"_L1, 1}, {"method"_L1, method}, {"params"_L1, parameters}};
    socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
    const auto answer = readMessage(socket, method == kCall ? kPlaceCallMs : kTimeoutMs);
    if (answer && answer->contains("error"_L1)) {
        std::fputs(qUtf8Printable((*answer)["error"_L1].toString() + u'\n'), stderr);
        return std::nullopt;
    }
    if (!answer)
        std::fputs("the gateway does not answer\n", stderr);
    return answer ? std::optional((*answer)["result"_L1].toObject()) : std::nullopt;
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
    print(u"live calls     %1%2"_s.arg(s.calls.size()).arg(s.draining ? u", draining: no new ones"_s : QString()));
    print(u"slots held     %1"_s.arg(s.slotsHeld));
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
        const auto result = ask(socket, kStatus);
        if (!result)
            return 0; // the gateway has gone
        printLine(GatewaySnapshot::fromJson(*result), turn);
        QThread::sleep(kWatchSeconds);
    }
}

int usage()
{
    std::fputs("usage: takt-gateway ctl COMMAND [--json] [--socket PATH]\n"
               "  status                        the gateway: live calls, lateness, counters\n"
               "  calls                         the live calls, one a line\n"
               "  watch                         a line every two seconds, until the gateway ends\n"
               "  call NUMBER [--business NAME] rings somebody\n"
               "  hangup CALLSID                ends a live call\n"
               "  drain                         no new calls; the gateway exits once the live ones are over\n"
               "  undrain                       takes calls again\n",
               stderr);
    return 2;
}

struct Arguments {
    QStringList words; // the command and what it is about
    QString socket;
    QString business;
    bool json = false;
};

std::optional<Arguments> parse(const QStringList &arguments)
{
    Arguments parsed;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const bool hasNext = i + 1 < arguments.size();
        if (arguments[i] == "--json"_L1)
            parsed.json = true;
        else if (arguments[i] == "--socket"_L1 && hasNext)
            parsed.socket = arguments[++i];
        else if (arguments[i] == "--business"_L1 && hasNext)
            parsed.business = arguments[++i];
        else if (arguments[i].startsWith(u'-'))
            return std::nullopt;
        else
            parsed.words << arguments[i];
    }
    const QString command = parsed.words.value(0);
    static const QStringList s_alone{u"status"_s, u"calls"_s, u"watch"_s, u"drain"_s, u"undrain"_s};
    const bool withOne = command == kCall || command == kHangUp;
    if (!withOne && !s_alone.contains(command))
        return std::nullopt;
    return parsed.words.size() == (withOne ? 2 : 1) ? std::optional(parsed) : std::nullopt;
}

void printResult(const QString &command, const QJsonObject &result)
{
    if (command == "status"_L1)
        printStatus(GatewaySnapshot::fromJson(result));
    else if (command == "calls"_L1)
        printCalls(GatewaySnapshot::fromJson(result));
    else if (command == kCall)
        print(u"ringing: "_s + result["call_sid"_L1].toString());
    else if (command == kDrain)
        print(u"draining, %1 calls under way"_s.arg(result["calls"_L1].toInt()));
    else
        print(u"done"_s);
}

} // namespace

int runCtl(const QStringList &arguments, const QString &socketPath)
{
    const auto parsed = parse(arguments);
    if (!parsed)
        return usage();
    QLocalSocket socket;
    if (!connectTo(socket, parsed->socket.isEmpty() ? socketPath : parsed->socket))
        return 1;
    const QString command = parsed->words.front();
    if (command == "watch"_L1)
        return watch(socket);
    QJsonObject parameters;
    if (command == kCall)
        parameters = {{"to"_L1, parsed->words[1]}, {"business"_L1, parsed->business}};
    else if (command == kHangUp)
        parameters = {{"call_sid"_L1, parsed->words[1]}};
    const auto result = ask(socket, command == "calls"_L1 ? QString(kStatus) : command, parameters);
    if (!result)
        return 1;
    if (!parsed->json) {
        printResult(command, *result);
        return 0;
    }
    const QJsonObject shown = command == "calls"_L1 ? QJsonObject{{"calls"_L1, (*result)["calls"_L1]}} : *result;
    print(QString::fromUtf8(QJsonDocument(shown).toJson(QJsonDocument::Indented).trimmed()));
    return 0;
}

} // namespace takt::control
