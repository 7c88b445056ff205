// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/postgres.h"

#include "store/database.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QSqlQuery>
#include <QTest>
#include <QUrl>

#include <algorithm>
#include <csignal>
#include <memory>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kPatienceMs = 60'000; // of a machine that is busy with other things

// The newest; empty: none.
QString binaries()
{
    QStringList folders;
    const QDir root(u"/usr/lib/postgresql"_s);
    for (const QString &version : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        folders << root.filePath(version + u"/bin"_s);
    std::sort(folders.begin(), folders.end(), [](const QString &a, const QString &b) {
        return a.section(u'/', 4, 4).toInt() > b.section(u'/', 4, 4).toInt();
    });
    folders << QString::fromLocal8Bit(qgetenv("PATH")).split(u':');
    for (const QString &folder : folders) {
        if (QFile::exists(folder + u"/initdb"_s) && QFile::exists(folder + u"/postgres"_s))
            return folder;
    }
    return {};
}

int freePort()
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *any = reinterpret_cast<sockaddr *>(&address);
    const bool bound = bind(fd, any, size) == 0 && getsockname(fd, any, &size) == 0;
    ::close(fd);
    return bound ? ntohs(address.sin_port) : 0;
}

} // namespace

Postgres *Postgres::instance()
{
    static const QString s_binaries = binaries();
    if (s_binaries.isEmpty())
        return nullptr;
    static std::unique_ptr<Postgres> s_server;
    if (s_server == nullptr) {
        s_server.reset(new Postgres(s_binaries));
        if (!s_server->init() || !s_server->start())
            qFatal("PostgreSQL does not start");
    }
    return s_server.get();
}

Postgres::Postgres(const QString &binaries)
    : m_binaries(binaries)
{
    if (geteuid() != 0)
        return;
    // It refuses to run as root.
    for (const char *name : {"postgres", "nobody"}) {
        if (const passwd *user = getpwnam(name); user != nullptr) {
            m_user = user->pw_uid;
            m_group = user->pw_gid;
            break;
        }
    }
}

Postgres::~Postgres()
{
    stop();
}

QString Postgres::password()
{
    return u"p@ss:w/ö'r\\d #1"_s; // all that has to be quoted somewhere
}

QString Postgres::url(const QString &database) const
{
    return u"postgresql://takt:%1@127.0.0.1:%2/%3"_s.arg(QString::fromLatin1(QUrl::toPercentEncoding(password())),
                                                         QString::number(m_port), database);
}

QString Postgres::socketUrl(const QString &database) const
{
    return u"postgresql://takt:%1@:%2/%3?host=%4"_s.arg(QString::fromLatin1(QUrl::toPercentEncoding(password())),
                                                        QString::number(m_port), database, m_dir.path());
}

void Postgres::beUnprivileged(QProcess &process) const
{
    process.setChildProcessModifier([user = m_user, group = m_group] {
        if (user != 0 && (setgid(group) != 0 || setuid(user) != 0))
            _exit(126);
        prctl(PR_SET_PDEATHSIG, SIGQUIT); // PostgreSQL's word for "now"; after setuid(), which clears it
    });
}

bool Postgres::run(QProcess &process, const QString &program, const QStringList &arguments) const
{
    beUnprivileged(process);
    process.setWorkingDirectory(m_dir.path());
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(m_binaries + u'/' + program, arguments);
    return process.waitForStarted();
}

bool Postgres::init()
{
    QFile secret(m_dir.filePath(u"password"_s));
    if (!m_dir.isValid() || !secret.open(QIODevice::WriteOnly) || secret.write(password().toUtf8() + '\n') < 0)
        return false;
    secret.close();
    if (m_user != 0
        && (chown(QFile::encodeName(m_dir.path()), m_user, m_group) != 0
            || chown(QFile::encodeName(secret.fileName()), m_user, m_group) != 0))
        return false;
    QProcess initdb;
    const bool done = run(initdb, u"initdb"_s,
                          {u"-D"_s, u"data"_s, u"-U"_s, u"takt"_s, u"-A"_s, u"scram-sha-256"_s, u"--pwfile=password"_s,
                           u"--no-sync"_s, u"--no-instructions"_s, u"-E"_s, u"UTF8"_s, u"--locale=C.UTF-8"_s})
                      && initdb.waitForFinished(kPatienceMs) && initdb.exitCode() == 0;
    if (!done)
        qWarning().noquote() << initdb.readAll();
    return done;
}

bool Postgres::answers() const
{
    return store::Database::connect(url(u"postgres"_s)).ok();
}

bool Postgres::start()
{
    QElapsedTimer patience;
    patience.start();
    if (m_port == 0)
        m_port = freePort();
    while (patience.elapsed() < kPatienceMs) {
        if (m_server.state() == QProcess::NotRunning) {
            m_server.setStandardOutputFile(m_dir.filePath(u"server.log"_s), QIODevice::Append);
            // What the kernel has is safe from kill(): no need to wait for a disk.
            const bool started = run(m_server, u"postgres"_s,
                                     {u"-D"_s, u"data"_s, u"-k"_s, m_dir.path(), u"-p"_s, QString::number(m_port),
                                      u"-c"_s, u"listen_addresses=127.0.0.1"_s, u"-c"_s, u"fsync=off"_s, u"-c"_s,
                                      u"full_page_writes=off"_s, u"-c"_s, u"shared_buffers=16MB"_s, u"-c"_s,
                                      u"max_connections=50"_s, u"-c"_s, u"deadlock_timeout=200ms"_s});
            if (!started)
                return false;
        }
        if (answers())
            return true;
        m_server.waitForFinished(20); // it gives up at once when the one before is not quite gone
    }
    QFile log(m_dir.filePath(u"server.log"_s));
    if (log.open(QIODevice::ReadOnly))
        qWarning().noquote() << log.readAll().last(qMin(log.size(), qint64(2000)));
    return false;
}

void Postgres::stop()
{
    if (m_server.state() == QProcess::NotRunning)
        return;
    ::kill(pid_t(m_server.processId()), SIGINT); // the "fast" shutdown
    if (!m_server.waitForFinished(kPatienceMs))
        kill();
}

void Postgres::kill()
{
    m_server.kill();
    m_server.waitForFinished(kPatienceMs);
}

void Postgres::create(const QString &database, const QString &options)
{
    const auto admin = store::Database::connect(url(u"postgres"_s));
    if (!admin)
        return QTest::qFail(qPrintable(admin.error()), __FILE__, __LINE__);
    QSqlQuery query((*admin)->handle());
    if (!query.exec(u"CREATE DATABASE %1 %2"_s.arg(database, options)))
        QTest::qFail(qPrintable(query.lastError().text()), __FILE__, __LINE__);
}

void Postgres::drop(const QString &database)
{
    if (const auto admin = store::Database::connect(url(u"postgres"_s)); admin.ok())
        QSqlQuery((*admin)->handle()).exec(u"DROP DATABASE IF EXISTS %1 WITH (FORCE)"_s.arg(database));
}

} // namespace takt::test
