// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/jobcontext.h"

#include "store/database.h"
#include "store/failpoint.h"
#include "store/jobstore.h"
#include "telemetry/log.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kProgressMs = 1'000;
constexpr off64_t kMostAtOnce = 256 * 1024;

// As the settings make it for a gateway that has no business.
config::BusinessPtr gatewaysOwn(const config::Settings &settings)
{
    auto business = std::make_shared<config::Business>();
    business->speech = settings.speech;
    business->webhookUrl = settings.webhook.url;
    business->webhookSecret = settings.webhook.secret;
    business->fallback = settings.fallback;
    return business;
}

QString folderOf(const config::Settings &settings, const QString &callSid)
{
    return settings.dataDir % "/calls/"_L1 % callSid;
}

QString whyNot(const char *what, const QString &path)
{
    return u"%1 %2: %3"_s.arg(QLatin1StringView(what), path, QString::fromLocal8Bit(std::strerror(errno)));
}

// A file to the disk in pieces: where the kernel is not preemptible, one fsync() of 20 MB keeps even a real-time thread
// waiting. That has the last word, on errors too.
void writeBack(int fd)
{
    struct stat facts {
    };
    const off64_t size = ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? facts.st_size : 0;
    for (off64_t at = 0; at < size; at += kMostAtOnce)
        ::sync_file_range(fd, at, kMostAtOnce, SYNC_FILE_RANGE_WRITE);
}

// Empty, or why what is there may not survive a power failure.
QString sync(const QString &path, int flags)
{
    const int fd = ::open(QFile::encodeName(path).constData(), flags | O_CLOEXEC);
    if (fd < 0)
        return whyNot("can't open", path);
    writeBack(fd);
    const QString error = ::fsync(fd) == 0 ? QString() : whyNot("can't sync", path);
    ::close(fd);
    return error;
}

} // namespace

JobContext::JobContext(GatePass &pass, store::Database &database, const config::Settings &settings, store::Job job,
                       store::Dossier call)
    : m_pass(pass)
    , m_database(database)
    , m_settings(settings)
    , m_job(std::move(job))
    , m_call(std::move(call))
    , m_business(settings.businesses.byName(m_call.business))
{
    if (m_business == nullptr)
        m_business = gatewaysOwn(settings);
}

void JobContext::progress(double fraction, const QString &text)
{
    if (m_sinceProgress.isValid() && m_sinceProgress.elapsed() < kProgressMs)
        return;
    m_sinceProgress.start();
    const Result<bool> ours = store::JobStore(m_database).saveProgress(m_job, std::clamp(fraction, 0.0, 1.0), text);
    if (ours && !*ours)
        m_pass.stop(u"lease lost"_s);
}

bool JobContext::checkpoint(const QJsonObject &checkpoint)
{
    const Result<bool> ours = store::JobStore(m_database).saveCheckpoint(m_job, checkpoint);
    if (!ours) { // the work goes on: what is not written is done again, at worst
        qCWarning(telemetry::lcStore).noquote() << m_job.label() << "no checkpoint:" << ours.error();
        return true;
    }
    if (!*ours)
        m_pass.stop(u"lease lost"_s);
    store::failpoint("checkpoint");
    return *ours;
}

store::Outcome JobContext::interrupted() const
{
    return store::Outcome::interrupted(m_pass.stopReason());
}

QDir JobContext::folder() const
{
    const QDir folder(folderOf(m_settings, m_call.callSid));
    if (!folder.exists() && folder.mkpath(u"."_s)) // what people said is nobody else's
        QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return folder;
}

void JobContext::tidy() const
{
    static const QStringList s_kinds{u"original"_s, u"archive"_s, u"caller"_s, u"agent"_s, u"mixed"_s};
    const QDir folder(folderOf(m_settings, m_call.callSid));
    const QStringList files = folder.entryList(QDir::Files);
    for (const QString &file : files) {
        const bool kept = std::any_of(m_call.artifacts.begin(), m_call.artifacts.end(),
                                      [&](const QString &path) { return QFileInfo(path).fileName() == file; });
        if (!kept && s_kinds.contains(file.section(u'.', 0, 0)))
            QFile::remove(folder.filePath(file));
    }
}

QString JobContext::artifact(const QString &kind) const
{
    const QString path = m_call.artifacts.value(kind);
    if (path.isEmpty())
        return {};
    const QString absolute = QDir(m_settings.dataDir).absoluteFilePath(path);
    return QFile::exists(absolute) ? absolute : QString();
}

store::Artifact JobContext::asArtifact(const QString &kind, const QString &absolutePath) const
{
    return {kind, QDir(m_settings.dataDir).relativeFilePath(absolutePath), QFileInfo(absolutePath).size()};
}

qint64 JobContext::nowMs() const
{
    const qint64 now = m_database.nowMs();
    return now >= 0 ? now : QDateTime::currentMSecsSinceEpoch();
}

QString settle(const QString &temporary, const QString &final)
{
    if (const QString error = sync(temporary, O_RDWR); !error.isEmpty())
        return error;
    store::failpoint("file-written");
    if (std::rename(QFile::encodeName(temporary).constData(), QFile::encodeName(final).constData()) != 0)
        return whyNot("can't rename", temporary);
    const QString error = sync(QFileInfo(final).path(), O_RDONLY | O_DIRECTORY);
    store::failpoint("file-settled");
    return error;
}

} // namespace takt::jobs
