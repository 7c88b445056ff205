// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/transcript.h"

#include <algorithm>

namespace takt::calls {

QString Transcript::Turn::heardText() const
{
    if (!interrupted || generatedMs <= 0 || heardMs >= generatedMs)
        return text;
    const qsizetype share = text.size() * heardMs / generatedMs;
    if (share >= text.size())
        return text;
    // Not in the middle of a word: it was heard only when its end was.
    const qsizetype space = text.lastIndexOf(u' ', share);
    return space <= 0 ? QString() : text.first(space);
}

void Transcript::begin(const QString &itemId, Speaker speaker)
{
    turn(itemId, speaker);
}

void Transcript::appendText(const QString &itemId, Speaker speaker, const QString &piece)
{
    Turn &t = turn(itemId, speaker);
    if (!t.textComplete)
        t.text += piece;
}

void Transcript::completeText(const QString &itemId, Speaker speaker, const QString &text)
{
    Turn &t = turn(itemId, speaker);
    if (!text.isEmpty())
        t.text = text;
    t.textComplete = true;
    if (speaker == Speaker::Caller)
        t.soundOver = true;
}

void Transcript::heard(const QString &itemId, qint64 generatedMs)
{
    Turn &t = turn(itemId, Speaker::Agent);
    t.soundOver = true;
    t.generatedMs = t.heardMs = generatedMs;
}

void Transcript::interrupted(const QString &itemId, qint64 generatedMs, qint64 heardMs)
{
    Turn &t = turn(itemId, Speaker::Agent);
    t.soundOver = t.interrupted = true;
    t.generatedMs = generatedMs;
    t.heardMs = heardMs;
}

std::vector<Transcript::Turn> Transcript::takeFinished()
{
    return take(false);
}

std::vector<Transcript::Turn> Transcript::takeRest()
{
    return take(true);
}

std::vector<Transcript::Turn> Transcript::take(bool all)
{
    std::vector<Turn> taken;
    for (Turn &t : m_turns) {
        if (t.taken || (!all && !(t.textComplete && t.soundOver)))
            continue;
        t.taken = true;
        if (t.speaker == Speaker::Agent && !t.soundOver)
            t.text.clear(); // written, and never spoken
        taken.push_back(t);
    }
    return taken;
}

Transcript::Turn &Transcript::turn(const QString &itemId, Speaker speaker)
{
    // From the end: what happens, happens to one of the last utterances.
    const auto it = std::find_if(m_turns.rbegin(), m_turns.rend(), [&](const Turn &t) { return t.itemId == itemId; });
    if (it != m_turns.rend())
        return *it;
    Turn t;
    t.itemId = itemId;
    t.speaker = speaker;
    t.position = int(m_turns.size());
    m_turns.push_back(t);
    return m_turns.back();
}

} // namespace takt::calls
