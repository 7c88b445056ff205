// SPDX-License-Identifier: GPL-3.0-or-later
#include "calls/timeline.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace takt;
using takt::calls::Timeline;

namespace {

QStringList words(const Timeline &timeline)
{
    QStringList all;
    for (const CallEvent &event : timeline.events())
        all << event.what;
    return all;
}

} // namespace

class TestTimeline : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void latencyIsFromTheCallersLastWordToTheAgentsFirstSound()
    {
        Timeline timeline;
        QCOMPARE(timeline.latencyMs(), -1);
        timeline.onAgentAudio(1000); // the greeting: nobody waited for it
        timeline.onAgentAudio(1020);
        QCOMPARE(timeline.latencyMs(), -1);
        timeline.onCallerBegins(2000);
        timeline.onCallerEnds(3000);
        timeline.onAgentAudio(3450);
        timeline.onAgentAudio(3470);
        QCOMPARE(timeline.latencyMs(), 450);
        QCOMPARE(timeline.events().back().detail, u"450"_s);
        QCOMPARE(words(timeline), (QStringList{u"agent_speaks"_s, u"caller_speaks"_s, u"agent_speaks"_s}));
    }

    void whoSpeaksOnIsNotWaiting()
    {
        Timeline timeline;
        timeline.onCallerBegins(0);
        timeline.onCallerEnds(100);
        timeline.onCallerBegins(200); // a pause for breath
        timeline.onCallerEnds(1000);
        timeline.onAgentAudio(1300);
        QCOMPARE(timeline.latencyMs(), 300);
    }

    void theOldestEventsGo()
    {
        Timeline timeline;
        for (int i = 0; i < int(Timeline::kMostEvents) + 5; ++i)
            timeline.note("tool"_L1, i);
        QCOMPARE(timeline.events().size(), Timeline::kMostEvents);
        QCOMPARE(timeline.events().front().number, 5);
    }
};

QTEST_GUILESS_MAIN(TestTimeline)
#include "tst_timeline.moc"
