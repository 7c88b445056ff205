// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/leadrun.h"

#include "bench/hearing.h"
#include "bench/staller.h"
#include "load/machine.h"
#include "load/stage.h"

namespace takt::bench {

using namespace load;
using namespace Qt::Literals::StringLiterals;
using sim::Nanos;
using sim::kMillisecond;

namespace {

constexpr Nanos kApart =
    370 * kMillisecond; // the settings begin one after the other: no stall of one meets that of another

double quantile(std::vector<double> values, double p)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, std::size_t(p * double(values.size())))];
}

// One setting. Lives in its own thread.
class LeadRun
{
public:
    LeadRun(const Options &options, int calls, int number, const QString &lead, const std::atomic<bool> &interrupted)
        : m_options(options)
        , m_seed(options.seed + quint64(number - 1))
        , m_stage({calls, options.barge, options.aligned, true, false, {}}, interrupted)
    {
        m_result.lead = lead;
        m_result.calls = calls;
        m_result.number = number;
    }

    QString measure()
    {
        QString error = startGateway();
        if (error.isEmpty())
            error = m_stage.openCalls();
        if (error.isEmpty())
            error = watch();
        m_stage.finish();
        if (!error.isEmpty())
            return error + m_stage.lastWords();
        settle();
        return {};
    }
    [[nodiscard]] const LeadResult &result() const { return m_result; }

private:
    QString startGateway()
    {
        if (QString error = m_stage.prepare(); !error.isEmpty())
            return error;
        Child::Environment environment = m_stage.gatewayEnvironment();
        environment.emplace_back("TAKT_ADMISSION_MAX_LATE_MS", "0");
        environment.emplace_back("TAKT_TX_LEAD_MS", m_result.lead.toStdString());
        return m_stage.launch({m_options.gateway.toStdString(), "--insecure"}, environment);
    }

    QString watch()
    {
        const double stolen = stolenSeconds();
        m_begin = sim::monotonicNs();
        const Nanos end = m_begin + phaseBegin(kStallPhases.size());
        m_stage.board().measuring = true;
        Staller staller(m_stage.child(), stallPlan(m_seed), m_begin);
        const bool whole = m_stage.waitFor(end - m_begin + 5 * sim::kSecond, [&] { return sim::monotonicNs() >= end; });
        m_stalls = staller.stop();
        m_stage.board().measuring = false;
        m_result.stolen = 1000 * (stolenSeconds() - stolen) / (sim::toMs(end - m_begin) / 1000);
        return whole ? QString() : u"the gateway ended while it was measured"_s;
    }

    void settle()
    {
        const CarrierFigures &carrier = m_stage.carrier();
        m_result.bursts = double(carrier.arrivals.bursts);
        m_result.callsLost = double(m_stage.board().callsFailed + carrier.dropped + carrier.silent);
        const int seconds = int(phaseBegin(kStallPhases.size()) / sim::kSecond);
        m_result.cushionMs = cushionMsBySecond(m_stage.traces(), m_begin, seconds);
        for (std::size_t i = 0; i < kStallPhases.size(); ++i)
            m_result.phases.push_back(phase(i));
    }

    [[nodiscard]] LeadPhaseFigures phase(std::size_t i) const
    {
        const Nanos from = phaseBegin(i);
        const Nanos to = phaseBegin(i + 1);
        const Hearing hearing = hear(m_stage.traces(), m_begin + from, m_begin + to);
        LeadPhaseFigures f;
        f.speechSeconds = hearing.speechSeconds;
        f.silence = hearing.silentMsPerMinute();
        f.gaps = hearing.gapsPerMinute();
        f.longest = hearing.longestMs;
        f.bargeIns = double(hearing.leftMs.size());
        f.aheadP50 = quantile(hearing.aheadMs, 0.5);
        f.aheadP95 = quantile(hearing.aheadMs, 0.95);
        f.leftP50 = quantile(hearing.leftMs, 0.5);
        f.leftP95 = quantile(hearing.leftMs, 0.95);
        for (const Stall &stall : m_stalls) {
            if (stall.at < m_begin + from || stall.at >= m_begin + to)
                continue;
            ++f.stalls;
            f.stalledMs += sim::toMs(stall.length);
        }
        const auto first = m_result.cushionMs.begin() + from / sim::kSecond;
        const auto end = m_result.cushionMs.begin() + to / sim::kSecond;
        f.cushionFirst = *first;
        f.cushionMost = *std::max_element(first, end);
        f.cushionLast = *(end - 1);
        return f;
    }

    const Options &m_options;
    const quint64 m_seed;
    Stage m_stage;
    LeadResult m_result;
    Nanos m_begin = 0;
    std::vector<Stall> m_stalls; // that were made
};

} // namespace

LeadAttempt runLeads(const Options &options, int calls, int number, const std::atomic<bool> &interrupted)
{
    const std::size_t count = std::size_t(options.leads.size());
    LeadAttempt attempt;
    attempt.results.resize(count);
    std::vector<QString> errors(count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            std::this_thread::sleep_for(std::chrono::nanoseconds(Nanos(i) * kApart));
            LeadRun run(options, calls, number, options.leads[qsizetype(i)], interrupted);
            errors[i] = run.measure();
            attempt.results[i] = run.result();
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    for (std::size_t i = 0; i < count && attempt.error.isEmpty(); ++i) {
        if (!errors[i].isEmpty())
            attempt.error = u"lead %1: %2"_s.arg(options.leads[qsizetype(i)], errors[i]);
    }
    if (interrupted)
        attempt.error = u"interrupted"_s;
    return attempt;
}

} // namespace takt::bench
