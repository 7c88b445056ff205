// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/replay/script.h"

#include <algorithm>
#include <optional>

namespace takt::sim {

using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = ReplayStep::Kind;

constexpr int kFrameBytes = 160;
// The carrier stopped reading before our socket was full: what the kernel holds on both sides is about that much speech.
constexpr Nanos kBuffered = 2500 * kMillisecond;

std::optional<Kind> modelsKind(const QString &what)
{
    static const QHash<QString, Kind> s_kinds{
        {u"response"_s, Kind::Response},          {u"delta"_s, Kind::Delta},
        {u"late_delta"_s, Kind::LateDelta},       {u"audio_done"_s, Kind::AudioDone},
        {u"response_done"_s, Kind::ResponseDone}, {u"caller_speaks"_s, Kind::CallerSpeaks},
        {u"caller_stops"_s, Kind::CallerStops},
    };
    const auto found = s_kinds.constFind(what);
    return found != s_kinds.cend() ? std::optional(*found) : std::nullopt;
}

const FlightRecord::Event *first(const FlightRecord &record, const QStringList &whats)
{
    const auto found = std::find_if(record.events.begin(), record.events.end(),
                                    [&](const FlightRecord::Event &event) { return whats.contains(event.what); });
    return found != record.events.end() ? &*found : nullptr;
}

bool before(const FlightRecord::Event *a, const FlightRecord::Event *b)
{
    return a != nullptr && (b == nullptr || a->atUs < b->atUs);
}

// Bytes that the model sent before that.
qint64 sentBefore(const FlightRecord &record, const FlightRecord::Event &end)
{
    qint64 bytes = 0;
    for (const FlightRecord::Event &event : record.events) {
        if (&event == &end)
            break;
        if (event.what == "delta"_L1)
            bytes += event.figure("bytes"_L1);
    }
    return bytes;
}

// The record begins in mid-call: what was waiting then, and is not of the deltas on record, had come before.
void addBacklog(const FlightRecord &record, std::vector<ReplayStep> &steps)
{
    const auto *frame = first(record, {u"sent"_s, u"full"_s});
    if (frame == nullptr)
        return;
    const qint64 waited = (frame->figure("backlog"_L1) + 1) * kFrameBytes - sentBefore(record, *frame);
    if (waited < kFrameBytes)
        return; // all of it is on record
    const auto *delta = first(record, {u"delta"_s});
    const auto *done = first(record, {u"audio_done"_s});
    const auto *mark = first(record, {u"mark"_s});
    // An item whose end is sent before the model ends any was complete by then; another one goes on.
    const bool complete = before(first(record, {u"item_over"_s}), done);
    int item = mark != nullptr ? int(mark->figure("item"_L1)) : 0;
    if (delta != nullptr)
        item = int(delta->figure("item"_L1)) - (complete ? 1 : 0);
    else if (done != nullptr && !complete)
        item = int(done->figure("item"_L1));
    steps.push_back({0, Kind::Response, 0, 0});
    steps.push_back({0, Kind::Delta, int(waited), item});
    if (complete) {
        steps.push_back({0, Kind::AudioDone, 0, item});
        steps.push_back({0, Kind::ResponseDone, 0, 0});
    }
}

// From when to when the socket took nothing.
void addSleeps(const FlightRecord &record, std::vector<ReplayStep> &steps)
{
    bool full = false;
    for (const FlightRecord::Event &event : record.events) {
        const Nanos at = (event.atUs - record.fromUs) * kMicrosecond;
        if (event.what == "full"_L1 && !std::exchange(full, true))
            steps.push_back({std::max<Nanos>(0, at - kBuffered), Kind::Sleep, 0, 0});
        else if (event.what == "sent"_L1 && std::exchange(full, false))
            steps.push_back({at, Kind::WakeUp, 0, 0});
    }
}

} // namespace

Result<Replay> replayOf(const FlightRecord &record)
{
    Replay replay;
    replay.cause = record.about.cause;
    replay.stallMs = record.about.durationMs;
    replay.length = (record.untilUs - record.fromUs) * kMicrosecond;
    if (replay.length <= 0 || record.events.isEmpty())
        return Error{u"nothing happened in that record"_s};
    addBacklog(record, replay.steps);
    addSleeps(record, replay.steps);
    for (const FlightRecord::Event &event : record.events) {
        const Nanos at = (event.atUs - record.fromUs) * kMicrosecond;
        if (event.what == "media"_L1)
            replay.steps.push_back({at, Kind::Media, int(event.figure("bytes"_L1)), 0});
        else if (const auto kind = modelsKind(event.what))
            replay.steps.push_back({at, *kind, int(event.figure("bytes"_L1)), int(event.figure("item"_L1))});
    }
    std::stable_sort(replay.steps.begin(), replay.steps.end(),
                     [](const ReplayStep &a, const ReplayStep &b) { return a.at < b.at; });
    return replay;
}

} // namespace takt::sim
