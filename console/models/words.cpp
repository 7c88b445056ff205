// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/words.h"

#include <QDateTime>
#include <QHash>
#include <QLocale>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

QString Words::callState(const QString &name)
{
    if (name == "connected"_L1)
        return tr("Connected", "state of a call: the carrier is there, its audio not yet");
    if (name == "gate"_L1)
        return tr("Waiting", "state of a call: the model is not there yet");
    if (name == "greeting"_L1)
        return tr("Greeting", "state of a call");
    if (name == "talking"_L1)
        return tr("Talking", "state of a call");
    if (name == "interrupted"_L1)
        return tr("Listening", "state of a call: the caller has interrupted the agent");
    if (name == "draining"_L1)
        return tr("Ending", "state of a call: what the agent had said is played to its end");
    if (name == "ended"_L1)
        return tr("Ended", "state of a call");
    return name;
}

QString Words::direction(const QString &name)
{
    if (name == "inbound"_L1)
        return tr("In", "direction of a call: somebody called us");
    if (name == "outbound"_L1)
        return tr("Out", "direction of a call: we called somebody");
    return name;
}

QString Words::speaker(const QString &name)
{
    if (name == "caller"_L1)
        return tr("Caller");
    if (name == "agent"_L1)
        return tr("Agent");
    return name;
}

QString Words::endReason(const QString &name)
{
    static const QHash<QString, const char *> s_names{
        {u"carrier_stop"_s, QT_TR_NOOP("The caller hung up")},
        {u"carrier_closed"_s, QT_TR_NOOP("The carrier's stream broke off")},
        {u"carrier_stalled"_s, QT_TR_NOOP("The carrier stopped listening")},
        {u"carrier_protocol"_s, QT_TR_NOOP("The carrier broke the protocol")},
        {u"carrier_completed"_s, QT_TR_NOOP("The carrier reported the end")},
        {u"replaced"_s, QT_TR_NOOP("A newer stream took over")},
        {u"model_unavailable"_s, QT_TR_NOOP("The model could not be reached")},
        {u"model_failed"_s, QT_TR_NOOP("The model failed")},
        {u"agent_hangup"_s, QT_TR_NOOP("The agent said goodbye")},
        {u"transferred"_s, QT_TR_NOOP("Passed on to a person")},
        {u"operator_hangup"_s, QT_TR_NOOP("An operator hung up")},
        {u"shutdown"_s, QT_TR_NOOP("The gateway was stopped")},
        {u"gateway_died"_s, QT_TR_NOOP("The gateway died")},
        {u"carrier_silent"_s, QT_TR_NOOP("The carrier fell silent")},
    };
    const auto found = s_names.constFind(name);
    return found == s_names.cend() ? name : tr(*found);
}

QString Words::event(const QString &what, const QString &detail)
{
    if (what == "started"_L1)
        return tr("The call begins");
    if (what == "model_ready"_L1)
        return tr("The model is ready");
    if (what == "agent_speaks"_L1)
        return detail.isEmpty() ? tr("The agent speaks")
                                : tr("The agent answers after %1", "%1 is a time, such as 450 ms")
                                      .arg(milliseconds(detail.toLongLong()));
    if (what == "caller_speaks"_L1)
        return tr("The caller speaks");
    if (what == "barge_in"_L1)
        return tr("The caller interrupts");
    if (what == "stall"_L1)
        return tr("The beat stalls");
    if (what == "tool"_L1)
        return tr("The agent uses %1", "%1 is the name of a tool").arg(leftToRight(detail));
    if (what == "digits"_L1)
        return tr("The caller presses %n key(s)", nullptr, detail.toInt());
    if (what == "model_lost"_L1)
        return tr("The model is lost");
    return order(what, detail);
}

// What operators have done.
QString Words::order(const QString &what, const QString &detail)
{
    if (what == "say"_L1)
        return tr("An operator has the agent say: %1", "%1 is a sentence").arg(detail);
    if (what == "say_failed"_L1)
        return tr("The agent could not say: %1", "%1 is a sentence").arg(detail);
    if (what == "mute"_L1)
        return detail == "on"_L1 ? tr("An operator mutes the agent") : tr("An operator lets the agent speak again");
    if (what == "transfer"_L1)
        return tr("An operator transfers the call to %1", "%1 is a telephone number").arg(leftToRight(detail));
    if (what == "transfer_failed"_L1)
        return tr("The transfer failed: %1", "%1 is the reason, in English").arg(leftToRight(detail));
    return what;
}

