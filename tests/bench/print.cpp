// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/report.h"

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

QString ms(double value)
{
    return QString::number(value, 'f', value < 10 ? 2 : 1);
}
QString count(double value)
{
    return QString::number(qint64(value));
}
QString maybe(const std::optional<double> &value)
{
    if (!value)
        return u"-"_s;
    return *value == double(qint64(*value)) ? count(*value) : QString::number(*value, 'f', 2);
}

QString line(const QString &label, const QString &gateway, const QString &floor, const QString &ratio)
{
    return u"  %1%2%3%4\n"_s.arg(label, -40).arg(gateway, 11).arg(floor, 11).arg(ratio, 9);
}

struct Shown {
    const char *label;
    double Figures::*field;
    bool hasRatio;
};
constexpr Shown kShown[] = {
    {"CPU, ms/s/call", &Figures::cpu, true},
    {"|gap - 20 ms| p50, ms", &Figures::gapP50, false},
    {"|gap - 20 ms| p99, ms", &Figures::gapP99, false},
    {"|gap - 20 ms| p99.9, ms", &Figures::gapP999, true},
    {"... plain", &Figures::plainGapP999, false},
    {"silence inside speech, ms/s/call", &Figures::silence, false},
    {"... plain", &Figures::plainSilence, false},
    {"clear after barge-in p50, ms", &Figures::clearP50, true},
    {"clear after barge-in p99, ms", &Figures::clearP99, true},
    {"start to session.update p50, ms", &Figures::startP50, true},
    {"start to session.update p99, ms", &Figures::startP99, true},
    {"... added by the program p50, ms", &Figures::startAddedP50, true},
    {"... added by the program p99, ms", &Figures::startAddedP99, true},
    {"memory before the calls, MB", &Figures::residentBefore, false},
    {"memory at the end, MB", &Figures::residentEnd, true},
    {"memory per call, KB", &Figures::residentPerCall, true},
};

} // namespace

QString programName(Program program)
{
    return program == Program::Floor ? u"floor"_s : u"gateway"_s;
}

QString heading(const load::Machine &machine, const Options &options)
{
    return u"takt-bench on %1 cores, %2, %3\n"_s.arg(machine.cores).arg(machine.processor, machine.kernel)
           + u"gateway: %1\n"_s.arg(options.gateway);
}

