// SPDX-License-Identifier: GPL-3.0-or-later
// TX workers in threads of their own, with lanes that make each other late: whose lead rises.
#include "media/beatthread.h"
#include "media/txworker.h"

#include <QTest>

#include <functional>
#include <memory>
#include <vector>

using namespace Qt::Literals::StringLiterals;
using namespace takt::media;

namespace {

constexpr qint64 kMs = 1'000'000;
constexpr qint64 kInterval = 20 * kMs;

struct Slot {
    qint64 nowNs;
    qint64 lateNs;
};

// A worker and its thread. Its lanes write down their slots, and may keep the thread busy or send.
class Worker
{
public:
    explicit Worker(const Pacer::Config &config, bool autoLead = true)
        : m_ring(std::make_shared<CallerAudioRing>(m_thread.dispatcher()))
    {
        m_thread.run([&] { m_worker = std::make_unique<TxWorker>(m_thread.dispatcher(), config, m_ring, autoLead); });
    }
    ~Worker()
    {
        m_thread.run([this] { m_worker.reset(); });
    }
    Q_DISABLE_COPY_MOVE(Worker)

    // What becomes of its slots, in the worker's thread.
    void addLane(const std::function<Pacer::Outcome()> &slot)
    {
        m_thread.run([&] {
            m_lanes.push_back(std::make_unique<Lane>(*this, slot));
            m_worker->add(m_lanes.back().get());
        });
    }
    template <typename T>
    T ask(const std::function<T(const Worker &)> &question)
    {
        T answer{};
        m_thread.run([&] { answer = question(*this); });
        return answer;
    }
    qint64 leadNs()
    {
        return ask<qint64>([](const Worker &w) { return w.m_worker->leadNs(); });
    }
    // What the rule makes of the slots that the lanes have seen, and the lead that they were given with the last.
    std::pair<qint64, qint64> expectedAndGiven()
    {
        return ask<std::pair<qint64, qint64>>([](const Worker &w) {
            AutoLead rule;
            for (const Slot &slot : w.m_slots)
                rule.onSlot(slot.nowNs, slot.lateNs);
            return std::pair(rule.leadNs(), w.m_worker->leadNs());
        });
    }

private:
    struct Lane final : TxLane {
        Lane(Worker &w, const std::function<Pacer::Outcome()> &s)
            : worker(w)
            , slot(s)
        {
        }
        Pacer::Outcome onSlot(qint64 nowNs, qint64 lateNs) override
        {
            worker.m_slots.push_back({nowNs, lateNs});
            return slot();
        }
        Worker &worker;
        std::function<Pacer::Outcome()> slot;
    };

    BeatThread m_thread{u"tx"_s};
    std::shared_ptr<CallerAudioRing> m_ring;
    std::unique_ptr<TxWorker> m_worker;
    std::vector<std::unique_ptr<Lane>> m_lanes;
    std::vector<Slot> m_slots; // of all lanes
};

Pacer::Outcome nothing()
{
    return {};
}

// Now and then the thread gets stuck here, and whose slots come next are late.
std::function<Pacer::Outcome()> stuckEach(int slots)
{
    return [slots, n = 0]() mutable -> Pacer::Outcome {
        if (++n % slots == 0) {
            for (const qint64 untilNs = TxWorker::nowNs() + 40 * kMs; TxWorker::nowNs() < untilNs;) {
            }
        }
        return {};
    };
}

} // namespace

class TestTxWorker : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // No frame is sent at all: a slot that is late is late. The worker beside it is not this one's business.
    void autoLeadRisesWhereSlotsAreLate()
    {
        Worker late({});
        Worker beside({});
        beside.addLane(nothing);
        late.addLane(stuckEach(10));
        late.addLane(nothing);
        QCOMPARE(late.leadNs(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(late.leadNs() > 0, 2000);
        // By what its own lanes were told and by nothing else, whatever else this machine has to do.
        for (Worker *worker : {&late, &beside}) {
            const auto [expected, given] = worker->expectedAndGiven();
            QCOMPARE(given, expected);
        }
    }

    // Speech then runs ahead: a frame may be more than 30 ms before its time as the frames before it have it. Strict, a late
    // slot with the next in time makes 20 of them, and the glide back to the lane's phase 10.
    void whatIsSentFollowsTheLead()
    {
        Worker worker({});
        qint64 lastNs = 0; // these belong to the worker's thread
        qint64 aheadNs = 0;
        qint64 mostNs = 0;
        worker.addLane(stuckEach(10));
        worker.addLane([&] {
            const qint64 nowNs = TxWorker::nowNs();
            if (lastNs > 0)
                aheadNs = std::max<qint64>(0, aheadNs + kInterval - (nowNs - lastNs));
            mostNs = std::max(mostNs, aheadNs);
            lastNs = nowNs;
            return Pacer::Outcome{true, nowNs};
        });
        QTRY_VERIFY_WITH_TIMEOUT(worker.ask<qint64>([&](const Worker &) { return mostNs; }) > 30 * kMs, 10'000);
    }

    void aFixedLeadStays()
    {
        Pacer::Config config;
        config.leadNs = 60 * kMs;
        Worker fixed(config, false);
        fixed.addLane(stuckEach(5));
        fixed.addLane(nothing);
        QTRY_VERIFY(fixed.expectedAndGiven().first > 0);
        QCOMPARE(fixed.leadNs(), 60 * kMs);
        Worker automatic(config); // whose lead begins with none, whatever the settings were
        QCOMPARE(automatic.leadNs(), 0);
    }
};

QTEST_GUILESS_MAIN(TestTxWorker)
#include "tst_txworker.moc"
