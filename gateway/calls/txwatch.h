// SPDX-License-Identifier: GPL-3.0-or-later
// Watches one call's beat from outside the TX thread, and says in the log what an operator must know of it: TX_STALL,
// TX_QUALITY, and with DEBUG_TX=1 the figures behind them. Lives in the call worker's thread.
#pragma once

#include "media/callmedia.h"
#include "media/stallobserver.h"
#include "media/txquality.h"
#include "shared/txfacts.h"

#include <QString>

#include <optional>

namespace takt::calls {

class TxWatch
{
public:
    TxWatch(const QString &callSid, media::CallMediaPtr media);

    using Stall = media::StallObserver::Event;

    // Several times within 120 ms. The stall that is over now, if there is one.
    std::optional<Stall> onTick(qint64 nowNs);
    // The call is over, and with it a stall that was not.
    std::optional<Stall> onEnd(qint64 nowNs);
    // For people.
    [[nodiscard]] static QString text(const Stall &stall);
    [[nodiscard]] TxFacts facts() const;

private:
    [[nodiscard]] media::StallObserver::Look look(qint64 nowNs) const;
    std::optional<Stall> tell(const std::optional<Stall> &event, qint64 nowNs);
    void onSecond(qint64 nowNs);

    const QString m_callSid;
    const media::CallMediaPtr m_media;
    media::StallObserver m_stalls;
    media::TxQuality m_quality;
    // Of stalls that the lane did not see: they did not end with anything that it did.
    qint64 m_unseenStalls = 0;
    qint64 m_unseenNs = 0;
    qint64 m_unseenWorstNs = 0;
    qint64 m_secondNs = 0;   // when the current one began
    qint64 m_sentBefore = 0; // frames, until then
    qint64 m_degradedSinceNs = 0;
    int m_seconds = 0;
};

} // namespace takt::calls