QString Words::stage(const QString &name)
{
    static const QHash<QString, const char *> s_names{
        {u"recording.download"_s, QT_TR_NOOP("Recording")},
        {u"audio.convert"_s, QT_TR_NOOP("Conversion")},
        {u"transcribe"_s, QT_TR_NOOP("Transcript")},
        {u"summarize"_s, QT_TR_NOOP("Summary")},
        {u"extract"_s, QT_TR_NOOP("Facts")},
        {u"lead.update"_s, QT_TR_NOOP("Lead")},
        {u"webhook.deliver"_s, QT_TR_NOOP("Delivery")},
    };
    const auto found = s_names.constFind(name);
    return found == s_names.cend() ? name : tr(*found);
}

QString Words::jobState(const QString &name)
{
    static const QHash<QString, const char *> s_names{
        {u"pending"_s, QT_TR_NOOP("Pending")},     {u"available"_s, QT_TR_NOOP("Ready")},
        {u"scheduled"_s, QT_TR_NOOP("Scheduled")}, {u"retryable"_s, QT_TR_NOOP("Will retry")},
        {u"running"_s, QT_TR_NOOP("Running")},     {u"completed"_s, QT_TR_NOOP("Completed")},
        {u"skipped"_s, QT_TR_NOOP("Skipped")},     {u"failed"_s, QT_TR_NOOP("Failed")},
        {u"cancelled"_s, QT_TR_NOOP("Cancelled")},
    };
    const auto found = s_names.constFind(name);
    return found == s_names.cend() ? name : tr(*found);
}

QString Words::outcome(const QString &name)
{
    static const QHash<QString, const char *> s_names{
        {QString(), QT_TR_NOOP("Under way")},          {u"completed"_s, QT_TR_NOOP("Completed")},
        {u"skipped"_s, QT_TR_NOOP("Skipped")},         {u"retry"_s, QT_TR_NOOP("Failed, to be tried again")},
        {u"snoozed"_s, QT_TR_NOOP("Not ready yet")},   {u"failed"_s, QT_TR_NOOP("Failed")},
        {u"interrupted"_s, QT_TR_NOOP("Interrupted")}, {u"cancelled"_s, QT_TR_NOOP("Cancelled")},
        {u"rescued"_s, QT_TR_NOOP("Its worker died")},
    };
    const auto found = s_names.constFind(name);
    return found == s_names.cend() ? name : tr(*found);
}

QString Words::waiting(const QString &reason)
{
    static const QHash<QString, const char *> s_names{
        {u"call active"_s, QT_TR_NOOP("the call is not over")},
        {u"TX degraded"_s, QT_TR_NOOP("the beat is late")},
        {u"calls are starting"_s, QT_TR_NOOP("calls are starting")},
        {u"quiet mode"_s, QT_TR_NOOP("quiet mode: calls go on")},
        {u"off-host"_s, QT_TR_NOOP("other machines do the work")},
        {u"paused"_s, QT_TR_NOOP("paused")},
        {u"shutdown"_s, QT_TR_NOOP("the gateway is ending")},
    };
    if (reason.startsWith("waits for "_L1))
        return tr("waits for: %1", "%1 is a stage of the work, such as Transcript").arg(stage(reason.mid(10)));
    const auto found = s_names.constFind(reason);
    return found == s_names.cend() ? reason : tr(*found);
}

QString Words::stallCause(const QString &name)
{
    static const QHash<QString, const char *> s_names{
        {u"worker late"_s, QT_TR_NOOP("The host was late")},
        {u"socket full"_s, QT_TR_NOOP("The carrier took nothing")},
        {u"queue starved"_s, QT_TR_NOOP("The model sent too little")},
    };
    const auto found = s_names.constFind(name);
    return found == s_names.cend() ? name : tr(*found);
}

QString Words::flightReason(const QString &name)
{
    if (name == "stall"_L1)
        return tr("Stall");
    if (name == "asked"_L1)
        return tr("Asked for", "reason of a flight record: an operator wanted it");
    if (name == "crash"_L1)
        return tr("The gateway crashed");
    return name;
}

