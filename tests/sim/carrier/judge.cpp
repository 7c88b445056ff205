// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/judge.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace takt::sim {
namespace {

constexpr Nanos kBeat = 20 * kMillisecond;
constexpr Nanos kBurst = 10 * kMillisecond;
constexpr Nanos kStall = 120 * kMillisecond;
constexpr Nanos kSettled = kSecond;              // after this much silence nothing more is coming
constexpr Nanos kReaction = 250 * kMillisecond;  // an item that broke off this soon before speech was interrupted by it
constexpr std::int64_t kRoundingBytes = 160;     // a lost part of one frame is rounding, not a cut word
constexpr std::int64_t kTruncateSlack = 8 * 150; // so near to its end an item may count as heard
constexpr Nanos kForeignPause = 100 * kMillisecond; // in audio of an unknown model a longer gap is a pause

double bytesToMs(std::int64_t bytes)
{
    return double(bytes) / 8.0;
}

bool isAudio(const Piece &piece)
{
    return !piece.silence;
}

} // namespace

void Judge::measureGap(const Timing &timing, const Piece &piece)
{
    const Nanos gap = timing.stamp - m_lastStamp;
    if (gap < kBurst)
        ++m_record.bursts;
    if (m_clearedOnWire)
        return;
    bool continuous = false;
    if (piece.item != nullptr) {
        // Continuous if this frame goes on where the last one ended and could have been sent on time.
        const Nanos available = piece.item == m_arrived.item && piece.offset == m_arrived.end
                                    ? piece.item->deliveredAt(piece.offset + piece.length)
                                    : std::numeric_limits<Nanos>::max();
        continuous = available <= m_lastStamp;
        if (available < timing.stamp && timing.stamp - std::max(available, m_lastStamp) > kStall)
            ++m_record.stalls;
    } else if (isAudio(piece)) {
        continuous = m_unknownArrived && gap < kForeignPause;
    }
    if (!continuous)
        return;
    m_record.gapErrorUs.push_back(std::int32_t(std::min<Nanos>(std::abs(gap - kBeat), 100 * kSecond) / kMicrosecond));
    m_record.gapSum += gap;
    m_record.worstGap = std::max(m_record.worstGap, gap);
}

void Judge::frameArrived(const Timing &timing, std::size_t bytes, const std::vector<Piece> &pieces)
{
    ++m_record.frames;
    m_record.bytes += std::int64_t(bytes);
    if (bytes != 160)
        ++m_record.wrongSize;
    if (m_lastStamp >= 0) {
        if (timing.certain)
            measureGap(timing, pieces.front());
        else
            ++m_record.unmeasured;
    }
    m_lastStamp = timing.stamp;
    m_clearedOnWire = false;
    const Piece &last = pieces.back();
    m_arrived = {last.item, last.offset + last.length};
    m_unknownArrived = last.item == nullptr && isAudio(last);
}

void Judge::frameQueued(Nanos now, const std::vector<Piece> &pieces, std::optional<Nanos> drySince)
{
    const Piece &first = pieces.front();
    if (drySince && !m_clearedInBuffer && *drySince < now) {
        if (first.item != nullptr && first.item == m_queued.item && first.offset == m_queued.end) {
            // Silent from when the buffer ran dry, or from when the model's audio could have been here.
            const Nanos delivered = first.item->deliveredAt(first.offset + 1);
            if (delivered < now)
                m_record.silenceInSpeech += std::max<Nanos>(0, now - std::max(*drySince, delivered + m_latency));
        } else if (first.item == nullptr && isAudio(first) && now - *drySince < kForeignPause) {
            m_record.silenceInSpeech += now - *drySince;
        }
    }
    m_clearedInBuffer = false;
    m_queued = {pieces.back().item, pieces.back().offset + pieces.back().length};
}

void Judge::heard(const Piece &piece, Nanos start)
{
    if (piece.silence)
        return;
    const Nanos length = piece.length * kNanosPerByte;
    m_record.agentHeard += length;
    if (m_record.greetingMs < 0)
        m_record.greetingMs = toMs(start - m_started);
    m_lastHeard = piece.item;
    if (piece.item == nullptr)
        return;
    if (m_callerStopped >= 0 && piece.item->createdAt > m_callerStopped) {
        m_record.responseMs.push_back(toMs(start - m_callerStopped));
        m_callerStopped = -1;
    }
    const auto [found, added] = m_hearings.try_emplace(piece.item);
    Hearing &hearing = found->second;
    if (added)
        hearing.first = start;
    if (piece.offset > hearing.upTo)
        hearing.holes.emplace_back(start, piece.offset - hearing.upTo);
    else
        m_record.repeated += std::min(hearing.upTo - piece.offset, piece.length) * kNanosPerByte;
    hearing.upTo = std::max(hearing.upTo, piece.offset + piece.length);
    hearing.last = start + length;
}