QString runText(const RunResult &run, bool barged)
{
    const Figures &f = run.figures;
    const QString program = programName(run.plan.program)
                            + (!run.attack && !run.work ? QString()
                               : !run.plan.disturbed    ? u" undisturbed"_s
                               : run.work               ? u" with jobs"_s
                                                        : u" attacked"_s);
    QString text = u"\n%1, %2 calls, run %3 (%4 s, load before %5)\n"_s.arg(program)
                       .arg(run.plan.calls)
                       .arg(run.plan.number)
                       .arg(f.seconds, 0, 'f', 1)
                       .arg(run.loadBefore, 0, 'f', 2);
    text += u"  calls: %1 alive, %2 silent, %3 failed, %4 dropped; sessions: %5 lost, %6 unpaired%7\n"_s
                .arg(count(f.callsAlive), count(f.callsSilent), count(f.callsFailed), count(f.callsDropped),
                     count(f.sessionsLost), count(f.sessionsUnpaired))
                .arg(f.endedCleanly > 0 ? QString() : u"; did not end cleanly"_s);
    text += u"  frames/s/call: %1, while speaking %2; wrong size %3; to the model: %4 bytes/s in %5 appends\n"_s
                .arg(f.framesPerSecond, 0, 'f', 2)
                .arg(f.framesPerSecondSpeaking, 0, 'f', 3)
                .arg(count(f.wrongSize))
                .arg(f.callerBytes, 0, 'f', 0)
                .arg(f.appends, 0, 'f', 1);
    text += u"  |gap-20ms| ms: p50 %1 p99 %2 p99.9 %3 p99.99 %4 max %5; not measurable %6 of %7 gaps (%8 %)\n"_s
                .arg(ms(f.gapP50), ms(f.gapP99), ms(f.gapP999), ms(f.gapP9999), ms(f.gapMax), count(f.notMeasurable),
                     count(f.gaps))
                .arg(f.gaps > 0 ? 100 * f.notMeasurable / f.gaps : 0, 0, 'f', 2);
    text += u"  gaps > 40 ms %1, stalls > 120 ms %2, bursts < 10 ms %3 (plain: p99.9 %4, stalls %5, bursts %6)\n"_s.arg(
        count(f.late), count(f.stalls), count(f.bursts), ms(f.plainGapP999), count(f.plainStalls),
        count(f.plainBursts));
    text += u"  silence inside speech: %1 ms/s/call (plain %2)\n"_s.arg(ms(f.silence), ms(f.plainSilence));
    if (barged)
        text += u"  barge-ins %1, clears %2, missing %3, not measurable %4; clear ms: p50 %5 p99 %6 max %7; "
                "truncates %8 cancels %9\n"_s.arg(count(f.barges), count(f.clears), count(f.clearsMissing),
                                                  count(f.clearsNotMeasurable), ms(f.clearP50), ms(f.clearP99),
                                                  ms(f.clearMax), count(f.truncates), count(f.cancels));
    text += u"  start to session.update ms: p50 %1 p99 %2 (medians: connect %3, upgrade %4, update %5); "
            "added p50 %6 p99 %7\n"_s.arg(ms(f.startP50), ms(f.startP99), ms(f.startConnectP50), ms(f.startUpgradeP50),
                                          ms(f.startUpdateP50), ms(f.startAddedP50), ms(f.startAddedP99));
    text += u"  CPU %1 ms/s/call (the bench itself %2); memory %3 MB, %4 MB before the calls, %5 KB a call; "
            "stolen by the host %6 ms/s\n"_s.arg(f.cpu, 0, 'f', 3)
                .arg(f.benchCpu, 0, 'f', 2)
                .arg(f.residentEnd, 0, 'f', 1)
                .arg(f.residentBefore, 0, 'f', 1)
                .arg(f.residentPerCall, 0, 'f', 0)
                .arg(f.stolen, 0, 'f', 1);
    if (run.attack)
        text += attackText(*run.attack);
    if (run.work)
        text += workText(*run.work);
    return text;
}

QString comparisonText(const Comparison &c)
{
    QString text = u"\n%1 calls\n"_s.arg(c.calls) + line({}, u"gateway"_s, u"floor"_s, u"ratio"_s);
    for (const Shown &shown : kShown) {
        const double own = c.gateway.*shown.field;
        const std::optional<double> floor = c.floor ? std::optional((*c.floor).*shown.field) : std::nullopt;
        std::optional<double> ratio;
        if (shown.hasRatio && floor && *floor > 0)
            ratio = shown.field == &Figures::cpu ? c.cpuRatio : std::optional(own / *floor);
        text += line(QString::fromLatin1(shown.label), ms(own), floor ? ms(*floor) : u"-"_s,
                     ratio ? QString::number(*ratio, 'f', 2) : QString());
    }
    text += u"\n  %1%2%3  %4\n"_s.arg(u"limit"_s, -34).arg(u"gateway"_s, 9).arg(u"floor"_s, 9).arg(u"wanted"_s, -18);
    for (const Limit &limit : c.limits)
        text += u"  %1%2%3  %4%5\n"_s.arg(limit.name, -34)
                    .arg(maybe(limit.value), 9)
                    .arg(maybe(limit.floor), 9)
                    .arg(limit.wanted, -18)
                    .arg(!limit.judged ? u"not judged"_s
                         : limit.held  ? u"ok"_s
                                       : u"BROKEN"_s);
    return text;
}

} // namespace takt::bench
