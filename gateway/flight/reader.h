// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a call's rings into the lines of a flight record (FLIGHT.md). It allocates nothing, waits for nothing and throws
// nothing, so that it also works in a process that has just crashed. For one thread at a time, whichever.
#pragma once

#include "media/flightlog.h"
#include "shared/txfacts.h"

#include <string_view>

namespace takt::flight {

// How the gateway was set, for who replays the record.
struct Setup {
    int leadMs = 0;
    bool autoLead = false;
    bool silenceWhenIdle = false;
};

struct Head {
    FlightReason reason = FlightReason::Asked;
    qint64 atMs = 0;                           // since the Unix epoch
    qint64 stallMs = 0;                        // of a stall
    StallCause cause = StallCause::WorkerLate; // as well
    int signal = 0;                            // of a crash
    Setup setup;
};

class Reader
{
public:
    // What the rings hold, up to now (of the media threads' clock).
    void read(const media::FlightLog &log, qint64 nowNs);
    // The lines, with their line feeds; each valid until the next is asked for.
    [[nodiscard]] std::string_view head(const Head &head);
    [[nodiscard]] std::string_view next(); // empty: that was all

private:
    template <std::size_t size>
    struct Track {
        std::array<quint64, size> words;
        std::array<media::FlightEvent, size> events;
        std::size_t count = 0;
        std::size_t at = 0;
    };
    // A line under way.
    class Line
    {
    public:
        void clear() { m_size = 0; }
        void text(std::string_view text);
        void text(QLatin1StringView text) { this->text(std::string_view(text.data(), std::size_t(text.size()))); }
        void number(qint64 value);
        void field(QLatin1StringView name, qint64 value);
        void field(QLatin1StringView name, std::string_view value);
        void field(QLatin1StringView name, QLatin1StringView value)
        {
            field(name, std::string_view(value.data(), std::size_t(value.size())));
        }
        [[nodiscard]] std::string_view end();

    private:
        void key(QLatin1StringView name);

        std::array<char, 640> m_bytes;
        std::size_t m_size = 0;
    };

    template <std::size_t size>
    void read(const media::FlightRing<size> &ring, Track<size> &track);
    void figure(const FlightFigure &figure, quint32 value);

    Track<media::TxFlight::kSize> m_tx;
    Track<media::CallFlight::kSize> m_call;
    const media::FlightLog *m_log = nullptr;
    qint64 m_fromUs = 0;
    qint64 m_untilUs = 0;
    Line m_line;
};

} // namespace takt::flight
