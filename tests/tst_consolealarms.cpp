// SPDX-License-Identifier: GPL-3.0-or-later
// Who does not look at the window hears of stalls and dead jobs: what is new, not too often, by the desktop's means.
#include "console/models/alarms.h"
#include "console/samples.h"
#include "console/views/herald.h"
#include "console/windowrig.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using namespace takt::console;

class TestConsoleAlarms : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatWasThereBeforeIsNoNews()
    {
        News news;
        QCOMPARE(news.look({{1000, 2}, {2000, 1}}), 0);
        QCOMPARE(news.look({{1000, 2}, {2000, 1}, {3000, 0}}), 0);
        QCOMPARE(news.look({{2000, 1}, {3000, 0}, {4000, 3}, {5000, 1}}), 4);
        QCOMPARE(news.look({{5000, 1}}), 0);
        News empty;
        QCOMPARE(empty.look({}), 0);
        QCOMPARE(empty.look({{1, 1}}), 1);
    }

    void oneOfAKindAMinute()
    {
        Bell bell;
        const qint64 start = 1'000'000;
        QCOMPARE(bell.ring(Alarm::Stall, 1, start), 1);
        QCOMPARE(bell.ring(Alarm::DeadJob, 2, start + 1), 2); // another kind
        for (int s = 1; s < 60; ++s)
            QCOMPARE(bell.ring(Alarm::Stall, 1, start + s * 1000), 0);
        QCOMPARE(bell.ring(Alarm::Stall, 1, start + 59'999), 0);
        QCOMPARE(bell.ring(Alarm::Stall, 1, start + 60'000), 61); // with those that were kept back
        QCOMPARE(bell.ring(Alarm::Stall, 5, start + 119'999), 0);
        QCOMPARE(bell.ring(Alarm::Stall, 0, start + 200'000), 5);
        QCOMPARE(bell.ring(Alarm::Stall, 0, start + 300'000), 0); // of nothing
    }

    void whoLooksIsNotDisturbed()
    {
        Watched w;
        w.stall();
        QTest::qWait(300);
        QCOMPARE(w.told.size(), 0);
        w.lookAway();
        w.stall();
        QTRY_COMPARE(w.told.size(), 1);
        QVERIFY(w.told[0][0].toString().contains(u"Main street"_s));
        QCOMPARE(w.sounds.size(), 0); // unless it is wanted
        w.stall();
        QTest::qWait(300);
        QCOMPARE(w.told.size(), 1); // once a minute
    }

    void aDeadJobIsTold()
    {
        Watched w;
        w.lookAway();
        TopicState jobs = samples::jobs(w.rig.nowMs);
        QJsonObject &job = jobs.rows[u"1000"_s]; // it was running
        job.insert("state"_L1, "failed"_L1);
        job.insert("finished_at_ms"_L1, w.rig.nowMs + 1000);
        w.rig.gateway.publish(u"jobs"_s, jobs);
        QTRY_COMPARE(w.told.size(), 1);
        QVERIFY(w.told[0][1].toString().contains(u'1'));
    }

    // Another gateway of the same window is not looked at either.
    void theOtherGatewayIsHeard()
    {
        Watched w;
        FakeGateway second;
        samples::publishAll(second, w.rig.nowMs, false);
        QCOMPARE(second.listen(w.rig.dir.filePath(u"second.sock"_s)), QString());
        w.rig.window->addGateway({u"Airport"_s, w.rig.dir.filePath(u"second.sock"_s)});
        QTRY_COMPARE(second.clients(), 1);
        QTest::qWait(300); // what it has by then is no news
        second.publish(u"tx"_s, w.stalled(1));
        QTRY_COMPARE(w.told.size(), 1);
        QVERIFY(w.told[0][0].toString().contains(u"Airport"_s));
    }

    void asTheOperatorHasSetIt()
    {
        Watched w;
        w.choice(u"notify"_s)->setChecked(false);
        w.lookAway();
        w.stall();
        QTest::qWait(300);
        QCOMPARE(w.told.size(), 0);
        w.choice(u"sound"_s)->setChecked(true);
        w.stall();
        QTRY_COMPARE(w.sounds.size(), 1);
        QCOMPARE(w.told.size(), 0);
        // It stays so.
        QVERIFY(!QSettings().value(u"notify"_s).toBool());
        QVERIFY(QSettings().value(u"sound"_s).toBool());
    }

    // By programs of the desktop, played here by scripts that write down what they were asked.
    void theDesktopIsTold()
    {
        QTemporaryDir bin;
        const QString said = bin.filePath(u"said"_s);
        for (const auto name : {"notify-send", "canberra-gtk-play"}) {
            QFile script(bin.filePath(QString::fromLatin1(name)));
            QVERIFY(script.open(QIODevice::WriteOnly));
            script.write("#!/bin/sh\necho \"" + QByteArray(name) + " $*\" >>\"" + said.toUtf8() + "\"\n");
            script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        const QByteArray before = qgetenv("PATH");
        qputenv("PATH", bin.path().toUtf8());
        QWidget window;
        Herald herald(&window);
        herald.notify(u"--title"_s, u"text"_s);
        herald.sound();
        qputenv("PATH", before);
        const auto heard = [&said] {
            QFile file(said);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QTRY_VERIFY(heard().contains(" -- --title text\n"));
        QTRY_VERIFY(heard().contains("canberra-gtk-play --id=dialog-warning\n"));
    }

private:
    struct Watched {
        Watched()
            : rig(QLocale(QLocale::English))
            , told(rig.window.get(), &MainWindow::notification)
            , sounds(rig.window.get(), &MainWindow::sound)
        {
            rig.window->activateWindow();
            if (!QTest::qWaitForWindowActive(rig.window.get()))
                qFatal("the window does not become active");
        }
        // The beat of now, with so many stalls in a second that comes anew.
        [[nodiscard]] TopicState stalled(int more)
        {
            seconds += more;
            TopicState beat = samples::beat(rig.nowMs, 0);
            for (int i = 0; i < seconds; ++i)
                beat.rows.insert(u"second/%1"_s.arg(100 + i), {{"span"_L1, "second"_L1},
                                                               {"seconds"_L1, 1},
                                                               {"at_ms"_L1, rig.nowMs + 1000 * i},
                                                               {"stalls"_L1, 1}});
            return beat;
        }
        void stall() { rig.gateway.publish(u"tx"_s, stalled(1)); }
        void lookAway()
        {
            elsewhere.show();
            elsewhere.activateWindow();
            if (!QTest::qWaitForWindowActive(&elsewhere))
                qFatal("the other window does not become active");
        }
        [[nodiscard]] QAction *choice(const QString &name) const { return rig.window->findChild<QAction *>(name); }

        WindowRig rig;
        QSignalSpy told;
        QSignalSpy sounds;
        QWidget elsewhere;
        int seconds = 0;
    };
};

QTEST_MAIN(TestConsoleAlarms)
#include "tst_consolealarms.moc"
