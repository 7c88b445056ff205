// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/ctl.h"

#include "control/ctlcalls.h"
#include "control/ctlflight.h"
#include "control/ctljobs.h"
#include "shared/controlprotocol.h"
#include "shared/gatewaysnapshot.h"
#include "shared/topic.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kTimeoutMs = 5000;
constexpr int kCarrierMs = 40'000; // the gateway asks the carrier, and may have to ask again
constexpr qint64 kWatchMs = 2000;

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
        std::fputs(
            qUtf8Printable(u"no gateway answers at %1: %2 (--socket PATH or TAKT_CONTROL_SOCKET, as the gateway's own "
                           "user)\n"_s.arg(path, socket.errorString())),
            stderr);
        return false;
    }
    const auto hello = readMessage(socket);
    if (!hello) {
        std::fputs(qUtf8Printable(u"the gateway at %1 does not answer (hung, or too many clients)\n"_s.arg(path)),
                   stderr);
        return false;
    }
    if ((*hello)["protocol"_L1].toInt() == kProtocol)
        return true;
    std::fputs("the gateway speaks another version of the control protocol\n", stderr);
    return false;
}

void note(QHash<QString, TopicState> &topics, const QJsonObject &message)
{
    if (message.contains("topic"_L1))
        apply(topics[message["topic"_L1].toString()], TopicUpdate::fromJson(message));
}

// Nothing when the gateway does not answer; an error of its own is printed. Updates of topics may come before the answer.
std::optional<QJsonObject> ask(QLocalSocket &socket, const QString &method, const QJsonObject &parameters = {},
                               QHash<QString, TopicState> *topics = nullptr)
{
    const QJsonObject request{{"id"_L1, 1}, {"method"_L1, method}, {"params"_L1, parameters}};
    socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
    const bool asksCarrier = method == kCall || method == kTransfer || method == kHangUp;
    const int timeoutMs = asksCarrier ? kCarrierMs : kTimeoutMs;
    auto answer = readMessage(socket, timeoutMs);
    for (; answer && topics != nullptr && answer->contains("topic"_L1); answer = readMessage(socket, timeoutMs))
        note(*topics, *answer);
    if (answer && answer->contains("error"_L1)) {
        std::fputs(qUtf8Printable((*answer)["error"_L1].toString() + u'\n'), stderr);
        return std::nullopt;
    }
    if (!answer)
        std::fputs("the gateway does not answer\n", stderr);
    return answer ? std::optional((*answer)["result"_L1].toObject()) : std::nullopt;
}

QString timeText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(Qt::ISODate);
}

void printStatus(const GatewaySnapshot &s)
{
    const QLocale english(QLocale::English);
    print(u"takt-gateway %1, up since %2"_s.arg(s.version, timeText(s.startedAtMs)));
    if (!s.notReady.isEmpty())
        print(u"not ready: %1"_s.arg(s.notReady.join(u", "_s)));
    const QString until = s.drainEndsAtMs > 0 ? u", and those that go on are ended at "_s + timeText(s.drainEndsAtMs)
                                              : QString();
    print(u"live calls     %1%2"_s.arg(s.calls.size())
              .arg(s.draining ? u", draining: no new ones"_s + until : QString()));
    print(u"slots held     %1"_s.arg(s.slotsHeld));
    print(u"worst lateness %1"_s.arg(millisecondsText(s.worstLateUs)));
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
    for (const CallSnapshot &call : s.calls)
        print(callText(call, QDateTime::currentMSecsSinceEpoch()));
}

// One line for people; what is said is shown of one call after the other.
void printLine(const GatewaySnapshot &s, qsizetype turn)
{
    const QLocale english(QLocale::English);
    qint64 worstUs = 0;
    for (const CallSnapshot &call : s.calls)
        worstUs = std::max(worstUs, call.tx.worstLateUs);
    QString line = u"live calls %1 | frames sent %2 | worst lateness %3"_s.arg(s.calls.size())
                       .arg(english.toString(s.counters["frames_sent"_L1].toInteger()))
                       .arg(millisecondsText(worstUs));
    if (!s.calls.isEmpty())
        line += u" | "_s + saidText(s.calls[turn % s.calls.size()]);
    print(line);
}

