// SPDX-License-Identifier: GPL-3.0-or-later
// A real PostgreSQL server for a test program, in a folder of its own, as an unprivileged user, with a password. It ends
// with the program, however that ends. Lives in the test's main thread.
#pragma once

#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace takt::test {

class Postgres
{
public:
    // The program's server, started on first use; nullptr where PostgreSQL is not installed.
    static Postgres *instance();
    ~Postgres();
    Q_DISABLE_COPY_MOVE(Postgres)

    // By TCP, with the password percent-encoded.
    [[nodiscard]] QString url(const QString &database) const;
    // By the Unix socket in the server's folder.
    [[nodiscard]] QString socketUrl(const QString &database) const;
    [[nodiscard]] static QString password();

    // Empty; then url() leads to it. Fails the test when it can't.
    void create(const QString &database, const QString &options = {});
    void drop(const QString &database);

    // False: it does not come up.
    bool start();
    void stop();
    // As a power failure would, but for the kernel's own buffers.
    void kill();

private:
    explicit Postgres(const QString &binaries);
    [[nodiscard]] bool init();
    [[nodiscard]] bool answers() const;
    [[nodiscard]] bool run(QProcess &process, const QString &program, const QStringList &arguments) const;
    void beUnprivileged(QProcess &process) const;

    QString m_binaries;
    QTemporaryDir m_dir;
    QProcess m_server;
    int m_port = 0;
    unsigned m_user = 0; // 0: as we are
    unsigned m_group = 0;
};

} // namespace takt::test
