// SPDX-License-Identifier: GPL-3.0-or-later
#include "flight/writer.h"

#include "media/beatdispatcher.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>

namespace takt::flight {

using namespace Qt::Literals::StringLiterals;
using telemetry::Counter;
using telemetry::count;
using telemetry::lcGateway;

namespace {

constexpr auto kSuffix = ".ndjson"_L1;
constexpr auto kUnfinished = ".part"_L1;

FlightEntry entryOf(const media::FlightLog &log, const Head &head)
{
    FlightEntry entry;
    entry.atMs = head.atMs;
    entry.callSid = QString::fromLatin1(log.callSid.data());
    entry.reason = name(head.reason);
    if (head.reason == FlightReason::Stall) {
        entry.cause = name(head.cause);
        entry.durationMs = head.stallMs;
    }
    return entry;
}

QJsonObject answer(const QString &name, const QByteArray &text)
{
    return {{"flight"_L1, name}, {"ndjson"_L1, QString::fromUtf8(text)}};
}

} // namespace

Writer::Writer(QString folder, qint64 keepBytes, const Setup &setup)
    : m_folder(std::move(folder))
    , m_keepBytes(keepBytes)
    , m_setup(setup)
{
}

// Names begin with the time, so their order is that of the records.
void Writer::open()
{
    const QDir folder(m_folder);
    const QStringList left = folder.entryList({u'*' + kUnfinished}, QDir::Files);
    for (const QString &name : left)
        QFile::remove(folder.filePath(name));
    const QStringList names = folder.entryList({u'*' + kSuffix}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QJsonObject head = QJsonDocument::fromJson(file.readLine()).object();
        FlightEntry entry = FlightEntry::fromJson(head);
        entry.name = name.chopped(kSuffix.size());
        add(entry, file.size());
    }
    shrink();
}

void Writer::onStall(const media::StallTold &stall)
{
    Head head;
    head.reason = FlightReason::Stall;
    head.atMs = QDateTime::currentMSecsSinceEpoch();
    head.stallMs = stall.durationNs / 1'000'000;
    head.cause = stall.cause;
    head.setup = m_setup;
    const media::FlightLog &log = *stall.media->flight;
    FlightEntry entry = entryOf(log, head);
    QByteArray record;
    if (m_keepBytes > 0 && mayWrite(entry.callSid, stall.atNs))
        record = text(log, head, std::max(stall.atNs, media::BeatDispatcher::nowNs()));
    if (record.isEmpty() || !keep(entry, record))
        return addBare(entry);
    add(entry, record.size());
    shrink();
}

bool Writer::mayWrite(const QString &callSid, qint64 nowNs)
{
    while (!m_written.empty() && nowNs - m_written.front().atNs >= kApartNs)
        m_written.pop_front();
    const bool again = std::any_of(m_written.begin(), m_written.end(),
                                   [&](const Written &written) { return written.callSid == callSid; });
    if (again || m_written.size() >= std::size_t(kMostWithin)) {
        count(Counter::FlightsSkipped);
        return false;
    }
    m_written.push_back({nowNs, callSid});
    return true;
}

Result<QJsonObject> Writer::freeze(const media::CallMediaPtr &media)
{
    Head head;
    head.atMs = QDateTime::currentMSecsSinceEpoch();
    head.setup = m_setup;
    FlightEntry entry = entryOf(*media->flight, head);
    const QByteArray record = text(*media->flight, head, media::BeatDispatcher::nowNs());
    if (m_keepBytes > 0 && keep(entry, record)) {
        add(entry, record.size());
        shrink();
    }
    return answer(entry.name, record);
}

QByteArray Writer::text(const media::FlightLog &log, const Head &head, qint64 nowNs)
{
    QByteArray lines;
    m_reader->read(log, nowNs);
    const auto append = [&](std::string_view line) { lines.append(line.data(), qsizetype(line.size())); };
    append(m_reader->head(head));
    for (std::string_view line = m_reader->next(); !line.empty(); line = m_reader->next())
        append(line);
    return lines;
}

bool Writer::keep(FlightEntry &entry, const QByteArray &text)
{
    // Whoever may read it may know when a caller spoke: the owner alone.
    constexpr auto kOwner = QFile::ReadOwner | QFile::WriteOwner;
    const QDir folder(m_folder);
    const QString name = u"%1-%2-%3"_s.arg(entry.atMs).arg(entry.callSid, entry.reason);
    QFile file(folder.filePath(name + kUnfinished));
    const bool written = file.open(QIODevice::WriteOnly | QIODevice::NewOnly, kOwner) && file.write(text) == text.size()
                         && file.flush() && file.rename(folder.filePath(name + kSuffix));
    if (!written) {
        count(Counter::FlightsFailed);
        qCWarning(lcGateway).noquote() << "a flight record could not be kept:" << file.errorString();
        file.remove();
        return false;
    }
    entry.name = name;
    count(Counter::FlightsWritten);
    return true;
}

void Writer::add(const FlightEntry &entry, qint64 bytes)
{
    m_kept.push_back({m_next++, entry, bytes});
    m_bytes += bytes;
}

// A host that stands still makes hundreds at once: they go for themselves, and push no record out.
void Writer::addBare(const FlightEntry &entry)
{
    m_bare.push_back({m_next++, entry, 0});
    if (m_bare.size() > std::size_t(kShown))
        m_bare.pop_front();
}

// Only for want of room does a record go.
void Writer::shrink()
{
    while (m_bytes > m_keepBytes) {
        const Kept &oldest = m_kept.front();
        QFile::remove(QDir(m_folder).filePath(oldest.entry.name + kSuffix));
        count(Counter::FlightsDeleted);
        m_bytes -= oldest.bytes;
        m_kept.pop_front();
    }
}

Result<QJsonObject> Writer::read(const QString &nameOrCall) const
{
    // Only what is in the list: nobody names a file elsewhere.
    const auto found = std::find_if(m_kept.rbegin(), m_kept.rend(), [&](const Kept &kept) {
        return kept.entry.name == nameOrCall || kept.entry.callSid == nameOrCall;
    });
    if (found == m_kept.rend())
        return Error{u"there is no flight record of that name or call"_s};
    QFile file(QDir(m_folder).filePath(found->entry.name + kSuffix));
    if (!file.open(QIODevice::ReadOnly))
        return Error{u"the flight record can't be read: "_s + file.errorString()};
    return answer(found->entry.name, file.readAll());
}

QHash<QString, QJsonObject> Writer::rows() const
{
    QHash<QString, QJsonObject> rows;
    const auto show = [&rows](const Kept &kept) { rows.insert(QString::number(kept.number), kept.entry.toJson()); };
    std::for_each(m_bare.begin(), m_bare.end(), show);
    const auto shown = std::min(m_kept.size(), std::size_t(kShown));
    std::for_each(m_kept.end() - std::ptrdiff_t(shown), m_kept.end(), show);
    return rows;
}

} // namespace takt::flight
