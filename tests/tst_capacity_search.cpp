// SPDX-License-Identifier: GPL-3.0-or-later
// The search for the number of calls that a machine holds, on machines that are made up; which resource ended it; and what is
// told of it.
#include "sim/capacity/cores.h"
#include "sim/capacity/options.h"
#include "sim/capacity/report.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <functional>

using namespace takt::capacity;
using namespace Qt::Literals::StringLiterals;

namespace {

// What was measured, in order, on a machine that answers so.
QList<int> walk(CapacitySearch &search, const std::function<bool(int)> &holds)
{
    QList<int> seen;
    while (const auto calls = search.next()) {
        if (seen.size() > 100)
            break;
        seen << *calls;
        search.tell(holds(*calls));
    }
    return seen;
}

// A gateway on two cores of its own of which nothing is short.
Evidence calm()
{
    Evidence e;
    e.seconds = 10;
    e.cores = 2;
    e.gateway = {{"tx-0", 0.5, 0.01}, {"calls", 0.4, 0.01}};
    e.generator = {{"carrier", 0.3, 0}, {"model", 0.2, 0}};
    e.coresBusy = 0.5;
    e.pressure = 0.05;
    e.residentMb = 50;
    e.availableMb = 4000;
    e.totalMb = 8000;
    e.descriptors = 1000;
    e.descriptorLimit = 20'000;
    e.ownDescriptors = 1000;
    e.ownDescriptorLimit = 20'000;
    return e;
}

LevelFigures good(int calls)
{
    LevelFigures f;
    f.calls = f.opened = calls;
    f.framesPerSecond = 50;
    f.p99Ms = 1;
    f.p999Ms = 2;
    return f;
}

Level level(int calls, bool held, double p999Ms = 2)
{
    Level made;
    made.figures = good(calls);
    made.figures.p999Ms = p999Ms;
    made.figures.stalls = held ? 0 : 3;
    made.evidence = calm();
    made.evidence.stolen = held ? 0 : 0.3;
    made.slipped = slips(made.figures, Limits());
    made.cause = causeOf(made.evidence);
    return made;
}

} // namespace

