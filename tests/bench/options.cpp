// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/options.h"

#include "load/board.h"
#include "load/program.h"

#include <QFileInfo>

namespace takt::bench {

using namespace load;

using namespace Qt::Literals::StringLiterals;

namespace {

QString readCalls(const QString &text, Options &options)
{
    options.calls.clear();
    const QStringList parts = text.split(u',');
    for (const QString &part : parts) {
        bool ok = false;
        const int count = part.trimmed().toInt(&ok);
        if (!ok || count < 1 || count > signature::kMaxCalls)
            return u"--calls takes numbers from 1 to %1, separated by commas"_s.arg(signature::kMaxCalls);
        options.calls.push_back(count);
    }
    return {};
}

QString missing(const QString &program)
{
    const QFileInfo info(program);
    return info.isFile() && info.isExecutable() ? QString() : u"no program at %1"_s.arg(program);
}

// Programs of one build lie next to each other.
QString besides(const QString &ownPath, const QString &name)
{
    return QFileInfo(ownPath).absolutePath() + u'/' + name;
}

QString callsOf(const QCommandLineParser &parser, const Options &options)
{
    if (parser.isSet(u"calls"_s) || !(options.jobs || options.lead))
        return parser.value(u"calls"_s);
    return options.jobs ? u"200"_s : u"20"_s;
}

// An error text, or nothing.
QString readOptions(const QCommandLineParser &parser, const QString &ownPath, Options &options)
{
    options.gateway = parser.value(u"gateway"_s);
    options.floor = besides(ownPath, u"takt-bench-floor"_s);
    options.sim = besides(ownPath, u"takt-sim"_s);
    options.attack = parser.isSet(u"attack"_s);
    options.withSignatures = parser.isSet(u"signed"_s);
    options.jobs = parser.isSet(u"jobs"_s);
    options.withFloor = !parser.isSet(u"no-floor"_s) && !options.attack && !options.jobs;
    options.aligned = parser.isSet(u"aligned"_s);
    options.json = parser.value(u"json"_s);
    options.lead = parser.isSet(u"lead"_s);
    options.leads = parser.value(u"leads"_s).split(u',', Qt::SkipEmptyParts);
    options.withFloor = options.withFloor && !options.lead;
    QStringList problems{readCalls(callsOf(parser, options), options),
                         readNumber(parser, u"seed"_s, 0, quint64(1) << 53, options.seed),
                         readNumber(parser, u"seconds"_s, 1, 3600, options.seconds),
                         readNumber(parser, u"repeat"_s, 1, 1000, options.repeat),
                         readNumber(parser, u"barge"_s, 0, 3600, options.barge),
                         readNumber(parser, u"attack-rate"_s, 1, 20'000, options.attackRate),
                         readNumber(parser, u"recordings"_s, 1, 10'000, options.recordings),
                         readNumber(parser, u"minutes"_s, 0.01, 600, options.minutes),
                         readNumber(parser, u"jobs-seconds"_s, 1, 36'000, options.jobsSeconds),
                         missing(options.gateway),
                         options.withFloor ? missing(options.floor) : QString(),
                         options.jobs ? missing(options.sim) : QString()};
    if (options.barge > 0 && options.barge < 2)
        problems << u"--barge takes at least 2 seconds: the answer takes 0.6 s"_s;
    if (parser.isSet(u"floor"_s) && parser.isSet(u"no-floor"_s))
        problems << u"--floor or --no-floor, not both"_s;
    if ((options.attack || options.jobs || options.lead) && parser.isSet(u"floor"_s))
        problems << u"--attack, --jobs and --lead compare the gateway with itself: no --floor"_s;
    if (int(options.attack) + int(options.jobs) + int(options.lead) > 1)
        problems << u"one of --attack, --jobs and --lead"_s;
    if (!parser.positionalArguments().isEmpty())
        problems << u"unknown argument "_s + parser.positionalArguments().constFirst();
    problems.removeAll(QString());
    return problems.join(u'\n');
}

} // namespace

QString Options::command(int callCount) const
{
    QString text = u"takt-bench --gateway %1 --calls %2 --seconds %3 --repeat %4 --barge %5"_s.arg(gateway)
                       .arg(callCount)
                       .arg(seconds)
                       .arg(repeat)
                       .arg(barge);
    if (lead)
        text += u" --lead --leads %1 --seed %2"_s.arg(leads.join(u',')).arg(seed);
    if (!withFloor && !attack && !jobs && !lead)
        text += u" --no-floor"_s;
    if (aligned)
        text += u" --aligned"_s;
    if (attack)
        text += u" --attack --attack-rate %1"_s.arg(attackRate);
    if (jobs)
        text +=
            u" --jobs --recordings %1 --minutes %2 --jobs-seconds %3"_s.arg(recordings).arg(minutes).arg(jobsSeconds);
    if (withSignatures)
        text += u" --signed"_s;
    return text;
}

ParsedOptions parseOptions(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Measures a media gateway from outside: calls it as a carrier does, and is the speech model behind it.\n"
        "Exit code: 0 all limits hold, 1 a limit is broken, 2 it could not measure."_s);
    const QCommandLineOption help(QStringList{u"h"_s, u"help"_s}, u"Show this help."_s);
    const QCommandLineOption noFloor(u"no-floor"_s, u"Measure the gateway only; ratios are not judged then."_s);
    const QCommandLineOption withFloor(u"floor"_s,
                                       u"Measure the floor before each run of the gateway (the default)."_s);
    const QCommandLineOption aligned(u"aligned"_s, u"All callers speak in step, instead of spread over 20 ms."_s);
    const QCommandLineOption attack(u"attack"_s, u"The gateway undisturbed, and under abuse of its public port."_s);
    const QCommandLineOption withSignatures(u"signed"_s,
                                            u"The gateway wants the carrier's signature, as in service."_s);
    const QString own = QFileInfo(u"/proc/self/exe"_s).symLinkTarget();
    parser.addOptions(
        {help,
         {u"gateway"_s, u"The program to measure."_s, u"path"_s, besides(own, u"takt-gateway"_s)},
         {u"calls"_s, u"How many calls; one measurement for each count."_s, u"n,n"_s, u"100,300"_s},
         {u"seconds"_s, u"Measured span of a run."_s, u"s"_s, u"15"_s},
         {u"repeat"_s, u"Runs of each count."_s, u"n"_s, u"1"_s},
         {u"barge"_s, u"Mean time between two barge-ins of a caller; 0: none."_s, u"s"_s, u"5"_s},
         withFloor,
         noFloor,
         aligned,
         attack,
         {u"attack-rate"_s, u"With --attack: new connections a second, of all kinds."_s, u"n"_s, u"500"_s},
         withSignatures,
         {u"jobs"_s, u"The gateway with the work after calls held back, and doing it. Counts 200 calls by default."_s},
         {u"recordings"_s, u"With --jobs: calls of the past that have a recording each."_s, u"n"_s, u"20"_s},
         {u"minutes"_s, u"With --jobs: length of each recording."_s, u"m"_s, u"10"_s},
         {u"jobs-seconds"_s, u"With --jobs: the span ends with the work, and after so long in any case."_s, u"s"_s,
          u"900"_s},
         {u"lead"_s,
          u"Settings of tx.lead_ms next to each other while the gateway is made to stand still. Counts 20 calls by default."_s},
         {u"leads"_s, u"With --lead: the settings."_s, u"ms,ms"_s, u"0,60,120,auto"_s},
         {u"seed"_s, u"With --lead: of the stalls in the first run; the next run has the next one."_s, u"n"_s, u"1"_s},
         {u"json"_s, u"Write all figures as JSON to a file, or with - to standard output."_s, u"file"_s}});
    ParsedOptions parsed;
    if (!parser.parse(arguments)) {
        parsed.error = parser.errorText();
        return parsed;
    }
    if (parser.isSet(help)) {
        parsed.help = parser.helpText();
        return parsed;
    }
    parsed.error = readOptions(parser, own, parsed.options);
    return parsed;
}

} // namespace takt::bench