QString Words::flight(const QString &what)
{
    static const QHash<QString, const char *> s_names{
        {u"sent"_s, QT_TR_NOOP("Frame")},
        {u"silent"_s, QT_TR_NOOP("Frame of silence")},
        {u"empty"_s, QT_TR_NOOP("Nothing to send")},
        {u"full"_s, QT_TR_NOOP("Socket full")},
        {u"item_over"_s, QT_TR_NOOP("Sentence sent")},
        {u"clear"_s, QT_TR_NOOP("Cleared")},
        {u"dropped"_s, QT_TR_NOOP("Frames dropped")},
        {u"mark"_s, QT_TR_NOOP("Mark")},
        {u"mark_heard"_s, QT_TR_NOOP("Mark heard")},
        {u"media"_s, QT_TR_NOOP("Caller's audio")},
        {u"media_stale"_s, QT_TR_NOOP("Caller's audio, late")},
        {u"closed"_s, QT_TR_NOOP("Stream closed")},
        {u"model_ready"_s, QT_TR_NOOP("Model ready")},
        {u"model_lost"_s, QT_TR_NOOP("Model lost")},
        {u"response"_s, QT_TR_NOOP("Answer begins")},
        {u"response_done"_s, QT_TR_NOOP("Answer done")},
        {u"delta"_s, QT_TR_NOOP("Model's audio")},
        {u"late_delta"_s, QT_TR_NOOP("Model's audio, too late")},
        {u"audio_done"_s, QT_TR_NOOP("Model done")},
        {u"caller_speaks"_s, QT_TR_NOOP("Caller speaks")},
        {u"caller_stops"_s, QT_TR_NOOP("Caller stops")},
        {u"barge_in"_s, QT_TR_NOOP("Interruption")},
        {u"digit"_s, QT_TR_NOOP("Key pressed")},
        {u"tool"_s, QT_TR_NOOP("Tool")},
        {u"stall"_s, QT_TR_NOOP("Stall")},
        {u"stall_over"_s, QT_TR_NOOP("Stall over")},
        {u"second"_s, QT_TR_NOOP("A second")},
    };
    const auto found = s_names.constFind(what);
    return found == s_names.cend() ? what : tr(*found);
}

// Numbers --------------------------------------------------------------------------------------------------------------

QString Words::number(qint64 n)
{
    return QLocale().toString(n);
}

QString Words::milliseconds(qint64 ms)
{
    return tr("%1 ms", "milliseconds").arg(QLocale().toString(ms));
}

QString Words::lateness(qint64 us)
{
    const double ms = double(us) / 1000.0;
    return tr("%1 ms", "milliseconds").arg(QLocale().toString(ms, 'f', ms < 10 ? 1 : 0));
}

QString Words::cost(const std::optional<Cost> &cost, qint64 tokens)
{
    if (!cost)
        return tokens == 0 ? QString()
                           : tr("%1 tok.", "tokens, units in which the model's work is counted").arg(number(tokens));
    const double amount = double(cost->micros) / 1e6;
    return leftToRight(QLocale().toString(amount, 'f', amount < 1 ? 3 : 2) + u' ' + cost->currency);
}

QString Words::clock(qint64 ms)
{
    const qint64 s = std::max<qint64>(0, ms) / 1000;
    const auto two = [](qint64 n) { return QString::number(n).rightJustified(2, u'0'); };
    if (s < 3600)
        return u"%1:%2"_s.arg(QString::number(s / 60), two(s % 60));
    return u"%1:%2:%3"_s.arg(QString::number(s / 3600), two(s / 60 % 60), two(s % 60));
}

QString Words::span(qint64 ms)
{
    const qint64 s = std::max<qint64>(0, ms) / 1000;
    if (s < 120)
        return tr("%1 s", "seconds").arg(s);
    if (s < 2 * 3600)
        return tr("%1 min", "minutes").arg(s / 60);
    return s < 48 * 3600 ? tr("%1 h", "hours").arg(s / 3600) : tr("%1 d", "days").arg(s / 86'400);
}

QString Words::time(qint64 atMs)
{
    return atMs <= 0 ? QString() : QLocale().toString(QDateTime::fromMSecsSinceEpoch(atMs).time(), u"HH:mm:ss"_s);
}

QString Words::dateAndTime(qint64 atMs)
{
    return atMs <= 0 ? QString() : QLocale().toString(QDateTime::fromMSecsSinceEpoch(atMs), QLocale::ShortFormat);
}

QString Words::leftToRight(const QString &text)
{
    return text.isEmpty() ? text : QChar(0x200e) + text;
}

QString Words::caller(const QString &number)
{
    return number.isEmpty() || number.startsWith("withheld"_L1) ? tr("Number withheld") : leftToRight(number);
}

} // namespace takt::console
