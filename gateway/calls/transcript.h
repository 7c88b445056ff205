// SPDX-License-Identifier: GPL-3.0-or-later
// Who said what in one call, as it happens. The model's events about one utterance arrive in pieces, late, and out of
// order between utterances; they are joined by item id, and an utterance keeps the place where it was first seen. Of an
// agent that was interrupted the text is cut where the caller stopped hearing it. Pure; lives in the call worker's thread.
#pragma once

#include "shared/callfacts.h"

#include <QString>

#include <vector>

namespace takt::calls {

class Transcript
{
public:
    struct Turn {
        QString itemId;
        Speaker speaker = Speaker::Caller;
        QString text; // as far as known
        bool textComplete = false;
        bool soundOver = false; // heard to its end or interrupted (agent); spoken (caller)
        bool interrupted = false;
        qint64 generatedMs = 0;
        qint64 heardMs = 0;
        int position = 0;
        bool taken = false; // takeFinished() has given it out

        // What was heard of it: all, or a share of the words by the share of the sound.
        [[nodiscard]] QString heardText() const;
    };

    // An utterance begins; nothing happens when it is known already.
    void begin(const QString &itemId, Speaker speaker);
    void appendText(const QString &itemId, Speaker speaker, const QString &piece);
    // The whole text; replaces the pieces. An empty text keeps them.
    void completeText(const QString &itemId, Speaker speaker, const QString &text);
    void heard(const QString &itemId, qint64 generatedMs);
    void interrupted(const QString &itemId, qint64 generatedMs, qint64 heardMs);

    // Turns that have become complete since the last call; each is given out once.
    [[nodiscard]] std::vector<Turn> takeFinished();
    // The same, and what will never be complete now that the call is over.
    [[nodiscard]] std::vector<Turn> takeRest();

    [[nodiscard]] const std::vector<Turn> &turns() const { return m_turns; }

private:
    Turn &turn(const QString &itemId, Speaker speaker);
    std::vector<Turn> take(bool all);

    std::vector<Turn> m_turns; // by position
};

} // namespace takt::calls
