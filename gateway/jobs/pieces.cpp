// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/pieces.h"

#include <algorithm>

namespace takt::jobs {
namespace {

constexpr qint64 kSearchMs = 20'000; // the cut is within the last 20 s of what fits
constexpr qint64 kPauseMs = 700;
constexpr qint64 kTurnMs = 30'000;
constexpr qint64 kPaddingMs = 200; // models lose the first sound of a piece that begins with it
constexpr qint64 kWordMs = 200;    // less is a click
constexpr float kLoudestNoise = 600;

// What counts as a pause of this channel: a noisy line is never silent.
float pauseFloor(const Loudness &channel)
{
    return std::clamp(channel.noise() * 2.5F, kSilence, kLoudestNoise);
}

bool speaks(const Loudness &channel, float floor, qint64 startMs, qint64 endMs)
{
    return endMs > startMs && channel.loudMs(floor, startMs, endMs) >= kWordMs;
}

// Stretches of speech, without the pauses between them.
QList<Piece> stretches(const Loudness &channel, float floor)
{
    QList<Piece> all;
    for (qint64 i = 0; i < channel.windows(); ++i) {
        if (channel.at(i) < floor)
            continue;
        const qint64 at = i * Loudness::kWindowMs;
        if (all.isEmpty() || at - all.constLast().endMs >= kPauseMs)
            all.append({at, at});
        all.last().endMs = at + Loudness::kWindowMs;
    }
    all.removeIf([&](const Piece &p) { return !speaks(channel, floor, p.startMs, p.endMs); });
    return all;
}

// A stretch without a pause that is longer than a piece may be.
void appendInParts(QList<Piece> &all, Piece piece, const Loudness &channel)
{
    while (piece.endMs - piece.startMs > kTurnMs) {
        const qint64 cut = channel.quietestMs(piece.startMs + kTurnMs / 2, piece.startMs + kTurnMs);
        all.append({piece.startMs, cut});
        piece.startMs = cut;
    }
    all.append(piece);
}

} // namespace

QList<Piece> longPieces(const Loudness &channel, qint64 maxMs)
{
    QList<Piece> all;
    const qint64 end = channel.durationMs();
    for (qint64 at = 0; at < end;) {
        qint64 cut = end;
        if (end - at > maxMs)
            cut = channel.quietestMs(at + maxMs - std::min(kSearchMs, maxMs / 2), at + maxMs);
        if (speaks(channel, kSilence, at, cut))
            all.append({at, cut});
        at = cut;
    }
    return all;
}

QList<Piece> turnPieces(const Loudness &channel, const Loudness *other)
{
    const float floor = pauseFloor(channel);
    const float otherFloor = other == nullptr ? 0 : pauseFloor(*other);
    QList<Piece> groups;
    for (const Piece &stretch : stretches(channel, floor)) {
        if (groups.isEmpty() || stretch.endMs - groups.constLast().startMs > kTurnMs
            || (other != nullptr && speaks(*other, otherFloor, groups.constLast().endMs, stretch.startMs)))
            groups.append(stretch);
        else
            groups.last().endMs = stretch.endMs;
    }
    QList<Piece> all;
    for (const Piece &group : groups)
        appendInParts(all, group, channel);
    for (Piece &piece : all) {
        piece.startMs = std::max<qint64>(piece.startMs - kPaddingMs, 0);
        piece.endMs = std::min(piece.endMs + kPaddingMs, channel.durationMs());
    }
    return all;
}

} // namespace takt::jobs
