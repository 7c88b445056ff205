// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/options.h"

#include "load/board.h"
#include "load/program.h"
#include "sim/capacity/watch.h"

#include <QFileInfo>
#include <QUrl>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;
using load::readNumber;

namespace {

QString readGateway(const QCommandLineParser &parser, Options &options)
{
    const QString gateway = parser.value(u"gateway"_s);
    if (gateway.startsWith("ws:"_L1) || gateway.startsWith("wss:"_L1)) {
        const QUrl url(gateway);
        if (url.host() != "127.0.0.1"_L1 && url.host() != "localhost"_L1)
            return u"--gateway: only one on this machine (127.0.0.1) can be measured"_s;
        if (url.port() <= 0 || options.modelPort == 0)
            return u"--gateway URL takes a port, and --model-port where that gateway looks for its model"_s;
        options.url = gateway;
        return {};
    }
    options.gateway = gateway;
    const QFileInfo info(gateway);
    return info.isFile() && info.isExecutable() ? QString() : u"no program at %1"_s.arg(gateway);
}

// "off", "on", "both"
std::vector<bool> choice(const QString &text)
{
    if (text == "both"_L1)
        return {false, true};
    if (text == "on"_L1 || text == "off"_L1)
        return {text == "on"_L1};
    return {};
}

QString readVariants(const QCommandLineParser &parser, Options &options)
{
    const bool all = parser.isSet(u"table"_s);
    const int most = int(allowedCores().size());
    std::vector<int> cores;
    const QString wanted = parser.value(u"cores"_s);
    const QStringList numbers = wanted.isEmpty() && all && most > 1 ? QStringList{u"1"_s, QString::number(most)}
                                                                    : wanted.split(u',', Qt::SkipEmptyParts);
    for (const QString &text : numbers) {
        const int count = text.trimmed().toInt();
        if (count < 1 || count > most)
            return u"--cores takes numbers from 1 to %1, separated by commas"_s.arg(most);
        cores.push_back(count);
    }
    if (cores.empty())
        cores.push_back(0);
    const std::vector<bool> tls = choice(all && !parser.isSet(u"tls"_s) ? u"both"_s : parser.value(u"tls"_s));
    const std::vector<bool> jobs = choice(all && !parser.isSet(u"jobs"_s) ? u"both"_s : parser.value(u"jobs"_s));
    if (tls.empty() || jobs.empty())
        return u"--tls and --jobs take on, off or both"_s;
    options.variants.clear();
    for (const int count : cores) {
        for (const bool withTls : tls) {
            for (const bool withJobs : jobs)
                options.variants.push_back({count, withTls, withJobs});
        }
    }
    const bool isPlain = options.variants == std::vector{Variant()};
    return options.url.isEmpty() || isPlain ? QString()
                                            : u"--cores, --tls and --jobs are for a gateway that is started here"_s;
}

void addOptions(QCommandLineParser &parser)
{
    const QString own = QFileInfo(QFileInfo(u"/proc/self/exe"_s).symLinkTarget()).absolutePath();
    parser.addOptions(
        {{{u"h"_s, u"help"_s}, u"Show this help."_s},
         {u"gateway"_s, u"The gateway's program, or the URL of one that runs, like ws://127.0.0.1:8080/media."_s,
          u"path or URL"_s, own + u"/takt-gateway"_s},
         {u"model-port"_s, u"With a URL: the port where that gateway looks for its model."_s, u"port"_s, u"0"_s},
         {u"pid"_s, u"With a URL: that gateway's process, to see what it uses."_s, u"pid"_s, u"0"_s},
         {u"from"_s, u"Calls to begin with."_s, u"n"_s, u"50"_s},
         {u"step"_s, u"How exactly the number is to be known."_s, u"n"_s, u"25"_s},
         {u"max"_s, u"Calls to end with."_s, u"n"_s, u"2000"_s},
         {u"seconds"_s, u"Measured span of each step."_s, u"s"_s, u"10"_s},
         {u"repeat"_s, u"Measurements of the highest number that held."_s, u"n"_s, u"3"_s},
         {u"barge"_s, u"Mean time between two barge-ins of a caller; 0: none."_s, u"s"_s, u"5"_s},
         {u"p999-ms"_s, u"The beat has slipped when p99.9 of |gap - 20 ms| is above that."_s, u"ms"_s, u"20"_s},
         {u"cores"_s, u"Cores of the gateway; this program takes the others, if there are any. A list: each in turn."_s,
          u"n,n"_s},
         {u"tls"_s, u"Carrier and model by wss: on, off or both in turn."_s, u"on"_s, u"off"_s},
         {u"jobs"_s, u"With the work after calls going on meanwhile: on, off or both in turn."_s, u"on"_s, u"off"_s},
         {u"recordings"_s, u"With jobs: calls before the others that leave a recording each."_s, u"n"_s, u"20"_s},
         {u"minutes"_s, u"With jobs: length of each recording."_s, u"m"_s, u"10"_s},
         {u"table"_s, u"Print a Markdown table; by default of 1 and all cores, with and without TLS and jobs."_s},
         {u"json"_s, u"Print everything as JSON."_s}});
}

} // namespace

Result<Options> readOptions(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"takt-sim capacity: how many calls this machine holds. Raises the load on a "
                                     u"gateway until the beat slips, and\n"
                                     "says which resource ended it. Exit code: 0 a number was found, 1 not even the "
                                     "lowest number held, 2 it could not "
                                     "measure."_s);
    addOptions(parser);
    if (!parser.parse(arguments))
        return Error{parser.errorText()};
    Options options;
    if (parser.isSet(u"help"_s)) {
        options.help = parser.helpText();
        return options;
    }
    options.json = parser.isSet(u"json"_s);
    options.table = parser.isSet(u"table"_s);
    constexpr int kMost = load::signature::kMaxCalls;
    QStringList problems{readNumber(parser, u"model-port"_s, 0, 65'535, options.modelPort),
                         readNumber(parser, u"pid"_s, 0, 1'000'000'000, options.pid),
                         readNumber(parser, u"from"_s, 1, kMost, options.range.from),
                         readNumber(parser, u"step"_s, 1, kMost, options.range.step),
                         readNumber(parser, u"max"_s, 1, kMost, options.range.most),
                         readNumber(parser, u"repeat"_s, 1, 100, options.range.repeat),
                         readNumber(parser, u"seconds"_s, 1, 3600, options.seconds),
                         readNumber(parser, u"barge"_s, 0, 3600, options.barge),
                         readNumber(parser, u"p999-ms"_s, 0.001, 1000, options.limits.p999Ms),
                         readNumber(parser, u"recordings"_s, 1, 1000, options.recordings),
                         readNumber(parser, u"minutes"_s, 0.01, 600, options.minutes),
                         readGateway(parser, options),
                         readVariants(parser, options)};
    if (!parser.positionalArguments().isEmpty())
        problems << u"unexpected argument: "_s + parser.positionalArguments().constFirst();
    problems.removeAll(QString());
    if (!problems.isEmpty())
        return Error{problems.join(u'\n')};
    return options;
}

} // namespace takt::capacity
