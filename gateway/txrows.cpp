// SPDX-License-Identifier: GPL-3.0-or-later
#include "txrows.h"

#include <algorithm>
#include <tuple>

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonObject facts(const TxFacts &tx)
{
    return {{"frames"_L1, tx.framesSent},
            {"underruns"_L1, tx.underruns},
            {"bursts"_L1, tx.bursts},
            {"stalls"_L1, tx.stalls},
            {"stalled_ms"_L1, tx.stalledMs},
            {"dropped"_L1, tx.framesDropped},
            {"socket_full"_L1, tx.slotsFull},
            {"lead_ms"_L1, tx.leadMs},
            {"silent"_L1, tx.framesSilent},
            {"skipped"_L1, tx.slotsSkipped},
            {"backlog_max_ms"_L1, tx.backlogMaxMs},
            {"unsent_max_bytes"_L1, tx.unsentMaxBytes}};
}

QJsonObject rowOf(const CallSnapshot &call)
{
    QJsonObject row = facts(call.tx);
    row.insert("span"_L1, "call"_L1);
    row.insert("call_sid"_L1, call.callSid);
    row.insert("number"_L1, call.direction == "outbound"_L1 ? call.to : call.from);
    row.insert("worker"_L1, call.txWorker);
    row.insert("p50_us"_L1, call.tx.lateP50Us);
    row.insert("p99_us"_L1, call.tx.lateP99Us);
    row.insert("p999_us"_L1, call.tx.lateP999Us);
    row.insert("max_us"_L1, call.tx.worstLateUs);
    row.insert("slots"_L1, call.tx.framesSent + call.tx.framesSilent + call.tx.slotsSkipped + call.tx.slotsFull);
    row.insert("worst_gap_us"_L1, call.tx.worstGapUs);
    return row;
}

// The worst call has the greatest.
auto faults(const CallSnapshot &call)
{
    const TxFacts &tx = call.tx;
    return std::tuple(tx.stalls, tx.framesDropped, tx.bursts + tx.underruns, tx.worstLateUs, call.callSid);
}

} // namespace

void addBeatOfCalls(QHash<QString, QJsonObject> &rows, QList<CallSnapshot> calls)
{
    QHash<int, TxFacts> workers;
    QHash<int, int> count;
    for (const CallSnapshot &call : std::as_const(calls)) {
        TxFacts &sum = workers[call.txWorker];
        ++count[call.txWorker];
        sum.framesSent += call.tx.framesSent;
        sum.underruns += call.tx.underruns;
        sum.bursts += call.tx.bursts;
        sum.stalls += call.tx.stalls;
        sum.stalledMs += call.tx.stalledMs;
        sum.framesDropped += call.tx.framesDropped;
        sum.slotsFull += call.tx.slotsFull;
        sum.leadMs = std::max(sum.leadMs, call.tx.leadMs);
        sum.framesSilent += call.tx.framesSilent;
        sum.slotsSkipped += call.tx.slotsSkipped;
        sum.backlogMaxMs = std::max(sum.backlogMaxMs, call.tx.backlogMaxMs);
        sum.unsentMaxBytes = std::max(sum.unsentMaxBytes, call.tx.unsentMaxBytes);
    }
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        if ((*row)["span"_L1].toString() != "worker"_L1)
            continue;
        const int worker = (*row)["worker"_L1].toInt();
        const QJsonObject sum = facts(workers.value(worker));
        for (auto fact = sum.begin(); fact != sum.end(); ++fact)
            row->insert(fact.key(), fact.value());
        row->insert("calls"_L1, count.value(worker));
    }
    std::sort(calls.begin(), calls.end(), [](const auto &a, const auto &b) { return faults(a) > faults(b); });
    if (calls.size() > kBeatCallsShown)
        calls.resize(kBeatCallsShown);
    for (const CallSnapshot &call : std::as_const(calls))
        rows.insert(u"call/"_s + call.callSid, rowOf(call));
}

} // namespace takt