void printLine(const TopicState &gateway, const TopicState &calls, qsizetype turn)
{
    GatewaySnapshot s = GatewaySnapshot::fromJson(gateway.head);
    for (const QJsonObject &call : calls.rows)
        s.calls.append(CallSnapshot::fromJson(call));
    std::sort(s.calls.begin(), s.calls.end(), [](const auto &a, const auto &b) { return a.callSid < b.callSid; });
    printLine(s, turn);
}

// Hears of changes as they come, and prints what is known every other second.
int watch(QLocalSocket &socket)
{
    QHash<QString, TopicState> topics;
    if (!ask(socket, kSubscribe, {{"topics"_L1, QJsonArray{QString(kGatewayTopic), QString(kCallsTopic)}}}, &topics))
        return 1;
    QElapsedTimer sincePrinted;
    for (qsizetype turn = 0; socket.state() == QLocalSocket::ConnectedState;) {
        const bool complete = topics.size() == 2;
        if (complete && (!sincePrinted.isValid() || sincePrinted.hasExpired(kWatchMs))) {
            printLine(topics[kGatewayTopic], topics[kCallsTopic], turn++);
            sincePrinted.start();
        }
        const qint64 left = sincePrinted.isValid() ? kWatchMs - sincePrinted.elapsed() : kWatchMs;
        if (const auto message = readMessage(socket, int(std::max<qint64>(left, 1))))
            note(topics, *message);
    }
    return 0; // the gateway has gone
}

int usage()
{
    std::fputs(
        "usage: takt-gateway ctl COMMAND [--json] [--socket PATH]\n"
        "  status                        the gateway: live calls, lateness, counters\n"
        "  calls                         the live calls, one a line\n"
        "  watch                         a line every two seconds, until the gateway ends\n"
        "  call NUMBER [--business NAME] rings somebody\n"
        "  call CALLSID                  what is on record of a call, live or past\n"
        "  hangup CALLSID                ends a live call\n"
        "  transfer CALLSID NUMBER|SIP   takes a live call from its agent, and has the carrier dial somebody for it\n"
        "  say CALLSID TEXT              the agent says this now\n"
        "  mute CALLSID on|off           the caller hears nothing of the agent, which goes on listening\n"
        "  jobs [STATE] [--stage STAGE]  the work after calls; STATE: open, running, failed...\n"
        "  job ID                        one job with its attempts\n"
        "  retry ID                      runs a finished job again, and what comes behind it; a waiting one now\n"
        "  cancel ID                     gives a job up; what comes behind it goes on with what there is\n"
        "  pause [STAGE], resume [STAGE] no job starts, of that stage or at all\n"
        "  leads [--business NAME]       the people who called, or were called\n"
        "  lead ID [--status STATUS]     one of them, with the history; or sets the status for good\n"
        "  flights                       what is kept of stalls: the last seconds of those calls\n"
        "  flight CALLSID|NAME           the last seconds of a live call, or such a record (--json: as it lies on the "
        "disk)\n"
        "  drain                         no new calls; the gateway exits once the live ones are over\n"
        "  undrain                       takes calls again\n",
        stderr);
    return 2;
}

struct Arguments {
    QStringList words;               // the command and what it is about
    QHash<QString, QString> options; // socket, business, stage, status
    bool json = false;
};

// What to ask the gateway for.
struct Question {
    QString method;
    QJsonObject parameters{};
};

std::optional<Arguments> parse(const QStringList &arguments)
{
    static const QStringList s_options{u"--socket"_s, u"--business"_s, u"--stage"_s, u"--status"_s};
    Arguments parsed;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--json"_L1)
            parsed.json = true;
        else if (s_options.contains(arguments[i]) && i + 1 < arguments.size()) {
            parsed.options.insert(arguments[i].sliced(2), arguments[i + 1]);
            ++i;
        } else if (arguments[i].startsWith(u'-'))
            return std::nullopt;
        else
            parsed.words << arguments[i];
    }
    return parsed;
}

bool isCallSid(const QString &word)
{
    static const QRegularExpression s_sid(u"^CA[0-9a-fA-F]{32}$"_s);
    return s_sid.match(word).hasMatch();
}

// To a live call, with something behind its name.
std::optional<Question> orderOf(const Arguments &a)
{
    const QString command = a.words.value(0);
    const QString what = a.words.sliced(2).join(u' ');
    QJsonObject parameters{{"call_sid"_L1, a.words.value(1)}};
    if (command == kTransfer)
        parameters.insert("to"_L1, what);
    else if (command == kSay)
        parameters.insert("text"_L1, what);
    else if (command == kMute && (what == "on"_L1 || what == "off"_L1))
        parameters.insert("on"_L1, what == "on"_L1);
    else
        return std::nullopt;
    return Question{command, parameters};
}

