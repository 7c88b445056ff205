// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/verdict.h"

#include "console/models/words.h"

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kRecently = 10;    // seconds that say how it is now
constexpr qint64 kUnevenP99Us = 5'000; // heard by nobody yet
constexpr qint64 kLateP99Us = 20'000;  // one frame in a hundred misses its slot

} // namespace

Verdict Judge::ofTheBeat(const QList<TxPoint> &minute)
{
    qint64 dropped = 0;
    qint64 stalls = 0;
    for (const TxPoint &second : minute) {
        dropped += second.dropped;
        stalls += second.stalls;
    }
    qint64 p99 = 0;
    qint64 resyncs = 0;
    for (const TxPoint &second : minute.last(std::min(kRecently, minute.size()))) {
        p99 = std::max(p99, second.p99Us);
        resyncs += second.resyncs;
    }
    if (dropped > 0)
        return {Tone::Bad, tr("Words are lost"),
                tr("%n frame(s) were dropped within the last minute.", nullptr, int(dropped))};
    if (stalls > 0)
        return {
            Tone::Bad, tr("The beat stalls"),
            tr("Callers waited for words that were ready, %n time(s) within the last minute.", nullptr, int(stalls))};
    if (p99 >= kLateP99Us)
        return {Tone::Bad, tr("The beat is late"),
                tr("One frame in a hundred is late by %1 or more.").arg(Words::lateness(p99))};
    if (resyncs > 0)
        return {Tone::Warning, tr("The beat stumbles"),
                tr("%n slot(s) came too late within the last ten seconds.", nullptr, int(resyncs))};
    if (p99 >= kUnevenP99Us)
        return {Tone::Warning, tr("The beat is uneven"),
                tr("One frame in a hundred is late by %1 or more; nobody hears that yet.").arg(Words::lateness(p99))};
    return {Tone::Good, tr("On the beat"), QString()};
}

Verdict Judge::judge(const QList<TxPoint> &minute, const GatewaySnapshot &gateway, int liveCalls, qint64 nowMs)
{
    Verdict beat = ofTheBeat(minute);
    QString drain;
    if (gateway.draining)
        drain = tr("No new calls; %n call(s) go on.", nullptr, liveCalls);
    if (gateway.draining && gateway.drainEndsAtMs > nowMs)
        drain += u' ' + tr("Calls are ended in %1.").arg(Words::clock(gateway.drainEndsAtMs - nowMs));
    if (beat.tone == Tone::Bad) {
        if (gateway.draining)
            beat.detail += u' ' + drain;
        return beat;
    }
    if (gateway.draining)
        return {Tone::Warning, tr("Draining"), drain};
    if (!gateway.notReady.isEmpty())
        return {Tone::Warning, tr("No new calls"), gateway.notReady.join(u", "_s)};
    if (beat.tone != Tone::Good)
        return beat;
    qint64 worst = 0;
    for (const TxPoint &second : minute)
        worst = std::max(worst, second.maxUs);
    beat.detail = liveCalls == 0 ? tr("No calls now.")
                                 : tr("%n call(s); no frame of the last minute was later than %1.", nullptr, liveCalls)
                                       .arg(Words::lateness(worst));
    return beat;
}

} // namespace takt::console
