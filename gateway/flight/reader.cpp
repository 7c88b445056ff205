// SPDX-License-Identifier: GPL-3.0-or-later
#include "flight/reader.h"

#include <charconv>
#include <cstring>

namespace takt::flight {

using namespace Qt::Literals::StringLiterals;

void Reader::Line::text(std::string_view text)
{
    const std::size_t n = std::min(text.size(), m_bytes.size() - m_size);
    std::memcpy(m_bytes.data() + m_size, text.data(), n);
    m_size += n;
}

void Reader::Line::number(qint64 value)
{
    m_size = std::size_t(std::to_chars(m_bytes.data() + m_size, m_bytes.data() + m_bytes.size(), value).ptr
                         - m_bytes.data());
}

void Reader::Line::key(QLatin1StringView name)
{
    text(m_size == 0 ? "{\"" : ",\"");
    text(name);
    text("\":");
}

void Reader::Line::field(QLatin1StringView name, qint64 value)
{
    key(name);
    number(value);
}

// Names of ours and of FlightLog: nothing in them needs escaping.
void Reader::Line::field(QLatin1StringView name, std::string_view value)
{
    key(name);
    text("\"");
    text(value);
    text("\"");
}

std::string_view Reader::Line::end()
{
    text("}\n");
    return {m_bytes.data(), m_size};
}

void Reader::read(const media::FlightLog &log, qint64 nowNs)
{
    m_log = &log;
    m_untilUs = std::max<qint64>(0, nowNs - log.startNs) / 1000;
    m_fromUs = 0;
    read(log.tx, m_tx);
    read(log.call, m_call);
    // Only where both rings know all that was is it told.
    const auto skip = [this](auto &track) {
        while (track.at < track.count && track.events[track.at].atUs < m_fromUs)
            ++track.at;
    };
    skip(m_tx);
    skip(m_call);
}

template <std::size_t size>
void Reader::read(const media::FlightRing<size> &ring, Track<size> &track)
{
    const auto copied = ring.copy(track.words);
    track.count = copied.count;
    track.at = 0;
    // Time is read from the end, with some grace: the other thread may have noted something after our `now`, and what
    // belongs together bears times that were taken a moment earlier or later.
    constexpr qint64 kGraceUs = 1'000'000;
    qint64 nextUs = m_untilUs + kGraceUs;
    for (std::size_t i = track.count; i-- > 0;) {
        track.events[i] = media::flightword::unpack(track.words[i], nextUs + kGraceUs);
        nextUs = track.events[i].atUs = std::min(track.events[i].atUs, nextUs);
    }
    if (!copied.all && track.count > 0)
        m_fromUs = std::max(m_fromUs, track.events[0].atUs);
}

std::string_view Reader::head(const Head &head)
{
    m_line.clear();
    m_line.field("flight"_L1, kFlightVersion);
    m_line.field("gateway"_L1, std::string_view(TAKT_VERSION));
    m_line.field("call_sid"_L1, std::string_view(m_log->callSid.data()));
    m_line.field("stream_sid"_L1, std::string_view(m_log->streamSid.data()));
    m_line.field("reason"_L1, name(head.reason));
    if (head.reason == FlightReason::Stall) {
        m_line.field("cause"_L1, name(head.cause));
        m_line.field("duration_ms"_L1, head.stallMs);
    }
    if (head.reason == FlightReason::Crash)
        m_line.field("signal"_L1, head.signal);
    m_line.field("at_ms"_L1, head.atMs);
    m_line.field("started_at_ms"_L1, m_log->startedMs);
    m_line.field("from_us"_L1, m_fromUs);
    m_line.field("until_us"_L1, m_untilUs);
    m_line.field("lead_ms"_L1, head.setup.leadMs);
    m_line.field("lead_auto"_L1, head.setup.autoLead ? 1 : 0);
    m_line.field("idle"_L1, head.setup.silenceWhenIdle ? "silence"_L1 : "skip"_L1);
    return m_line.end();
}

void Reader::figure(const FlightFigure &figure, quint32 value)
{
    if (figure.name.isEmpty())
        return;
    if (figure.step > 0)
        m_line.field(figure.name, value);
    else
        m_line.field(figure.name, name(StallCause(value)));
}

std::string_view Reader::next()
{
    const media::FlightEvent *tx = m_tx.at < m_tx.count ? &m_tx.events[m_tx.at] : nullptr;
    const media::FlightEvent *call = m_call.at < m_call.count ? &m_call.events[m_call.at] : nullptr;
    if (tx == nullptr && call == nullptr)
        return {};
    const bool ofCall = tx == nullptr || (call != nullptr && call->atUs < tx->atUs);
    ++(ofCall ? m_call.at : m_tx.at);
    const media::FlightEvent &event = ofCall ? *call : *tx;
    const FlightWords &known = words(event.kind);
    m_line.clear();
    m_line.field("t_us"_L1, event.atUs);
    m_line.field("what"_L1, known.what);
    figure(known.a, event.a);
    figure(known.b, event.b);
    return m_line.end();
}

} // namespace takt::flight
