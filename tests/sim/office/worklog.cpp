// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/office/worklog.h"

#include "sim/wire/clock.h"

#include <QJsonArray>

#include <algorithm>

namespace takt::sim {
namespace {

constexpr std::size_t kKept = 20'000; // entries of each kind, in a run of days; the sums go on
constexpr std::size_t kMaxText = 64 * 1024;

template <typename Entry>
void keep(std::vector<Entry> &where, Entry entry)
{
    if (where.size() < kKept)
        where.push_back(std::move(entry));
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QJsonObject object(const MediaRequest &m)
{
    return {{QStringLiteral("at"), m.at},
            {QStringLiteral("method"), text(m.method)},
            {QStringLiteral("target"), text(m.target)},
            {QStringLiteral("recording"), text(m.recording)},
            {QStringLiteral("status"), m.status},
            {QStringLiteral("bytes"), qint64(m.bytes)},
            {QStringLiteral("authorized"), m.authorized},
            {QStringLiteral("leaked"), m.leaked},
            {QStringLiteral("fault"), text(m.fault)}};
}

QJsonObject object(const AiRequest &a)
{
    return {{QStringLiteral("at"), a.at},
            {QStringLiteral("kind"), text(a.kind)},
            {QStringLiteral("path"), text(a.path)},
            {QStringLiteral("model"), text(a.model)},
            {QStringLiteral("bytes"), qint64(a.bytes)},
            {QStringLiteral("audio_seconds"), a.audioSeconds},
            {QStringLiteral("authorized"), a.authorized},
            {QStringLiteral("status"), a.status},
            {QStringLiteral("done"), a.done},
            {QStringLiteral("format"), text(a.format)},
            {QStringLiteral("prompt"), text(a.prompt)},
            {QStringLiteral("text"), text(a.text)},
            {QStringLiteral("recording"), text(a.recording)},
            {QStringLiteral("channel"), a.channel},
            {QStringLiteral("fault"), text(a.fault)}};
}

QJsonObject object(const CrmReceipt &c)
{
    return {{QStringLiteral("at"), c.at},
            {QStringLiteral("id"), text(c.id)},
            {QStringLiteral("path"), text(c.path)},
            {QStringLiteral("timestamp"), qint64(c.timestamp)},
            {QStringLiteral("signed_right"), c.signedRight},
            {QStringLiteral("wrong"), text(c.wrong)},
            {QStringLiteral("status"), c.status},
            {QStringLiteral("received"), c.received},
            {QStringLiteral("duplicate"), c.duplicate},
            {QStringLiteral("body"), text(c.body)},
            {QStringLiteral("fault"), text(c.fault)}};
}

template <typename Entry>
QJsonArray array(const std::vector<Entry> &entries)
{
    QJsonArray out;
    for (const Entry &entry : entries)
        out.append(object(entry));
    return out;
}

QJsonObject counts(const std::map<std::string, std::int64_t> &ids)
{
    QJsonObject out;
    for (const auto &[id, count] : ids)
        out[text(id)] = qint64(count);
    return out;
}

} // namespace

double wallSeconds()
{
    return double(clockNs(CLOCK_REALTIME)) / double(kSecond);
}

void WorkLog::recordingEnded(bool absent)
{
    const std::lock_guard lock(m_mutex);
    ++(absent ? m_sums.absent : m_sums.recordings);
}

void WorkLog::add(MediaRequest request)
{
    const std::lock_guard lock(m_mutex);
    ++m_sums.mediaRequests;
    if (request.leaked)
        ++m_sums.leaked;
    if (request.method == "GET" && request.status == 200)
        ++m_sums.downloads;
    if (request.method == "DELETE" && request.status == 204)
        ++m_sums.deleted;
    keep(m_media, std::move(request));
}

void WorkLog::add(AiRequest request)
{
    const std::lock_guard lock(m_mutex);
    ++m_sums.aiRequests;
    if (request.status == 401)
        ++m_sums.aiUnauthorized;
    if (request.done && request.kind == "transcription") {
        ++m_sums.transcriptions;
        m_sums.audioSeconds += request.audioSeconds;
    }
    if (request.done && request.kind == "chat")
        ++m_sums.chats;
    request.prompt.resize(std::min(request.prompt.size(), kMaxText));
    request.text.resize(std::min(request.text.size(), kMaxText));
    keep(m_ai, std::move(request));
}

void WorkLog::add(CrmReceipt receipt)
{
    const std::lock_guard lock(m_mutex);
    ++m_sums.deliveries;
    if (!receipt.signedRight)
        ++m_sums.badSignatures;
    if (receipt.received) {
        receipt.duplicate = m_sums.ids[receipt.id]++ > 0;
        m_sums.duplicates += receipt.duplicate ? 1 : 0;
        const auto [first, isNew] = m_bodies.try_emplace(receipt.id, receipt.body);
        m_sums.changedBodies += !isNew && first->second != receipt.body ? 1 : 0;
    }
    keep(m_crm, std::move(receipt));
}

void WorkLog::redirectFollowed()
{
    const std::lock_guard lock(m_mutex);
    ++m_sums.followedRedirects;
}

std::vector<MediaRequest> WorkLog::media() const
{
    const std::lock_guard lock(m_mutex);
    return m_media;
}

std::vector<AiRequest> WorkLog::ai() const
{
    const std::lock_guard lock(m_mutex);
    return m_ai;
}

std::vector<CrmReceipt> WorkLog::crm() const
{
    const std::lock_guard lock(m_mutex);
    return m_crm;
}

WorkRecord WorkLog::sums() const
{
    const std::lock_guard lock(m_mutex);
    return m_sums;
}

QJsonObject WorkLog::json() const
{
    const std::lock_guard lock(m_mutex);
    return {{QStringLiteral("media"), array(m_media)},
            {QStringLiteral("ai"), array(m_ai)},
            {QStringLiteral("crm"),
             QJsonObject{{QStringLiteral("receipts"), array(m_crm)}, {QStringLiteral("ids"), counts(m_sums.ids)}}},
            {QStringLiteral("sums"), workObject(m_sums)}};
}

QJsonObject workObject(const WorkRecord &s)
{
    return {{QStringLiteral("recordings"), qint64(s.recordings)},
            {QStringLiteral("absent"), qint64(s.absent)},
            {QStringLiteral("downloads"), qint64(s.downloads)},
            {QStringLiteral("media_requests"), qint64(s.mediaRequests)},
            {QStringLiteral("deleted"), qint64(s.deleted)},
            {QStringLiteral("leaked_authorizations"), qint64(s.leaked)},
            {QStringLiteral("transcriptions"), qint64(s.transcriptions)},
            {QStringLiteral("audio_seconds"), s.audioSeconds},
            {QStringLiteral("chats"), qint64(s.chats)},
            {QStringLiteral("ai_requests"), qint64(s.aiRequests)},
            {QStringLiteral("ai_unauthorized"), qint64(s.aiUnauthorized)},
            {QStringLiteral("deliveries"), qint64(s.deliveries)},
            {QStringLiteral("bad_signatures"), qint64(s.badSignatures)},
            {QStringLiteral("duplicates"), qint64(s.duplicates)},
            {QStringLiteral("followed_redirects"), qint64(s.followedRedirects)},
            {QStringLiteral("changed_bodies"), qint64(s.changedBodies)},
            {QStringLiteral("ids"), counts(s.ids)}};
}

} // namespace takt::sim
