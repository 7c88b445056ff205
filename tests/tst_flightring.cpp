// SPDX-License-Identifier: GPL-3.0-or-later
// The flight recorder's rings on a simulated clock: what goes in comes out, times beyond their bits, the last ten seconds
// of the worst traffic, and a reader beside a writer that never stops.
#include "flight/reader.h"
#include "media/frame.h"
#include "shared/flightrecord.h"

#include <QDeadlineTimer>
#include <QScopeGuard>
#include <QTest>

#include <thread>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using media::FlightLog;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kSecond = 1000 * kMs;

struct Told {
    QByteArray head;
    QByteArrayList lines;
};

Told told(const FlightLog &log, qint64 nowNs, const flight::Head &head = {})
{
    auto reader = std::make_unique<flight::Reader>();
    reader->read(log, nowNs);
    const auto bytes = [](std::string_view line) { return QByteArray(line.data(), qsizetype(line.size())); };
    Told told{bytes(reader->head(head)), {}};
    for (std::string_view line = reader->next(); !line.empty(); line = reader->next())
        told.lines << bytes(line).trimmed();
    return told;
}

} // namespace

class TestFlightRing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bothRingsAreToldInOneOrder()
    {
        const auto log = media::takeFlightLog("CA1", "MZ1", 5 * kSecond, 1000);
        log->call.note<FlightKind::Delta>(5 * kSecond + 4 * kMs, 1600, 7);
        log->tx.note<FlightKind::Sent>(5 * kSecond + 2 * kMs, 333, 12);
        log->tx.note<FlightKind::Full>(5 * kSecond + 22 * kMs, 320, 11);
        log->call.note<FlightKind::StallOver>(5 * kSecond + 300 * kMs, 260, qint64(StallCause::SocketFull));
        const QByteArrayList expected{R"({"t_us":2000,"what":"sent","late_us":320,"backlog":12})",
                                      R"({"t_us":4000,"what":"delta","bytes":1600,"item":7})",
                                      R"({"t_us":22000,"what":"full","unsent_bytes":320,"backlog":11})",
                                      R"({"t_us":300000,"what":"stall_over","ms":260,"cause":"socket full"})"};
        QCOMPARE(told(*log, 6 * kSecond).lines, expected);
    }

    void theHeadSaysWhoseItIsAndWhy()
    {
        const auto log = media::takeFlightLog("CA\"x/../", "MZ1", 0, 1'700'000'000'000);
        log->tx.note<FlightKind::Closed>(kSecond);
        flight::Head head;
        head.reason = FlightReason::Stall;
        head.atMs = 1'700'000'002'000;
        head.stallMs = 260;
        head.cause = StallCause::Starved;
        head.setup = {60, false, true};
        const auto record = FlightRecord::fromNdjson(told(*log, 2 * kSecond, head).head);
        QVERIFY2(record, qPrintable(record ? QString() : record.error()));
        QCOMPARE(record->about.callSid, u"CA_x____"_s); // a stranger's word: good for a file's name, and for JSON
        QCOMPARE(record->about.reason, u"stall"_s);
        QCOMPARE(record->about.cause, u"queue starved"_s);
        QCOMPARE(record->about.durationMs, qint64(260));
        QCOMPARE(record->fromUs, qint64(0));
        QCOMPARE(record->untilUs, qint64(2'000'000));
        QCOMPARE(record->head["lead_ms"_L1].toInt(), 60);
        QCOMPARE(record->head["idle"_L1].toString(), u"silence"_s);
    }

    // Figures beyond their bits stay the most that can be told; below zero is nothing.
    void figuresAreBounded()
    {
        const auto log = media::takeFlightLog("CA1", "MZ1", 0, 0);
        log->tx.note<FlightKind::Sent>(kMs, 60'000'000, 100'000);
        log->tx.note<FlightKind::Sent>(2 * kMs, -5, -1);
        QCOMPARE(told(*log, kSecond).lines,
                 (QByteArrayList{R"({"t_us":1000,"what":"sent","late_us":1048560,"backlog":8191})",
                                 R"({"t_us":2000,"what":"sent","late_us":0,"backlog":0})"}));
    }

    // Thirty bits are 71 minutes: the rest is known from what came later.
    void aLongCallKeepsItsTime()
    {
        const auto log = media::takeFlightLog("CA1", "MZ1", 0, 0);
        const qint64 hours = 5 * 3600 * kSecond;
        log->tx.note<FlightKind::Cleared>(hours - 50 * 60 * kSecond);
        log->tx.note<FlightKind::Cleared>(hours);
        const Told t = told(*log, hours + 3 * kSecond);
        QCOMPARE(t.lines, (QByteArrayList{R"({"t_us":15000000000,"what":"clear","frames":0})",
                                          R"({"t_us":18000000000,"what":"clear","frames":0})"}));
    }

    // The slot's own time, noted after something that happened within the slot.
    void aMomentInTheWrongOrderIsNoHourAgo()
    {
        const auto log = media::takeFlightLog("CA1", "MZ1", 0, 0);
        log->tx.note<FlightKind::Cleared>(2 * kMs + 8000);
        log->tx.note<FlightKind::ItemOver>(2 * kMs);
        QCOMPARE(told(*log, kSecond).lines,
                 (QByteArrayList{R"({"t_us":2000,"what":"clear","frames":0})", R"({"t_us":2000,"what":"item_over"})"}));
    }

    // Speech, caller audio and marks on the one side, a delta each frame on the other: ten seconds and more.
    void tenSecondsAreCovered()
    {
        const auto log = media::takeFlightLog("CA1", "MZ1", 0, 0);
        const qint64 end = 60 * kSecond;
        for (qint64 t = 0; t < end; t += media::kFrameNs) {
            log->tx.note<FlightKind::Media>(t, 160);
            log->tx.note<FlightKind::Sent>(t + kMs, 100, 20);
            if (t % kSecond == 0) {
                log->tx.note<FlightKind::MarkSent>(t + kMs, 1, 20);
                log->tx.note<FlightKind::MarkHeard>(t + 2 * kMs, 1, 20);
                log->call.note<FlightKind::Second>(t, 20, 20);
            }
            log->call.note<FlightKind::Delta>(t, 160, 1);
        }
        const Told t = told(*log, end);
        const auto record = FlightRecord::fromNdjson(t.head + t.lines.join('\n'));
        QVERIFY(record);
        QVERIFY2(record->untilUs - record->fromUs >= 10'000'000, QByteArray::number(record->fromUs));
        // Both rings tell of all that time, and nothing of it is missing: a frame in every slot.
        for (const QString &what : {u"sent"_s, u"delta"_s}) {
            const auto first = std::find_if(record->events.begin(), record->events.end(),
                                            [&](const FlightRecord::Event &event) { return event.what == what; });
            QVERIFY(first != record->events.end() && first->atUs - record->fromUs < 50'000);
        }
        qint64 lastUs = -1;
        for (const FlightRecord::Event &event : record->events) {
            QVERIFY(event.atUs >= record->fromUs);
            if (event.what != "sent"_L1)
                continue;
            if (lastUs >= 0)
                QCOMPARE(event.atUs - lastUs, qint64(20'000));
            lastUs = event.atUs;
        }
        QVERIFY(sizeof(FlightLog) <= 16 * 1024);
    }

    // A ring is used again, and nothing of the call before is seen.
    void theNextCallBeginsAnew()
    {
        const FlightLog *first = nullptr;
        {
            const auto log = media::takeFlightLog("CA1", "MZ1", 0, 0);
            log->tx.note<FlightKind::Closed>(kMs);
            first = log.get();
        }
        const auto log = media::takeFlightLog("CA2", "MZ2", 10 * kSecond, 0);
        QCOMPARE(log.get(), first);
        QVERIFY(told(*log, 11 * kSecond).lines.isEmpty());
        std::size_t slot = 0;
        const FlightLog *live = media::nextLiveFlightLog(slot);
        QCOMPARE(live, log.get());
        QCOMPARE(QByteArray(live->callSid.data()), "CA2");
        QCOMPARE(media::nextLiveFlightLog(slot), nullptr);
    }

    // Who reads while the other thread writes gets events in their order, none twice and none made up.
    void readingBesideTheWriter()
    {
        media::FlightRing<64> ring;
        ring.begin(0);
        std::atomic<bool> stop{false};
        std::thread writer([&] {
            // The number of the event, in both figures and in its time.
            for (qint64 n = 0; !stop.load(std::memory_order_relaxed); ++n)
                ring.note<FlightKind::Delta>(n * 4000, n & 0xFFFF, n & 0x1FFF);
        });
        const auto end = qScopeGuard([&] {
            stop = true;
            writer.join();
        });
        int overtaken = 0; // copies of which the writer took some back
        std::array<quint64, 64> words{};
        const QDeadlineTimer patience(30'000);
        while (overtaken < 1000 && !patience.hasExpired()) {
            const auto copied = ring.copy(words);
            overtaken += !copied.all && copied.count + 1 < words.size() ? 1 : 0;
            qint64 before = -1;
            for (std::size_t k = 0; k < copied.count; ++k) {
                const auto event = media::flightword::unpack(words[k], 4LL << 30);
                const qint64 n = event.atUs / 4;
                QCOMPARE(qint64(event.b), n & 0x1FFF);
                QCOMPARE(qint64(event.a), n & 0xFFFF);
                if (before >= 0)
                    QCOMPARE(n & 0x3FFFFFFF, (before + 1) & 0x3FFFFFFF);
                before = n;
            }
        }
        QCOMPARE(overtaken, 1000);
    }
};

QTEST_GUILESS_MAIN(TestFlightRing)
#include "tst_flightring.moc"
