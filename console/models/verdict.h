// SPDX-License-Identifier: GPL-3.0-or-later
// How things are, in one sentence: the worst that an operator should know of. Pure; lives in the GUI's thread.
#pragma once

#include "console/models/topicmodel.h"
#include "console/models/txmodel.h"
#include "shared/gatewaysnapshot.h"

#include <QCoreApplication>

namespace takt::console {

struct Verdict {
    Tone tone = Tone::Muted;
    QString title;
    QString detail;

    friend bool operator==(const Verdict &, const Verdict &) = default;
};

class Judge
{
    Q_DECLARE_TR_FUNCTIONS(Judge)
public:
    // `minute`: seconds of the last minute, the oldest first.
    [[nodiscard]] static Verdict judge(const QList<TxPoint> &minute, const GatewaySnapshot &gateway, int liveCalls,
                                       qint64 nowMs);

private:
    [[nodiscard]] static Verdict ofTheBeat(const QList<TxPoint> &minute);
};

} // namespace takt::console
