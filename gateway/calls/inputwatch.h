// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the model's sense of the caller's time: the server's voice detection can only end a turn when audio goes on
// arriving. If the carrier falls silent (no media at all) while the model believes that the caller speaks, a second of
// silence is put in; what the carrier's own time stamps later show as missing is reduced by that. Pure, told the time;
// lives in the call worker's thread.
#pragma once

#include <QtGlobal>

#include <algorithm>

namespace takt::calls {

class InputWatch
{
public:
    static constexpr qint64 kPatienceNs = 750'000'000;
    static constexpr int kFillMs = 1000;

    void onAudio(qint64 nowNs) { m_lastNs = nowNs; }
    void onSpeech(bool speaking) { m_speaking = speaking; }

    [[nodiscard]] bool speaking() const { return m_speaking; }

    // Milliseconds of silence to append now.
    [[nodiscard]] int onTick(qint64 nowNs)
    {
        if (!m_speaking || m_lastNs == 0 || nowNs - m_lastNs < kPatienceNs)
            return 0;
        m_lastNs = nowNs;
        m_filledMs += kFillMs;
        return kFillMs;
    }
    // How much of a hole of padMs, now known from time stamps, is still to be filled.
    [[nodiscard]] int onHole(int padMs)
    {
        const int already = std::min(padMs, m_filledMs);
        m_filledMs = 0;
        return padMs - already;
    }

private:
    qint64 m_lastNs = 0;
    int m_filledMs = 0;
    bool m_speaking = false;
};

} // namespace takt::calls
