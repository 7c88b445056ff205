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

// From when to when the socket took nothing. A kernel that was read empty takes 2.5 s again: where the socket was full again
// sooner, the carrier reads no more than what was sent in between.
void addSleeps(const FlightRecord &record, std::vector<ReplayStep> &steps)
{
    bool full = false;
    Nanos awokeAt = -1; // how, is not known before the socket is full again
    int sent = 0;       // since then
    for (const FlightRecord::Event &event : record.events) {
        const Nanos at = (event.atUs - record.fromUs) * kMicrosecond;
        const bool frame = event.what == "sent"_L1 || event.what == "silent"_L1;
        if (event.what == "full"_L1 && !std::exchange(full, true)) {
            const Nanos sleepAt = std::max<Nanos>(0, at - kBuffered);
            const bool soon = sleepAt < awokeAt;
            if (awokeAt >= 0)
                steps.push_back({awokeAt, soon ? Kind::Sip : Kind::WakeUp, soon ? sent * kFrameBytes : 0, 0});
            if (!soon)
                steps.push_back({sleepAt, Kind::Sleep, 0, 0});
            awokeAt = -1;
        } else if (frame && std::exchange(full, false)) {
            awokeAt = at;
            sent = 0;
        }
        sent += frame ? 1 : 0;
    }
    if (awokeAt >= 0)
        steps.push_back({awokeAt, Kind::WakeUp, 0, 0});
}

// Whose audio the caller does not want to hear any more. It is discarded again only if the gateway has some of it again.
class Interruption
{
public:
    // With the backlog: the response from before the record.
    explicit Interruption(const std::vector<ReplayStep> &before)
    {
        for (const ReplayStep &step : before)
            note(step.kind, step.item);
    }
    void note(Kind kind, int item)
    {
        if (kind == Kind::Response) {
            ++m_response;
            m_active = true;
        } else if (kind == Kind::Delta) {
            m_item = item;
            m_unheard = true;
        } else if (kind == Kind::ResponseDone) {
            m_active = false;
        } else if (kind == Kind::CallerSpeaks && (m_active || m_unheard)) {
            m_any = true;
            m_of = {m_response, m_item};
        }
    }
    void noteHeard() { m_unheard = false; }
    [[nodiscard]] bool any() const { return m_any; }
    struct Of {
        int response = 0;
        int item = 0;
    };
    [[nodiscard]] const Of &of() const { return m_of; }

private:
    int m_response = 0;
    int m_item = 0;
    bool m_active = false;
    bool m_unheard = false;
    bool m_any = false;
    Of m_of;
};

ReplayStep stepOf(const FlightRecord::Event &event, Nanos at, Kind kind)
{
    ReplayStep step{at, kind, int(event.figure("bytes"_L1)), int(event.figure("item"_L1))};
    step.holeMs = int(event.figure("hole_ms"_L1));
    return step;
}

// The caller's audio, and what the model said.
void addWords(const FlightRecord &record, std::vector<ReplayStep> &steps)
{
    Interruption interruption(steps);
    for (const FlightRecord::Event &event : record.events) {
        const Nanos at = (event.atUs - record.fromUs) * kMicrosecond;
        if (event.what == "item_over"_L1)
            interruption.noteHeard();
        const auto kind = event.what == "media"_L1 ? std::optional(Kind::Media) : modelsKind(event.what);
        if (!kind)
            continue;
        ReplayStep step = stepOf(event, at, *kind);
        interruption.note(*kind, step.item);
        if (*kind == Kind::LateDelta) {
            if (!interruption.any())
                continue; // nothing is interrupted in the replay: it would be heard
            step.response = interruption.of().response;
            step.item = interruption.of().item;
        }
        steps.push_back(step);
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
    addWords(record, replay.steps);
    addSleeps(record, replay.steps);
    std::stable_sort(replay.steps.begin(), replay.steps.end(),
                     [](const ReplayStep &a, const ReplayStep &b) { return a.at < b.at; });
    return replay;
}

} // namespace takt::sim
