// SPDX-License-Identifier: GPL-3.0-or-later
// Ten thousand lives of calls at the door, as random as the network makes them, in simulated time. At every moment each
// slot has one known holder (an order, a token or a stream) and no limit is exceeded; at the end nobody holds anything.
#include "frontdoor/reception.h"
#include "support/reception.h"

#include <QRandomGenerator>
#include <QTest>

#include <functional>
#include <map>

using namespace takt;
using namespace takt::frontdoor;
using namespace Qt::Literals::StringLiterals;
using test::bearerIn;
using test::callSid;
using test::outboundCall;
using test::ringing;
using test::status;

namespace {

constexpr int kLives = 10'000;
constexpr int kKinds = 15;
const QString kNames[] = {u"shop"_s, u"bank"_s, u"bakery"_s};

QString numberOf(int business)
{
    return u"+1555000000%1"_s.arg(business);
}

// Runs events in the order of their time.
class World
{
public:
    explicit World(quint32 seed)
        : m_random(seed)
        , m_settings(settings(0))
        , m_admission(m_settings.admission)
        , m_reception(m_settings, m_admission)
    {
    }

    // Empty, or what was wrong.
    QString run()
    {
        for (int n = 0; n < kLives; ++n)
            at(m_random.bounded(kLives * 100), [this, n] { begin(n, m_random.bounded(kKinds)); });
        at(300'000, [this] { reload(1); });
        at(400'000, [this] { m_admission.setDraining(true); });
        at(430'000, [this] { m_admission.setDraining(false); });
        at(600'000, [this] { reload(2); });
        at(0, [this] { tick(); });
        while (!m_events.empty() && m_wrong.isEmpty()) {
            const auto first = m_events.begin();
            m_nowMs = first->first;
            const std::function<void()> event = std::move(first->second);
            m_events.erase(first);
            event();
            check();
        }
        if (m_wrong.isEmpty() && (m_admission.held() != 0 || m_reception.tokensWaiting() != 0))
            m_wrong = u"at the end %1 calls are held, %2 tokens wait"_s.arg(m_admission.held())
                          .arg(m_reception.tokensWaiting());
        return m_wrong;
    }

    int streams = 0;
    int refused = 0;
    int most = 0;
    QHash<int, int> streamsOf; // by kind of life

private:
    struct Live {
        carrier::Pass pass;
        int call = 0;
    };

    static config::Settings settings(int version)
    {
        QList<config::BusinessPtr> all;
        for (int i = 0; i < 3; ++i) {
            if (version != 1 || i != 2) // the bakery is away for a while
                all << test::business(kNames[i], {numberOf(i)}, {i == 0 ? 0 : 40 + 10 * version, i == 1 ? 15 : 0});
        }
        auto s = test::settings(all, {version == 1 ? 60 : 100, 25, 20, 2});
        return s;
    }

    void at(qint64 ms, std::function<void()> event) { m_events.emplace(ms, std::move(event)); }
    void in(qint64 ms, std::function<void()> event) { at(m_nowMs + ms, std::move(event)); }
    int upTo(int ms) { return m_random.bounded(ms); }

    void reload(int version)
    {
        m_settings = settings(version);
        m_admission.configure(m_settings.admission);
        m_reception.configure(m_settings);
        m_allowed = std::max(m_settings.admission.maxCalls, m_admission.held());
    }

    void tick()
    {
        m_admission.onSecond(upTo(20) == 0 ? 50 : 1);
        m_reception.tick(m_nowMs);
        m_orders.removeIf([this](const auto &order) { return m_nowMs >= order.value(); });
        if (m_nowMs < kLives * 100 + 3'700'000) // until the last order and the last token have run out
            in(1000, [this] { tick(); });
    }

    // Lives ------------------------------------------------------------------------------------------------------------

    void begin(int n, int kind)
    {
        if (kind < 9)
            inbound(n, kind);
        else
            outbound(n, kind);
    }

    void inbound(int n, int kind)
    {
        const QString to = kind == 7 ? u"+15559999999"_s : numberOf(upTo(3));
        const QByteArray bearer = voice(n, to, {});
        switch (kind) {
        case 1: // the carrier repeats its webhook, and comes with either
            in(upTo(500), [=, this] {
                const QByteArray second = voice(n, to, {});
                in(10, [=, this] { upgrade(n, kind, bearer, second.isEmpty() || second == bearer); });
                in(20, [=, this] { upgrade(n, kind, second, true); });
            });
            return;
        case 2: return; // never comes
        case 3:         // comes twice with one token
            in(10, [=, this] { upgrade(n, kind, bearer, true); });
            in(10 + upTo(2000), [=, this] { upgrade(n, kind, bearer, false); });
            return;
        case 4:
            in(upTo(1000), [=, this] {
                stream(n, u"stream-error"_s);
                in(1, [=, this] { upgrade(n, kind, bearer, false); });
            });
            return;
        case 5:
            in(upTo(1000), [=, this] {
                over(n, {});
                in(upTo(3000), [=, this] { upgrade(n, kind, bearer, false); });
            });
            return;
        case 6: // let in, and gone before anybody took the socket
            in(upTo(1000), [=, this] {
                upgrade(n, kind, bearer, true);
                hangUp(n);
            });
            return;
        case 8: in(60'000 + upTo(5000), [=, this] { upgrade(n, kind, bearer, false); }); return;
        default: in(upTo(2000), [=, this] { upgrade(n, kind, bearer, true); }); return;
        }
    }

    void outbound(int n, int kind)
    {
        const auto dialling = m_reception.dial(u"+15550009999"_s, kNames[upTo(3)], m_nowMs);
        if (!dialling.ok()) {
            ++refused;
            return;
        }
        const QString nonce = dialling->nonce;
        m_orders.insert(nonce, m_nowMs + 3'600'000);
        switch (kind) {
        case 9: // the carrier would not take the order
            in(upTo(1000), [=, this] {
                m_reception.onDialFailed(nonce);
                m_orders.remove(nonce);
            });
            return;
        case 10: in(upTo(1000), [=, this] { ring(n, nonce); }); return; // and nobody ever asks
        case 11: in(upTo(60'000), [=, this] { over(n, nonce); }); return;
        case 12: // too late
            in(upTo(1000), [=, this] { ring(n, nonce); });
            in(152'000, [=, this] { upgrade(n, kind, voice(n, {}, nonce), false); });
            return;
        case 13: // asked twice, over, asked again
            in(upTo(30'000), [=, this] {
                const QByteArray first = voice(n, {}, nonce);
                const QByteArray second = voice(n, {}, nonce);
                upgrade(n, kind, first, false);
                over(n, nonce);
                upgrade(n, kind, second, false);
                upgrade(n, kind, voice(n, {}, nonce), false);
            });
            return;
        default:
            in(upTo(60'000), [=, this] {
                const QByteArray bearer = voice(n, {}, nonce);
                in(upTo(1000), [=, this] { upgrade(n, kind, bearer, true); });
            });
        }
    }

    // Steps ------------------------------------------------------------------------------------------------------------

    // The carrier begins to ring an order.
    void ring(int n, const QString &nonce)
    {
        m_reception.onStatus(status(n, u"initiated"_s), nonce, m_nowMs);
        m_orders.insert(nonce, m_nowMs + 150'000);
    }

    QByteArray voice(int n, const QString &to, const QString &nonce)
    {
        m_orders.remove(nonce);
        const QByteArray bearer = bearerIn(
            m_reception.onVoice(nonce.isEmpty() ? ringing(n, to) : outboundCall(n), nonce, m_nowMs));
        refused += bearer.isEmpty() ? 1 : 0;
        return bearer;
    }

    void upgrade(int n, int kind, const QByteArray &bearer, bool welcome)
    {
        auto pass = m_reception.onUpgrade(bearer, m_nowMs);
        if (pass.ok() && !welcome)
            m_wrong = u"call %1 (kind %2) was let in with a token that is worth nothing"_s.arg(n).arg(kind);
        if (!pass.ok() && welcome && !bearer.isEmpty())
            m_wrong = u"call %1 (kind %2) was not let in: "_s.arg(n).arg(kind) + pass.error();
        if (!pass.ok())
            return;
        ++streams;
        ++streamsOf[kind];
        m_live.append({std::move(pass).value(), n});
        in(upTo(20'000), [this, n] { hangUp(n); });
    }

    void hangUp(int n)
    {
        const auto gone = m_live.removeIf([n](const Live &live) { return live.call == n; });
        if (gone == 0)
            return;
        m_reception.onEnded(callSid(n), EndReason(upTo(11)), m_nowMs);
        Q_UNUSED(m_reception.onAfterStream(status(n, u"in-progress"_s)));
        stream(n, u"stream-stopped"_s);
        if (upTo(3) > 0) // reports get lost
            in(upTo(5000), [this, n] { over(n, {}); });
    }

    void over(int n, const QString &nonce)
    {
        static const QStringList s_words{u"completed"_s, u"busy"_s, u"failed"_s, u"no-answer"_s, u"canceled"_s};
        m_reception.onStatus(status(n, s_words[upTo(5)]), nonce, m_nowMs);
        m_orders.remove(nonce);
    }

    void stream(int n, const QString &event)
    {
        StreamReport report;
        report.callSid = callSid(n);
        report.event = event;
        m_reception.onStream(report);
    }

    void check()
    {
        most = std::max(most, m_admission.held());
        m_allowed = std::max(m_settings.admission.maxCalls, std::min(m_allowed, m_admission.held()));
        const qsizetype known = m_live.size() + m_orders.size() + m_reception.tokensWaiting();
        if (m_wrong.isEmpty() && m_admission.held() != known)
            m_wrong = u"at %1 ms %2 calls are held, %3 streams, %4 orders and %5 tokens are known"_s.arg(m_nowMs)
                          .arg(m_admission.held())
                          .arg(m_live.size())
                          .arg(m_orders.size())
                          .arg(m_reception.tokensWaiting());
        if (m_wrong.isEmpty() && m_admission.held() > m_allowed)
            m_wrong = u"at %1 ms %2 calls are held: over the limit"_s.arg(m_nowMs).arg(m_admission.held());
        if (m_wrong.isEmpty() && m_admission.held(u"bank"_s) > 60)
            m_wrong = u"at %1 ms the bank has %2 calls"_s.arg(m_nowMs).arg(m_admission.held(u"bank"_s));
    }

    QRandomGenerator m_random;
    config::Settings m_settings;
    Admission m_admission;
    Reception m_reception;
    std::multimap<qint64, std::function<void()>> m_events;
    QList<Live> m_live;
    QHash<QString, qint64> m_orders; // by nonce: since when
    qint64 m_nowMs = 0;
    int m_allowed = 100;
    QString m_wrong;
};

} // namespace

class TestReceptionLives : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tenThousand_data()
    {
        QTest::addColumn<quint32>("seed");
        for (const quint32 seed : {1U, 20'26U, 4711U})
            QTest::addRow("seed %u", seed) << seed;
    }
    void tenThousand()
    {
        QFETCH(quint32, seed);
        World world(seed);
        QCOMPARE(world.run(), QString());
        QVERIFY2(world.streams > 1500, qPrintable(QString::number(world.streams)));
        QVERIFY(world.refused > 500);
        QCOMPARE(world.most, 100); // the limit was reached
        const auto kinds = world.streamsOf.keys();
        QCOMPARE(QSet<int>(kinds.begin(), kinds.end()), (QSet<int>{0, 1, 3, 6, 14}));
        QVERIFY2(world.streamsOf[14] > 50,
                 qPrintable(QString::number(world.streamsOf[14]))); // no order keeps its place
    }
};

QTEST_GUILESS_MAIN(TestReceptionLives)
#include "tst_reception_lives.moc"
