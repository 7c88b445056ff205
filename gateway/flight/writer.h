// SPDX-License-Identifier: GPL-3.0-or-later
// Flight records on the disk: writes them, keeps so many, and knows which there are. Lives in the flight thread, which has
// all the time that a disk takes.
#pragma once

#include "flight/reader.h"
#include "media/callmedia.h"
#include "shared/flightrecord.h"
#include "shared/result.h"

#include <QHash>
#include <QObject>

#include <deque>
#include <memory>

namespace takt::flight {

class Writer final : public QObject
{
    Q_OBJECT
public:
    static constexpr qint64 kApartNs = 10'000'000'000; // two of one call overlap when they are closer
    static constexpr int kMostWithin = 10;             // of all calls in that time: a host that stands still stalls all
    static constexpr int kShown = 200;                 // records, and as many stalls without one beside them

    // `keepBytes`: the oldest go beyond that. 0: none is kept.
    Writer(QString folder, qint64 keepBytes, const Setup &setup);

    // First of all.
    void open();
    void onStall(const media::StallTold &stall);
    // The record, which is kept if any is.
    [[nodiscard]] Result<QJsonObject> freeze(const media::CallMediaPtr &media);
    // By its name, or the latest one of the call with that name.
    [[nodiscard]] Result<QJsonObject> read(const QString &nameOrCall) const;
    // By number: the latest records, and the latest stalls without one.
    [[nodiscard]] QHash<QString, QJsonObject> rows() const;

private:
    struct Kept {
        qint64 number = 0;
        FlightEntry entry;
        qint64 bytes = 0;
    };

    [[nodiscard]] bool mayWrite(const QString &callSid, qint64 nowNs);
    [[nodiscard]] QByteArray text(const media::FlightLog &log, const Head &head, qint64 nowNs);
    // Under the entry's name; false, and the name is empty, when it is not kept.
    bool keep(FlightEntry &entry, const QByteArray &text);
    void add(const FlightEntry &entry, qint64 bytes);
    void addBare(const FlightEntry &entry);
    void shrink();

    const QString m_folder;
    const qint64 m_keepBytes;
    const Setup m_setup;
    const std::unique_ptr<Reader> m_reader = std::make_unique<Reader>();
    std::deque<Kept> m_kept; // oldest first; as many as there is room for
    std::deque<Kept> m_bare; // stalls of which no record was kept, the latest few
    qint64 m_bytes = 0;
    qint64 m_next = 0; // numbers both
    struct Written {
        qint64 atNs = 0;
        QString callSid;
    };
    std::deque<Written> m_written; // by stalls, lately
};

} // namespace takt::flight