class TestCapacitySearch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void coresAreDealtOut_data()
    {
        using Cores = std::vector<int>;
        QTest::addColumn<Cores>("running"); // the cores of a gateway that runs already; none: it is started here
        QTest::addColumn<int>("wanted");
        QTest::addColumn<Cores>("gateway");
        QTest::addColumn<Cores>("own");
        QTest::addColumn<bool>("shared");
        QTest::newRow("as it comes") << Cores{} << 0 << Cores{0, 1, 2, 3} << Cores{0, 1, 2, 3} << true;
        QTest::newRow("one for the gateway") << Cores{} << 1 << Cores{0} << Cores{1, 2, 3} << false;
        QTest::newRow("all for the gateway") << Cores{} << 4 << Cores{0, 1, 2, 3} << Cores{0, 1, 2, 3} << true;
        QTest::newRow("it runs on two") << Cores{1, 2} << 0 << Cores{1, 2} << Cores{0, 3} << false;
        QTest::newRow("it runs on all") << Cores{0, 1, 2, 3} << 0 << Cores{0, 1, 2, 3} << Cores{0, 1, 2, 3} << true;
        QTest::newRow("it runs on others than ours") << Cores{6, 7} << 0 << Cores{6, 7} << Cores{0, 1, 2, 3} << false;
    }
    void coresAreDealtOut()
    {
        QFETCH(std::vector<int>, running);
        QFETCH(int, wanted);
        const std::vector<int> all{0, 1, 2, 3};
        const Cores cores = running.empty() ? dealOut(all, wanted) : keepClear(all, running);
        QTEST(cores.gateway, "gateway");
        QTEST(cores.own, "own");
        QTEST(cores.shared, "shared");
    }

    void finds_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("step");
        QTest::addColumn<int>("most");
        QTest::addColumn<int>("limit"); // of the machine
        QTest::addColumn<int>("held");
        QTest::addColumn<int>("slipped"); // 0: none
        QTest::newRow("happy: between") << 50 << 25 << 2000 << 480 << 475 << 500;
        QTest::newRow("happy: exactly a step") << 50 << 25 << 2000 << 475 << 475 << 500;
        QTest::newRow("happy: to one call") << 50 << 1 << 2000 << 333 << 333 << 334;
        QTest::newRow("happy: coarse") << 10 << 100 << 2000 << 333 << 320 << 400;
        QTest::newRow("happy: the first is too many") << 400 << 25 << 2000 << 130 << 125 << 150;
        QTest::newRow("rainy: nothing holds") << 50 << 25 << 2000 << 3 << 0 << 25;
        QTest::newRow("happy: more than is tried") << 50 << 25 << 600 << 5000 << 600 << 0;
        QTest::newRow("happy: from above the most") << 500 << 25 << 100 << 5000 << 100 << 0;
        QTest::newRow("happy: the last step before the most") << 50 << 25 << 600 << 590 << 575 << 600;
    }
    void finds()
    {
        QFETCH(int, from);
        QFETCH(int, step);
        QFETCH(int, most);
        QFETCH(int, limit);
        QFETCH(int, held);
        QFETCH(int, slipped);
        CapacitySearch search({from, step, most, 3});
        const QList<int> seen = walk(search, [limit](int calls) { return calls <= limit; });
        QCOMPARE(search.held(), held);
        QCOMPARE(search.slipped().value_or(0), slipped);
        QVERIFY2(seen.size() <= 25, qPrintable(QString::number(seen.size())));
        QCOMPARE(seen.count(held), held > 0 ? 3 : 0); // seen as often as is wanted
        QVERIFY(*std::max_element(seen.begin(), seen.end()) <= most);
        if (slipped > 0) // and it slipped twice, nothing in between was left out
            QCOMPARE(seen.count(slipped), 2);
    }

    void oneHiccupIsNone()
    {
        CapacitySearch search({50, 25, 400, 1});
        int hiccups = 0;
        const QList<int> seen = walk(search, [&](int calls) { return calls != 100 || ++hiccups > 1; });
        QCOMPARE(seen, (QList<int>{50, 100, 100, 200, 400}));
        QCOMPARE(search.held(), 400);
        QVERIFY(!search.slipped());
    }
    // It held when it was first tried, and not when it was looked at again: then it is less.
    void whatHeldByLuckIsTakenBack()
    {
        CapacitySearch search({50, 25, 2000, 3});
        int times = 0;
        (void)walk(search, [&](int calls) { return calls < 100 || (calls == 100 && ++times == 1); });
        QCOMPARE(search.held(), 75);
        QCOMPARE(search.slipped().value_or(0), 100);
    }

    void causes_data()
    {
        using Change = std::function<void(Evidence &)>;
        QTest::addColumn<Change>("change");
        QTest::addColumn<int>("resource");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, Resource resource, const QString &says, Change change) {
            QTest::newRow(name) << change << int(resource) << says;
        };
        row("nothing", Resource::Unknown, u"no resource"_s, [](Evidence &) {});
        row("a thread", Resource::Thread, u"\"tx-0\" was busy 97 %"_s, [](Evidence &e) { e.gateway[0].busy = 0.97; });
        row("cores", Resource::Cores, u"2 cores were busy 96 %"_s, [](Evidence &e) {
            e.coresBusy = 0.96;
            e.gateway[0].busy = e.gateway[1].busy = 0.8;
        });
        row("shared cores, more of them the gateway's", Resource::Cores, u"1.10 processors in use by the gateway"_s,
            [](Evidence &e) {
                e.sharedCores = true;
                e.coresBusy = 0.97;
                e.gateway[0].busy = 0.7;
            });
        row("shared cores, more of them ours", Resource::LoadGenerator, u"would hold more"_s, [](Evidence &e) {
            e.sharedCores = true;
            e.coresBusy = 0.97;
            e.generator[0].busy = 0.8;
        });
        row("our own thread", Resource::LoadGenerator, u"\"carrier\" was busy 95 %"_s,
            [](Evidence &e) { e.generator[0].busy = 0.95; });
        row("our own thread and the gateway's", Resource::Thread, u"\"tx-0\""_s, [](Evidence &e) {
            e.generator[0].busy = 0.95;
            e.gateway[0].busy = 0.95;
        });
        row("our own lateness", Resource::LoadGenerator, u"was late itself: 5 %"_s,
            [](Evidence &e) { e.notMeasurable = 0.05; });
        row("our own lateness of the callers", Resource::LoadGenerator, u"8.0 ms late"_s,
            [](Evidence &e) { e.callerLateP99Ms = 8; });
        row("our lateness on a full machine is the machine's", Resource::Cores, u"busy 95 %"_s, [](Evidence &e) {
            e.callerLateP99Ms = 8;
            e.coresBusy = 0.95;
            e.gateway[0].busy = e.gateway[1].busy = 0.8;
        });
        row("our lateness on a stolen machine is the host's", Resource::Steal, u"took 20 %"_s, [](Evidence &e) {
            e.callerLateP99Ms = 8;
            e.stolen = 0.2;
        });
        row("stolen, and full by it", Resource::Steal, u"took 30 %"_s, [](Evidence &e) {
            e.stolen = 0.3;
            e.coresBusy = 0.99;
        });
        row("a little stolen, and full", Resource::Cores, u"busy 99 %"_s, [](Evidence &e) {
            e.stolen = 0.03;
            e.coresBusy = 0.99;
            e.gateway[0].busy = e.gateway[1].busy = 0.8;
        });
        row("somebody else", Resource::Others, u"other programs took 1.00, the gateway 0.90"_s,
            [](Evidence &e) { e.coresBusy = 0.95; });
        row("somebody else, on shared cores", Resource::Others, u"other programs took 0.50"_s, [](Evidence &e) {
            e.sharedCores = true;
            e.coresBusy = 0.95;
        });
        row("the gateway's own children", Resource::Cores, u"busy 95 %"_s, [](Evidence &e) {
            e.withWork = true;
            e.coresBusy = 0.95;
        });
        row("waiting", Resource::Scheduling, u"\"calls\" waited for a processor 20 %"_s,
            [](Evidence &e) { e.gateway[1].waiting = 0.2; });
        row("pressure", Resource::Scheduling, u"somebody on the machine"_s, [](Evidence &e) { e.pressure = 0.4; });
        row("memory", Resource::Memory, u"100 of 8000 MB"_s, [](Evidence &e) { e.availableMb = 100; });
        row("killed", Resource::Memory, u"was killed"_s, [](Evidence &e) { e.gatewayEnded = e.gatewayKilled = true; });
        row("ended", Resource::GatewayEnded, u"ended while"_s, [](Evidence &e) { e.gatewayEnded = true; });
        row("descriptors", Resource::Descriptors, u"1020 of its 1024"_s, [](Evidence &e) {
            e.descriptors = 1020;
            e.descriptorLimit = 1024;
        });
        row("our descriptors", Resource::LoadGenerator, u"1024 of its 1024"_s, [](Evidence &e) {
            e.ownDescriptors = 1024;
            e.ownDescriptorLimit = 1024;
        });
        row("backlog", Resource::Backlog, u"7 connections"_s, [](Evidence &e) { e.listenOverflows = 7; });
        row("gate", Resource::Gate, u"refused 4 calls"_s, [](Evidence &e) { e.refused = 4; });
        row("a gate that something else shut", Resource::Thread, u"\"tx-0\""_s, [](Evidence &e) {
            e.refused = 4;
            e.gateway[0].busy = 0.9;
        });
        row("a gateway that can't be seen", Resource::Cores, u"busy 95 %"_s, [](Evidence &e) {
            e.gateway.clear();
            e.residentMb.reset();
            e.descriptors.reset();
            e.pressure.reset();
            e.coresBusy = 0.95;
        });
    }
    void causes()
    {
        QFETCH(std::function<void(Evidence &)>, change);
        QFETCH(int, resource);
        QFETCH(QString, says);
        Evidence evidence = calm();
        change(evidence);
        const Cause cause = causeOf(evidence);
        QCOMPARE(name(cause.resource), name(Resource(resource)));
        QVERIFY2(cause.why.contains(says), qPrintable(cause.why));
    }
    void theOthersAreTold()
    {
        Evidence evidence = calm();
        evidence.gateway[0].busy = 0.9;
        evidence.stolen = 0.2;
        evidence.refused = 4;
        const Cause cause = causeOf(evidence);
        QCOMPARE(cause.beside.size(), 2);
        QVERIFY(cause.beside[0].contains(u"host"_s) && cause.beside[1].contains(u"refused 4"_s));
    }

    void slipsOf_data()
    {
        using Change = std::function<void(LevelFigures &)>;
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const QString &says, Change change) {
            QTest::newRow(name) << change << says;
        };
        row("happy: nothing", {}, [](LevelFigures &) {});
        row("happy: at the limit", {}, [](LevelFigures &f) { f.p999Ms = 20; });
        row("rainy: a stall", u"1 stalls over 120 ms"_s, [](LevelFigures &f) { f.stalls = 1; });
        row("rainy: a burst", u"2 bursts under 10 ms"_s, [](LevelFigures &f) { f.bursts = 2; });
        row("rainy: late", u"p99.9 of |gap - 20 ms| is 20.1 ms"_s, [](LevelFigures &f) { f.p999Ms = 20.1; });
        row("rainy: refused", u"3 calls refused"_s, [](LevelFigures &f) { f.failed = f.refused = 3; });
        row("rainy: not opened", u"3 calls that could not be opened"_s, [](LevelFigures &f) { f.failed = 3; });
        row("rainy: lost", u"1 calls lost"_s, [](LevelFigures &f) { f.dropped = 1; });
        row("rainy: silent", u"1 calls silent"_s, [](LevelFigures &f) { f.silent = 1; });
        row("rainy: slow", u"49.40 frames a second instead of 50"_s, [](LevelFigures &f) { f.framesPerSecond = 49.4; });
        row("rainy: never opened", u"only 3 of 9"_s, [](LevelFigures &f) {
            f.opening = u"only 3 of 9"_s;
            f.framesPerSecond = 0;
        });
    }
    void slipsOf()
    {
        QFETCH(std::function<void(LevelFigures &)>, change);
        QFETCH(QString, says);
        LevelFigures figures = good(100);
        change(figures);
        QCOMPARE(slips(figures, Limits()).join(u", "_s), says);
    }

    void tells()
    {
        Found found;
        found.variant = {2, true, false};
        found.held = 75;
        found.slipped = 100;
        found.levels = {level(50, true),    level(100, false), level(100, false), level(75, true, 3),
                        level(75, true, 9), level(75, false),  level(75, true, 4)};
        QCOMPARE(figuresOf(found)->p999Ms, 4.0); // median of those that held
        QCOMPARE(endOf(found), &found.levels[2]);
        const QString text = foundText(found);
        QVERIFY2(text.contains(u"2 cores, with TLS, without jobs: 75 calls held"_s), qPrintable(text));
        QVERIFY2(text.contains(u"100 were too many: 3 stalls over 120 ms"_s), qPrintable(text));
        QVERIFY2(text.contains(u"what ended it: the host (stolen time). the host took 30 %"_s), qPrintable(text));
        Found none;
        none.slipped = 50;
        none.levels = {level(50, false), level(50, false)};
        Found open;
        open.held = 50;
        open.levels = {level(50, true)};
        const QStringList rows = table({found, none, open}, {2, u"Linux"_s, u"a processor"_s}, Options()).split(u'\n');
        QCOMPARE(rows[2], u"| 2 | yes | no | 75 | 1.00 / 4.00 | 0.00 | 0.00 | the host (stolen time) |"_s);
        QCOMPARE(rows[3], u"| all | no | no | 0 |  |  |  | the host (stolen time) |"_s);
        QCOMPARE(rows[4], u"| all | no | no | 50 or more | 1.00 / 2.00 | 0.00 | 0.00 | the search |"_s);
        const QJsonObject json = QJsonDocument::fromJson(toJson({found}, {2, u"Linux"_s, u"a processor"_s}, Options()))
                                     .object();
        const QJsonObject search = json[u"searches"_s][0].toObject();
        QCOMPARE(search[u"held"_s].toInt(), 75);
        QCOMPARE(search[u"ended_by"_s].toString(), u"the host (stolen time)"_s);
        QCOMPARE(search[u"levels"_s].toArray().size(), 7);
    }

    void readsItsOptions()
    {
        const QString program = QCoreApplication::applicationFilePath(); // any that exists
        const auto read = [&](QStringList more) {
            return readOptions(QStringList{u"takt-sim"_s, u"--gateway"_s, program} + more);
        };
        const auto plain = read({});
        QVERIFY2(plain.ok(), plain.ok() ? "" : qPrintable(plain.error()));
        QVERIFY(plain->variants == std::vector{Variant()});
        const auto both = read({u"--tls"_s, u"both"_s, u"--jobs"_s, u"on"_s, u"--cores"_s, u"1"_s});
        QVERIFY(both.ok());
        QVERIFY((both->variants == std::vector{Variant{1, false, true}, Variant{1, true, true}}));
        QVERIFY(read({u"--table"_s})->variants.size() >= 4);
        QVERIFY(!read({u"--cores"_s, u"0"_s}).ok());
        QVERIFY(!read({u"--cores"_s, u"9999"_s}).ok());
        QVERIFY(!read({u"--tls"_s, u"maybe"_s}).ok());
        QVERIFY(!read({u"--from"_s, u"0"_s}).ok());
        QVERIFY(!read({u"more"_s}).ok());
        QVERIFY(!readOptions({u"takt-sim"_s, u"--gateway"_s, u"/nowhere"_s}).ok());
        const QStringList url{u"takt-sim"_s, u"--gateway"_s, u"ws://127.0.0.1:8080/media"_s};
        QVERIFY(!readOptions(url).ok()); // its model's port is missing
        const auto running = readOptions(url + QStringList{u"--model-port"_s, u"9090"_s});
        QVERIFY(running.ok());
        QCOMPARE(running->url, url.last());
        QVERIFY(!readOptions(url + QStringList{u"--model-port"_s, u"9090"_s, u"--tls"_s, u"on"_s}).ok());
        QVERIFY(
            !readOptions({u"takt-sim"_s, u"--gateway"_s, u"ws://example.com:80/"_s, u"--model-port"_s, u"1"_s}).ok());
    }
};

QTEST_GUILESS_MAIN(TestCapacitySearch)
#include "tst_capacity_search.moc"
