// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/leadcomparison.h"
#include "bench/stallplan.h"

#include <QJsonArray>
#include <QStringList>

namespace takt::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

QString number(double value)
{
    return QString::number(value, 'f', value < 10 && value != double(qint64(value)) ? 1 : 0);
}

QString nameOf(std::size_t phase)
{
    return QString::fromLatin1(kStallPhases[phase].name);
}

QString nameOf(const LeadResult &setting)
{
    return setting.lead == "0"_L1 ? u"0 (strict)"_s : setting.lead;
}

// The columns are the settings.
class Table
{
public:
    explicit Table(const std::vector<LeadResult> &settings)
        : m_settings(settings)
    {
        QStringList head{QString()};
        for (const LeadResult &setting : settings)
            head << nameOf(setting);
        add(head);
        m_text += u"|---"_s.repeated(head.size()) + u"|\n"_s;
    }
    template <typename Cell>
    void row(const QString &label, Cell cell)
    {
        QStringList cells{label};
        for (const LeadResult &setting : m_settings)
            cells << cell(setting);
        add(cells);
    }
    [[nodiscard]] const QString &text() const { return m_text; }

private:
    void add(const QStringList &cells) { m_text += u"| "_s + cells.join(u" | "_s) + u" |\n"_s; }

    const std::vector<LeadResult> &m_settings;
    QString m_text;
};

QJsonObject phasesJson(const LeadResult &result)
{
    QJsonObject phases;
    for (std::size_t i = 0; i < result.phases.size(); ++i) {
        QJsonObject phase;
        for (const LeadField &field : kLeadFields)
            phase[QString::fromLatin1(field.name)] = result.phases[i].*field.field;
        phases[nameOf(i)] = phase;
    }
    return phases;
}

QJsonObject resultJson(const LeadResult &result)
{
    QJsonArray cushion;
    for (const double ms : result.cushionMs)
        cushion.append(ms);
    return {{u"lead_ms"_s, result.lead},       {u"calls"_s, result.calls},
            {u"run"_s, result.number},         {u"calls_lost"_s, result.callsLost},
            {u"bursts"_s, result.bursts},      {u"stolen_ms_per_second"_s, result.stolen},
            {u"phases"_s, phasesJson(result)}, {u"cushion_ms_by_second"_s, cushion}};
}

} // namespace

QString leadRunText(const LeadResult &result)
{
    QString text = u"\nlead %1, %2 calls, run %3: %4 calls lost, %5 bursts, stolen by the host %6 ms/s\n"_s
                       .arg(result.lead)
                       .arg(result.calls)
                       .arg(result.number)
                       .arg(result.callsLost)
                       .arg(result.bursts)
                       .arg(result.stolen, 0, 'f', 1);
    for (std::size_t i = 0; i < result.phases.size(); ++i) {
        const LeadPhaseFigures &f = result.phases[i];
        text +=
            u"  %1 stalls %2 (%3 ms): silent %4 ms/min, gaps %5/min, longest %6 ms; barge-ins %7: ahead p50 %8 p95 %9, "_s
                .arg(nameOf(i), -11)
                .arg(f.stalls)
                .arg(number(f.stalledMs), number(f.silence), number(f.gaps), number(f.longest))
                .arg(f.bargeIns)
                .arg(number(f.aheadP50), number(f.aheadP95));
        text += u"left p50 %1 p95 %2 ms; cushion first %3 most %4 last %5 ms\n"_s.arg(
            number(f.leftP50), number(f.leftP95), number(f.cushionFirst), number(f.cushionMost), number(f.cushionLast));
    }
    return text;
}

QString leadTable(const LeadComparison &comparison)
{
    Table table(comparison.settings);
    const auto each = [&](const QString &label, double LeadPhaseFigures::*field) {
        for (std::size_t i = 0; i < kStallPhases.size(); ++i)
            table.row(label + u": "_s + nameOf(i),
                      [&](const LeadResult &setting) -> QString { return number(setting.phases[i].*field); });
    };
    each(u"silence heard, ms per minute of speech"_s, &LeadPhaseFigures::silence);
    each(u"gaps heard (>= 10 ms) per minute of speech"_s, &LeadPhaseFigures::gaps);
    for (std::size_t i = 0; i < kStallPhases.size(); ++i)
        table.row(u"audio sent ahead at a barge-in, p50 / p95, ms: "_s + nameOf(i),
                  [&](const LeadResult &setting) -> QString {
                      return number(setting.phases[i].aheadP50) + u" / "_s + number(setting.phases[i].aheadP95);
                  });
    for (std::size_t i = 0; i < kStallPhases.size(); ++i)
        table.row(u"... left when `clear` came: "_s + nameOf(i), [&](const LeadResult &setting) -> QString {
            return number(setting.phases[i].leftP50) + u" / "_s + number(setting.phases[i].leftP95);
        });
    for (std::size_t i = 0; i < kStallPhases.size(); ++i)
        table.row(
            u"cushion, first / most / last second, ms: "_s + nameOf(i), [&](const LeadResult &setting) -> QString {
                const LeadPhaseFigures &f = setting.phases[i];
                return number(f.cushionFirst) + u" / "_s + number(f.cushionMost) + u" / "_s + number(f.cushionLast);
            });
    return table.text();
}

QString leadText(const LeadComparison &comparison)
{
    QString text = u"\n%1 calls each, medians of %2 runs\n\n"_s.arg(comparison.calls).arg(comparison.repeats)
                   + leadTable(comparison);
    text += u"\n  %1%2%3  %4\n"_s.arg(u"limit"_s, -42).arg(u"value"_s, 9).arg(u"strict"_s, 9).arg(u"wanted"_s, -12);
    for (const Limit &limit : comparison.limits)
        text += u"  %1%2%3  %4%5\n"_s.arg(limit.name, -42)
                    .arg(number(*limit.value), 9)
                    .arg(limit.floor ? number(*limit.floor) : QString(), 9)
                    .arg(limit.wanted, -12)
                    .arg(limit.held ? u"ok"_s : u"BROKEN"_s);
    return text;
}

QJsonObject leadJson(const LeadComparison &comparison, const std::vector<LeadResult> &runs)
{
    QJsonArray each;
    QJsonArray medians;
    QJsonArray limits;
    for (const LeadResult &run : runs) {
        if (run.calls == comparison.calls)
            each.append(resultJson(run));
    }
    for (const LeadResult &setting : comparison.settings)
        medians.append(resultJson(setting));
    for (const Limit &limit : comparison.limits)
        limits.append(QJsonObject{{u"name"_s, limit.name},
                                  {u"wanted"_s, limit.wanted},
                                  {u"value"_s, *limit.value},
                                  {u"verdict"_s, limit.held ? u"ok"_s : u"BROKEN"_s}});
    return {{u"calls"_s, comparison.calls},
            {u"runs"_s, each},
            {u"medians"_s, medians},
            {u"limits"_s, limits},
            {u"held"_s, comparison.held()}};
}

} // namespace takt::bench
