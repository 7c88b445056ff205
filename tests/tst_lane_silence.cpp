// SPDX-License-Identifier: GPL-3.0-or-later
// tx.idle and tx.lead_ms together, over the carrier's wire: words run ahead, silence never does. By a real clock, of
// which only one direction is relied on: nothing is ever early.
#include "support/mediathread.h"
#include "telemetry/counters.h"

#include <QElapsedTimer>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using telemetry::Counter;
using telemetry::counted;
using test::FakeCarrier;
using test::MediaThread;

namespace {

constexpr qint64 kFrameMs = 20;
const QByteArray kSilence(media::kFrameBytes, char(0xFF));
const QByteArray kWord(media::kFrameBytes, char(0x11));

} // namespace

class TestLaneSilence : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void idleAndLead_data()
    {
        QTest::addColumn<bool>("silence");
        QTest::addColumn<int>("leadMs");
        QTest::newRow("skip, strict") << false << 0;
        QTest::newRow("skip, lead") << false << 200;
        QTest::newRow("silence, strict") << true << 0;
        QTest::newRow("silence, lead") << true << 200;
    }

    // Some silence, half a second of words that the model does not go on with, and silence again.
    void idleAndLead()
    {
        QFETCH(bool, silence);
        QFETCH(int, leadMs);
        carrier::LaneOptions options;
        options.silenceWhenIdle = silence;
        media::Pacer::Config pacer;
        pacer.leadNs = leadMs * media::kNsPerMs;
        MediaThread thread(options, pacer);
        media::CallMediaPtr media;
        connect(thread.hub.get(), &carrier::Hub::started, this,
                [&](LaneId, const carrier::StreamStart &, const carrier::Pass &, const media::CallMediaPtr &m) {
                    media = m;
                });
        bool ended = false;
        connect(thread.hub.get(), &carrier::Hub::ended, this, [&] { ended = true; });
        const qint64 silentBefore = counted(Counter::FramesSilent);
        FakeCarrier caller(thread.url(), 1);
        QVERIFY(caller.waitConnected());
        int words = 0;
        QList<qint64> spareMs; // at each silent frame: the time since the start that no frame has filled
        QElapsedTimer clock;
        connect(&caller.socket, &QWebSocket::textMessageReceived, this, [&](const QString &text) {
            if (text.contains(QString::fromLatin1(kSilence.toBase64())))
                spareMs << clock.elapsed() - (words + spareMs.size()) * kFrameMs;
            else if (text.contains(QString::fromLatin1(kWord.toBase64())))
                ++words;
        });
        clock.start();
        caller.sendStart();
        QTRY_VERIFY(media != nullptr);
        QTRY_VERIFY(!silence || spareMs.size() >= 15);
        if (silence)
            QCOMPARE(media->health.facts().slotsSkipped, 0);               // before any word each slot's time has come
        QTRY_COMPARE(media->health.facts().leadMs, leadMs);                // told before the first word as well
        thread.run([&] { media->playout.append(1, kWord.repeated(25)); }); // no slot finds half of it
        QTRY_COMPARE(words, 25);
        QTRY_VERIFY(!silence || spareMs.size() >= 40);
        QTRY_COMPARE(media->health.facts().underruns, 1); // told also when silence took the words' place

        QCOMPARE(spareMs.isEmpty(), !silence);
        // Its place in time has come, but for a slot that was late before it, and the glide after a stall.
        for (const qint64 ms : spareMs)
            QVERIFY2(ms >= -3 * kFrameMs / 2, qPrintable(QString::number(ms)));
        caller.sendStop();
        QTRY_VERIFY(ended);
        const TxFacts facts = media->health.facts();
        QCOMPARE(facts.framesSent, 25);
        QCOMPARE(facts.framesSilent, counted(Counter::FramesSilent) - silentBefore); // those held back are none
    }
};

QTEST_GUILESS_MAIN(TestLaneSilence)
#include "tst_lane_silence.moc"
