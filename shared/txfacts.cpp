// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/txfacts.h"

#include <array>

namespace takt {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Field {
    QLatin1StringView name;
    qint64 TxFacts::*value;
};
constexpr std::array kFields{
    Field{"frames_sent"_L1, &TxFacts::framesSent},
    Field{"frames_silent"_L1, &TxFacts::framesSilent},
    Field{"frames_dropped"_L1, &TxFacts::framesDropped},
    Field{"slots_skipped"_L1, &TxFacts::slotsSkipped},
    Field{"slots_full"_L1, &TxFacts::slotsFull},
    Field{"underruns"_L1, &TxFacts::underruns},
    Field{"unsent_max_bytes"_L1, &TxFacts::unsentMaxBytes},
    Field{"bursts"_L1, &TxFacts::bursts},
    Field{"backlog_max_ms"_L1, &TxFacts::backlogMaxMs},
    Field{"stalls"_L1, &TxFacts::stalls},
    Field{"stalled_ms"_L1, &TxFacts::stalledMs},
    Field{"late_p50_us"_L1, &TxFacts::lateP50Us},
    Field{"late_p99_us"_L1, &TxFacts::lateP99Us},
    Field{"late_p999_us"_L1, &TxFacts::lateP999Us},
    Field{"worst_late_us"_L1, &TxFacts::worstLateUs},
    Field{"worst_gap_us"_L1, &TxFacts::worstGapUs},
    Field{"lead_ms"_L1, &TxFacts::leadMs},
    Field{"lead_max_ms"_L1, &TxFacts::leadMaxMs},
};

} // namespace

QLatin1StringView name(StallCause cause)
{
    switch (cause) {
    case StallCause::WorkerLate: return "worker late"_L1;
    case StallCause::SocketFull: return "socket full"_L1;
    case StallCause::Starved: return "queue starved"_L1;
    }
    return "?"_L1;
}

void TxFacts::addTo(QJsonObject &json) const
{
    for (const Field &field : kFields)
        json.insert(field.name, this->*field.value);
}

void TxFacts::addNewsTo(QJsonObject &json, const TxFacts &before) const
{
    for (const Field &field : kFields) {
        if (this->*field.value != before.*field.value)
            json.insert(field.name, this->*field.value);
    }
}

TxFacts TxFacts::fromJson(const QJsonObject &json)
{
    TxFacts facts;
    for (const Field &field : kFields)
        facts.*field.value = json[field.name].toInteger();
    return facts;
}

} // namespace takt
