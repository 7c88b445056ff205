// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/capacity/capacity.h"

#include "load/program.h"
#include "sim/capacity/report.h"

#include <cstdio>

namespace takt::capacity {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kFound = 0;
constexpr int kNotEvenOne = 1;
constexpr int kCannotMeasure = 2;

int fail(const QString &why)
{
    std::fprintf(stderr, "takt-sim: %s\n", qPrintable(why));
    return kCannotMeasure;
}

// For people; standard output is theirs unless it is a program's.
void tell(const Options &options, const QString &text)
{
    FILE *stream = options.json || options.table ? stderr : stdout;
    std::fputs(qUtf8Printable(text), stream);
    std::fflush(stream);
}

QString search(const Options &options, const Variant &variant, const std::atomic<bool> &interrupted, Found &found)
{
    CapacitySearch search(options.range);
    found.variant = variant;
    while (const auto calls = search.next()) {
        LevelAttempt attempt = measure(options, variant, *calls, interrupted);
        if (!attempt.error.isEmpty())
            return u"%1, %2 calls: %3"_s.arg(variantText(variant)).arg(*calls).arg(attempt.error);
        tell(options, levelText(attempt.level));
        search.tell(attempt.level.held());
        found.levels.push_back(std::move(attempt.level));
    }
    found.held = search.held();
    found.slipped = search.slipped();
    return {};
}

} // namespace

int runCapacity(const QStringList &arguments)
{
    const auto options = readOptions(arguments);
    if (!options)
        return fail(options.error());
    if (!options->help.isEmpty()) {
        std::fputs(qUtf8Printable(options->help), stdout);
        return kFound;
    }
    const std::atomic<bool> &interrupted = load::catchInterrupts();
    load::raiseDescriptorLimit();
    const load::Machine machine = load::thisMachine();
    tell(*options, u"%1 cores, %2, %3\n"_s.arg(machine.cores).arg(machine.processor, machine.kernel));
    std::vector<Found> all;
    QString error;
    for (const Variant &variant : options->variants) {
        tell(*options, variantText(variant) + u'\n');
        Found found;
        error = search(*options, variant, interrupted, found);
        if (!error.isEmpty())
            break; // what was found before is worth having
        tell(*options, foundText(found));
        all.push_back(std::move(found));
    }
    const QByteArray result = options->json    ? toJson(all, machine, *options)
                              : options->table ? table(all, machine, *options).toUtf8()
                                               : QByteArray();
    std::fputs(result.constData(), stdout);
    if (!error.isEmpty())
        return fail(error);
    const bool some = std::all_of(all.begin(), all.end(), [](const Found &found) { return found.held > 0; });
    return some ? kFound : kNotEvenOne;
}

} // namespace takt::capacity
