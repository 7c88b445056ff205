// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/report.h"

#include <QStringList>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

QString number(double value)
{
    return QString::number(value, 'f', value == double(qint64(value)) ? 0 : value < 10 ? 2 : 1);
}

QString line(const QString &label, double disturbed, double undisturbed)
{
    return u"  %1%2%3%4\n"_s.arg(label, -40)
        .arg(number(disturbed), 11)
        .arg(number(undisturbed), 13)
        .arg(undisturbed > 0 ? QString::number(disturbed / undisturbed, 'f', 2) : QString(), 9);
}

struct Shown {
    const char *label;
    double Figures::*field;
};
constexpr Shown kShown[] = {
    {"frames/s/call", &Figures::framesPerSecond},
    {"... while speaking", &Figures::framesPerSecondSpeaking},
    {"stalls > 120 ms", &Figures::stalls},
    {"bursts < 10 ms", &Figures::bursts},
    {"gaps > 40 ms", &Figures::late},
    {"|gap - 20 ms| p99, ms", &Figures::gapP99},
    {"|gap - 20 ms| p99.9, ms", &Figures::gapP999},
    {"|gap - 20 ms| max, ms", &Figures::gapMax},
    {"gaps not measurable", &Figures::notMeasurable},
    {"clear after barge-in p99, ms", &Figures::clearP99},
    {"start to session.update p99, ms", &Figures::startP99},
    {"CPU, ms/s/call", &Figures::cpu},
    {"memory at the end, MB", &Figures::residentEnd},
    {"stolen by the host, ms/s", &Figures::stolen},
};

// The gateway `disturbed` in that way next to itself.
QString table(int calls, const QString &way, const Figures &disturbed, const Figures &undisturbed)
{
    QString text =
        u"\n%1%2%3%4\n"_s.arg(u"%1 calls"_s.arg(calls), -42).arg(way, 11).arg(u"undisturbed"_s, 13).arg(u"ratio"_s, 9);
    for (const Shown &shown : kShown)
        text += line(QString::fromLatin1(shown.label), disturbed.*shown.field, undisturbed.*shown.field);
    return text;
}

QString table(const std::vector<Limit> &limits, const QString &way)
{
    QString text =
        u"\n  %1%2%3  %4\n"_s.arg(u"limit"_s, -34).arg(way, 12).arg(u"undisturbed"_s, 13).arg(u"wanted"_s, -22);
    for (const Limit &limit : limits)
        text += u"  %1%2%3  %4%5\n"_s.arg(limit.name, -34)
                    .arg(limit.value ? number(*limit.value) : u"-"_s, 12)
                    .arg(limit.floor ? number(*limit.floor) : u"-"_s, 13)
                    .arg(limit.wanted, -22)
                    .arg(limit.held ? u"ok"_s : u"BROKEN"_s);
    return text;
}

QString honestText(const HonestFigures &f)
{
    return u"%1 sent, %2 answered, %3 failed; ms: p50 %4 p99 %5 max %6"_s.arg(f.sent)
        .arg(f.answered)
        .arg(f.failed)
        .arg(number(f.p50), number(f.p99), number(f.max));
}

QString kindText(const AttackKindFacts &facts, const AttackKindFigures &f)
{
    QStringList ends;
    for (const auto &[status, count] : f.statuses)
        ends << (status == 0 ? u"no HTTP"_s : QString::number(status)) + u": "_s + QString::number(count);
    if (f.closed > 0)
        ends << u"closed: %1"_s.arg(f.closed);
    if (f.unconnected > 0)
        ends << u"not connected: %1"_s.arg(f.unconnected);
    ends << u"open at the end: %1"_s.arg(f.stillOpen);
    QString text = u"  %1%2%3%4  %5\n"_s.arg(QLatin1StringView(facts.name), -24)
                       .arg(f.opened, 8)
                       .arg(f.held, 8, 'f', 0)
                       .arg(f.wrong, 7)
                       .arg(ends.join(u", "_s));
    for (const auto &[status, count] : f.wrongKinds)
        text += u"    WRONG, %1: %2\n"_s
                    .arg(status > 0            ? QString::number(status)
                         : status == kSeveral  ? u"several answers"_s
                         : status == kNotEnded ? u"not ended in time"_s
                                               : u"no HTTP"_s)
                    .arg(count);
    return text;
}

QString kindsText(const AttackFigures &attack)
{
    QString text = u"\n  %1%2%3%4  %5\n"_s.arg(u"abuse"_s, -24)
                       .arg(u"opened"_s, 8)
                       .arg(u"held"_s, 8)
                       .arg(u"wrong"_s, 7)
                       .arg(u"ended with"_s);
    for (std::size_t kind = 0; kind < kAttackKinds.size(); ++kind)
        text += kindText(kAttackKinds[kind], attack.kinds[kind]);
    return text;
}

} // namespace

QString attackText(const AttackFigures &attack)
{
    QString text = u"  honest requests: %1\n"_s.arg(honestText(attack.honest));
    if (!attack.attacked)
        return text;
    text += u"  attack: %1 connections/s for %2 s, CPU %3 ms/s\n"_s.arg(attack.rate(), 0, 'f', 1)
                .arg(attack.seconds, 0, 'f', 1)
                .arg(attack.seconds > 0 ? 1000 * attack.cpuSeconds / attack.seconds : 0, 0, 'f', 1);
    return text;
}

QString duelText(const Duel &d)
{
    QString text = table(d.calls, u"attacked"_s, d.attacked, d.undisturbed);
    text += line(u"honest request p50, ms"_s, d.attack.honest.p50, d.honestUndisturbed.p50);
    text += line(u"honest request p99, ms"_s, d.attack.honest.p99, d.honestUndisturbed.p99);
    return text + kindsText(d.attack) + table(d.limits, u"attacked"_s);
}

QString workText(const WorkFigures &w)
{
    QString text = u"  jobs: %1 recordings of %2 min; "_s.arg(w.recordings).arg(w.minutes);
    if (w.released > 0)
        text += u"%1 converted within %2 s, %3 transcribed, all done for %4 calls within %5 s, %6 jobs skipped, %7 "
                "failed; CPU s: children %8, the world around %9"_s.arg(w.converted)
                    .arg(number(w.convertSeconds))
                    .arg(w.transcribed)
                    .arg(w.callsDone)
                    .arg(number(w.seconds))
                    .arg(w.jobsSkipped)
                    .arg(w.jobsFailed)
                    .arg(number(w.childCpuSeconds), number(w.worldCpuSeconds));
    else
        text += u"held back"_s;
    return text
           + u"\n  the gateway says: gate shut for %1 s, stalls %2, grids begun anew %3, frames dropped %4\n"_s
                 .arg(number(w.gateShutSeconds))
                 .arg(w.ownStalls)
                 .arg(w.ownResyncs)
                 .arg(w.ownFramesDropped);
}

QString workDuelText(const WorkDuel &d)
{
    QStringList ratios;
    for (const double ratio : d.ratios)
        ratios << QString::number(ratio, 'f', 2);
    return table(d.calls, u"with jobs"_s, d.working, d.undisturbed)
           + u"  p99.9 with jobs / undisturbed, each repeat: %1\n"_s.arg(ratios.join(u", "_s))
           + table(d.limits, u"with jobs"_s);
}

} // namespace takt::bench
