// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ledger.h"

#include <algorithm>
#include <charconv>

namespace takt::media {

namespace {

constexpr qint64 kMarkEveryMs = 1000;

// Reads digits up to `end` (or the end of the text); moves `at` behind them and the separator.
template <typename T>
bool readNumber(const char *&at, const char *end, char separator, T &value)
{
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || next == at)
        return false;
    if (separator == '\0') {
        at = next;
        return next == end;
    }
    if (next == end || *next != separator)
        return false;
    at = next + 1;
    return true;
}

} // namespace

QByteArray toName(const MarkPoint &mark)
{
    return "g" + QByteArray::number(mark.generation) + ':' + QByteArray::number(mark.item) + ':'
           + QByteArray::number(mark.positionMs);
}

std::optional<MarkPoint> parseMark(QByteArrayView name)
{
    if (!name.startsWith('g'))
        return std::nullopt;
    MarkPoint mark;
    const char *at = name.data() + 1;
    const char *end = name.data() + name.size();
    if (readNumber(at, end, ':', mark.generation) && readNumber(at, end, ':', mark.item)
        && readNumber(at, end, '\0', mark.positionMs) && mark.positionMs >= 0)
        return mark;
    return std::nullopt;
}

std::optional<qint64> PlaybackLedger::sent(ItemNumber number, qint64 nowNs)
{
    Item &item = find(number, nowNs);
    m_playEndNs = std::max(nowNs, m_playEndNs) + kFrameNs;
    item.playEndNs = m_playEndNs;
    const qint64 positionMs = qint64(++item.sentFrames) * kFrameMs;
    if (item.lastMarkMs >= 0 && positionMs - item.lastMarkMs < kMarkEveryMs)
        return std::nullopt;
    item.lastMarkMs = positionMs;
    return positionMs;
}

std::optional<qint64> PlaybackLedger::ended(ItemNumber number)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(), [=](const Item &i) { return i.number == number; });
    if (it == m_items.end())
        return std::nullopt; // an item without audio
    it->ended = true;
    const qint64 positionMs = qint64(it->sentFrames) * kFrameMs;
    // A mark stands there already: its echo will tell; unless it came back before we knew that it was the last one.
    if (it->lastMarkMs == positionMs && it->confirmedMs < positionMs)
        return std::nullopt;
    it->lastMarkMs = positionMs;
    return positionMs;
}

std::optional<ItemNumber> PlaybackLedger::heard(const MarkPoint &mark, qint64 nowNs)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(), [&](const Item &i) { return i.number == mark.item; });
    if (it == m_items.end() || mark.positionMs > qint64(it->sentFrames) * kFrameMs || mark.positionMs < it->confirmedMs)
        return std::nullopt;                 // not a mark of ours, or overtaken by a newer one
    if (mark.positionMs > it->confirmedMs) { // an echo of the same point says nothing new of the time
        it->confirmedMs = mark.positionMs;
        it->confirmedNs = nowNs;
    }
    if (!it->ended || mark.positionMs < qint64(it->sentFrames) * kFrameMs)
        return std::nullopt;
    const ItemNumber number = it->number;
    m_items.erase(it);
    return number;
}

void PlaybackLedger::unsent(const Unsent &frames)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(),
                                 [&](const Item &i) { return i.number == frames.item; });
    if (it != m_items.end()) {
        it->unsentFrames += frames.frames;
        return;
    }
    Item item;
    item.number = frames.item;
    item.unsentFrames = frames.frames;
    m_items.push_back(item);
}

std::vector<ItemPlayback> PlaybackLedger::snapshot(qint64 nowNs) const
{
    std::vector<ItemPlayback> all;
    all.reserve(m_items.size());
    for (const Item &item : m_items) {
        all.push_back({item.number, qint64(item.sentFrames + item.unsentFrames) * kFrameMs,
                       qint64(item.sentFrames) * kFrameMs, heardMs(item, nowNs), item.ended});
    }
    return all;
}

void PlaybackLedger::reset()
{
    m_items.clear();
    m_playEndNs = 0;
}

PlaybackLedger::Item &PlaybackLedger::find(ItemNumber number, qint64 nowNs)
{
    const auto it = std::find_if(m_items.begin(), m_items.end(), [=](const Item &i) { return i.number == number; });
    if (it != m_items.end())
        return *it;
    Item item;
    item.number = number;
    item.firstSentNs = nowNs;
    m_items.push_back(item);
    return m_items.back();
}

qint64 PlaybackLedger::heardMs(const Item &item, qint64 nowNs)
{
    const qint64 sentMs = qint64(item.sentFrames) * kFrameMs;
    const qint64 ahead = std::max<qint64>(0, item.playEndNs - nowNs) / kNsPerMs; // sent, and not yet due to be played
    const qint64 byClock = sentMs - ahead;
    const qint64 sinceNs = item.confirmedNs >= 0 ? nowNs - item.confirmedNs : nowNs - item.firstSentNs;
    const qint64 byMark = item.confirmedMs + sinceNs / kNsPerMs;
    return std::clamp(std::min(byClock, byMark), item.confirmedMs, sentMs);
}

} // namespace takt::media