// Of commands with one word, or none, behind them.
std::optional<Question> questionOf(const Arguments &a)
{
    const QString command = a.words.value(0);
    const QString about = a.words.value(1);
    const auto option = [&](const char16_t *name) { return a.options.value(QString::fromUtf16(name)); };
    bool isNumber = false;
    const qint64 id = about.toLongLong(&isNumber);
    static const QStringList s_alone{u"status"_s, u"calls"_s, u"flights"_s, u"drain"_s, u"undrain"_s};
    if (a.words.size() > 2)
        return orderOf(a);
    if (s_alone.contains(command) && !about.isEmpty())
        return std::nullopt;
    if (s_alone.contains(command))
        return Question{command == "calls"_L1 ? QString(kStatus) : command};
    if (command == kFlight && isCallSid(about))
        return Question{kFreeze, {{"call_sid"_L1, about}}};
    if (command == kFlight && !about.isEmpty())
        return Question{kFlight, {{"flight"_L1, about}}};
    if (command == kJobs)
        return Question{kJobs, {{"state"_L1, about}, {"stage"_L1, option(u"stage")}}};
    if (command == kPause || command == kResume)
        return Question{command, {{"stage"_L1, about.isEmpty() ? u"*"_s : about}}};
    if (command == kLeads && about.isEmpty())
        return Question{kLeads, {{"business"_L1, option(u"business")}}};
    if (command == kHangUp && !about.isEmpty())
        return Question{kHangUp, {{"call_sid"_L1, about}}};
    if (command == kCall && isCallSid(about))
        return Question{kRecord, {{"call_sid"_L1, about}}};
    if (command == kCall && !about.isEmpty())
        return Question{kCall, {{"to"_L1, about}, {"business"_L1, option(u"business")}}};
    if (command == kLead && isNumber && a.options.contains(u"status"_s))
        return Question{kSetLeadStatus, {{"id"_L1, id}, {"status"_L1, option(u"status")}}};
    if (isNumber && (command == kJob || command == kRetry || command == kCancel || command == kLead))
        return Question{command, {{"id"_L1, id}}};
    return std::nullopt;
}

void printResult(const QString &command, const Question &question, const QJsonObject &result)
{
    if (command == "status"_L1)
        printStatus(GatewaySnapshot::fromJson(result));
    else if (command == "calls"_L1)
        printCalls(GatewaySnapshot::fromJson(result));
    else if (question.method == kCall)
        print(u"ringing: "_s + result["call_sid"_L1].toString());
    else if (command == kFlights)
        print(flightsText(result));
    else if (command == kFlight)
        print(flightText(result));
    else if (command == kDrain)
        print(u"draining, %1 calls under way"_s.arg(result["calls"_L1].toInt()));
    else
        print(workText(question.method, result));
}

} // namespace

int runCtl(const QStringList &arguments, const QString &socketPath)
{
    const auto parsed = parse(arguments);
    const QString command = parsed ? parsed->words.value(0) : QString();
    const bool watching = command == "watch"_L1 && parsed->words.size() == 1;
    const auto question = parsed ? questionOf(*parsed) : std::nullopt;
    if (!question && !watching)
        return usage();
    QLocalSocket socket;
    // A name without a folder would be one in the folder of temporary files for Qt, and not here.
    const QString chosen = parsed->options.value(u"socket"_s);
    if (!connectTo(socket, chosen.isEmpty() ? socketPath : QFileInfo(chosen).absoluteFilePath()))
        return 1;
    if (watching)
        return watch(socket);
    const auto result = ask(socket, question->method, question->parameters);
    if (!result)
        return 1;
    if (!parsed->json) {
        printResult(command, *question, *result);
        return 0;
    }
    if (command == kFlight) { // one object a line already
        print(result->value("ndjson"_L1).toString().trimmed());
        return 0;
    }
    const QJsonObject shown = command == "calls"_L1 ? QJsonObject{{"calls"_L1, (*result)["calls"_L1]}} : *result;
    print(QString::fromUtf8(QJsonDocument(shown).toJson(QJsonDocument::Indented).trimmed()));
    return 0;
}

} // namespace takt::control
