// SPDX-License-Identifier: GPL-3.0-or-later
// The composition root: what exists, in which thread, in which order it starts and stops; and the gateway's life as a
// service: taking calls, draining, ending. Lives in the main thread.
#pragma once

#include "config/settings.h"
#include "control/method.h"
#include "control/publisher.h"
#include "shared/gatewaysnapshot.h"

#include <QObject>

#include <functional>
#include <memory>

namespace takt::admin {
struct Metrics;
}
namespace takt::calls {
class Call;
}

namespace takt {

class Daemon final : public QObject
{
    Q_OBJECT
public:
    explicit Daemon(config::Settings settings);
    ~Daemon() override;

    // Empty on success; else why the gateway can't run.
    [[nodiscard]] QString start();
    // No new calls: they get the fallback. finished() once the live ones are over, or were ended at the deadline.
    void drain();
    // drain(), and no way back.
    void drainForGood();
    // Takes calls again, unless it is to end in any case.
    [[nodiscard]] bool undrain();
    // Ends live calls, politely: whoever was on one hears the fallback. finished() a moment later.
    void endCalls();
    // For calls from now on. Returns what of it needs a restart; not empty in `problem`: nothing was changed.
    [[nodiscard]] QStringList apply(config::Settings settings, QString &problem);
    // Ends all calls, writes their records, stops all threads. Once. False: the database would not take all records.
    bool stop();

    // Delivers once every media thread has answered.
    void probe(std::function<void()> alive);
    [[nodiscard]] quint16 port() const;
    [[nodiscard]] quint16 adminPort() const;

Q_SIGNALS:
    void finished();

private:
    [[nodiscard]] QString openCalls();
    void connectRooms();
    [[nodiscard]] QString openControl();
    [[nodiscard]] QHash<QString, control::Publisher::Kind> topics();
    [[nodiscard]] QJsonObject txHead() const;
    void noteTx();
    [[nodiscard]] QString openAdmin();
    void onSecond();
    void onQuarter();
    void noteLiveCalls(int change);
    void onDrained();
    void finishSoon(int milliseconds);
    [[nodiscard]] QStringList notReady() const;
    void askCalls(std::function<void(const QList<CallSnapshot> &)> deliver);
    // All but the calls.
    [[nodiscard]] GatewaySnapshot snapshot() const;
    void collect(std::function<void(const admin::Metrics &)> deliver);
    void placeCall(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply);
    void hangUp(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply);
    void addFlightMethods(control::Methods &methods);
    void transfer(const QJsonObject &parameters, const std::function<void(const Result<QJsonObject> &)> &reply);
    // To a live call, in its thread.
    void order(const QJsonObject &parameters, std::function<QString(calls::Call &)> what,
               const std::function<void(const Result<QJsonObject> &)> &reply);

    config::Settings m_settings;
    struct Parts;
    std::unique_ptr<Parts> d;
};

} // namespace takt
