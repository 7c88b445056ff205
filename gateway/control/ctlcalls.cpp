// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/ctlcalls.h"

#include "control/ctljobs.h"

namespace takt::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kShownText = 60;

} // namespace

QString callText(const CallSnapshot &call, qint64 nowMs)
{
    // A cushion is the exception.
    const QString lead = call.tx.leadMs != 0 ? u"  lead %1 ms"_s.arg(call.tx.leadMs) : QString();
    return u"%1  %2  %3 s  caller %4  frames %5  worst late %6%7  interruptions %8  %9  "_s
               .arg(call.callSid, (call.muted ? u"muted"_s : call.state).leftJustified(11))
               .arg((nowMs - call.startedAtMs) / 1000, 4)
               .arg(call.from.isEmpty() ? u"unknown"_s : call.from)
               .arg(call.tx.framesSent)
               .arg(millisecondsText(call.tx.worstLateUs), lead)
               .arg(call.interruptions)
               .arg(costText(call.usage.tokens(), call.cost))
           + saidText(call);
}

QString saidText(const CallSnapshot &call)
{
    const QString text = call.lastText.size() > kShownText ? u"…"_s + call.lastText.last(kShownText) : call.lastText;
    return call.lastSpeaker.isEmpty() ? u"(nobody has spoken yet)"_s : u"%1: \"%2\""_s.arg(call.lastSpeaker, text);
}

QString millisecondsText(qint64 us)
{
    return QString::number(double(us) / 1000.0, 'f', 1) + u" ms"_s;
}

} // namespace takt::control