void Judge::clearArrived()
{
    ++m_record.clears;
    m_clearedOnWire = true;
}

void Judge::cleared()
{
    m_clearedInBuffer = true;
    for (auto &[item, hearing] : m_hearings) {
        if (hearing.atClear < 0)
            hearing.atClear = hearing.upTo;
    }
}

const Judge::Hearing *Judge::hearingOf(const GeneratedItem &item) const
{
    const auto found = m_hearings.find(&item);
    return found == m_hearings.end() ? nullptr : &found->second;
}

// Bytes left out while the item was still to be heard: what follows an interruption is another offence.
std::int64_t Judge::holesIn(const GeneratedItem &item, const std::vector<Nanos> &speech) const
{
    const Hearing *hearing = hearingOf(item);
    std::int64_t sum = 0;
    for (const auto &[at, bytes] : hearing == nullptr ? decltype(Hearing::holes)() : hearing->holes) {
        const bool after = std::any_of(speech.begin(), speech.end(),
                                       [&, when = at](Nanos spoke) { return spoke > item.createdAt && spoke <= when; });
        sum += after ? 0 : bytes;
    }
    return sum;
}

// Did the caller begin to speak while the item was being heard, or before it was heard at all?
bool Judge::wasInterrupted(const GeneratedItem &item, const std::vector<Nanos> &speech) const
{
    const Hearing *hearing = hearingOf(item);
    const Nanos until = hearing == nullptr ? std::numeric_limits<Nanos>::max()
                                           : hearing->last + kReaction + 2 * m_latency;
    return std::any_of(speech.begin(), speech.end(), [&](Nanos at) { return at > item.createdAt && at <= until; });
}

void Judge::settleItem(const ItemPtr &item, bool lost, bool interrupted, bool truncateOwed, std::int64_t holes)
{
    const Hearing *hearing = hearingOf(*item);
    const std::int64_t upTo = hearing == nullptr ? 0 : hearing->upTo;
    const std::int64_t due = item->due;
    std::int64_t cut = holes;
    if (lost && !interrupted && !item->cancelledByClient && due > upTo)
        cut += due - upTo;
    if (cut > kRoundingBytes) {
        m_record.cutMs.push_back(bytesToMs(cut));
        if (m_record.firstCut.empty())
            m_record.firstCut = "\"" + item->text + "\": " + std::to_string(cut / 8) + " ms never heard";
    }
    const std::int64_t truncated = item->truncatedMs;
    const std::int64_t atClear = hearing != nullptr && hearing->atClear >= 0 ? hearing->atClear : upTo;
    if (truncated >= 0)
        m_record.endErrorMs.push_back(double(truncated) - bytesToMs(atClear));
    else if (truncateOwed && item->sent - upTo > kTruncateSlack)
        ++m_record.missingTruncates;
}

void Judge::settleInterruptions(const std::vector<ItemPtr> &items, const std::vector<Nanos> &speech)
{
    for (const Nanos at : speech) {
        Nanos last = 0;
        for (const ItemPtr &item : items) {
            const Hearing *hearing = hearingOf(*item);
            if (hearing != nullptr && item->createdAt < at)
                last = std::max(last, hearing->last);
        }
        if (last >= at - kBeat)
            m_record.afterInterruptionMs.push_back(std::max(0.0, toMs(last - at)));
    }
}

void Judge::finish(Nanos now, std::optional<Nanos> drySince, bool closedByGateway)
{
    const SessionPtr session = m_tracker.session();
    m_record.linked = session != nullptr;
    if (!session || session->faulty)
        return;
    const std::vector<ItemPtr> items = session->items();
    std::vector<Nanos> speech = session->speechStarted();
    std::erase_if(speech, [&](Nanos at) { return at > now - kSettled; }); // too late to tell what came of it
    // Whoever has the server not interrupt and yet sends `clear` interrupts by itself, and is judged by it.
    const bool interrupts = session->interrupts || m_record.clears > 0;
    bool laterHeard = false;
    for (auto it = items.rbegin(); it != items.rend(); ++it) {
        const GeneratedItem &item = **it;
        const std::int64_t due = item.due;
        const bool overdue = due >= 0 && drySince && now - *drySince > kSettled
                             && now - item.deliveredAt(std::min<std::int64_t>(due, item.sent)) > kSettled;
        const bool lost = due >= 0 && (laterHeard || overdue || closedByGateway);
        // Speech just before the end interrupts too, even if its consequences can't be judged any more.
        const bool interrupted = interrupts && wasInterrupted(item, session->speechStarted());
        if (!item.abandoned)
            settleItem(*it, lost, interrupted, interrupted && wasInterrupted(item, speech),
                       holesIn(item, interrupts ? session->speechStarted() : std::vector<Nanos>()));
        laterHeard = laterHeard || hearingOf(item) != nullptr;
    }
    if (interrupts)
        settleInterruptions(items, speech);
}

} // namespace takt::sim
