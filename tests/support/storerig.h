// SPDX-License-Identifier: GPL-3.0-or-later
// One suite for both databases: a test class that derives from StoreTest runs each of its functions on SQLite and on
// PostgreSQL, each time with an empty database and a clock set by hand. In the thread of the test.
#pragma once

#include "store/callstore.h"
#include "store/database.h"
#include "store/jobstore.h"
#include "support/storetest.h"

#include <QObject>
#include <QTemporaryDir>

#include <atomic>
#include <memory>

namespace takt::test {

using store::Database;
using store::Job;
using store::JobStore;
using store::Outcome;

class StoreTest : public QObject
{
    Q_OBJECT
protected:
    [[nodiscard]] bool onPostgres() const;
    [[nodiscard]] QString url() const { return m_url; }
    // A further connection, with the same clock. Any thread.
    [[nodiscard]] std::shared_ptr<Database> another();
    [[nodiscard]] JobStore queue() { return JobStore(*db); }

    // A call as the live side writes it, each step in a transaction of its own. They fail the test when they fail.
    void begin(const QString &call = u"CA1"_s, const QString &stream = u"MZ1"_s, const QString &business = u"shop"_s);
    void end(const QString &call = u"CA1"_s, const QString &stream = u"MZ1"_s);
    void beginAndEnd(const QString &call, const QString &business = u"shop"_s);
    template <typename Fact>
    void write(const Fact &fact)
    {
        store::Transaction transaction(*db);
        const QSqlError error = store::CallStore(*db, u"owner"_s).write(fact);
        if (error.isValid() || !transaction.commit())
            QTest::qFail(qPrintable(error.text() + transaction.error().text()), __FILE__, __LINE__);
    }

    // Of all stages when none is named. They fail the test on errors.
    QList<Job> claim(int count = 1, const QString &worker = u"w1"_s, const QList<Stage> &stages = {});
    Job claimOne(const QString &worker = u"w1"_s);
    bool finish(const Job &job, const Outcome &outcome = Outcome::completed());
    // Up to and without that stage.
    void finishBefore(Stage stage, const QString &worker = u"w1"_s);

    // "available pending pending...", in the pipeline's order.
    [[nodiscard]] QString states(const QString &call = u"CA1"_s) const;
    [[nodiscard]] QString state(Stage stage, const QString &call = u"CA1"_s) const;
    [[nodiscard]] qint64 id(Stage stage, const QString &call = u"CA1"_s) const;
    // Columns of one job, with bars between them.
    [[nodiscard]] QString job(const QString &columns, Stage stage = Stage::Download,
                              const QString &call = u"CA1"_s) const;
    void exec(const QString &sql);

    std::shared_ptr<Database> db;
    std::atomic<qint64> now{1'700'000'000'000};

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup();

private:
    QString m_url;
    std::unique_ptr<QTemporaryDir> m_dir;
};

} // namespace takt::test
