// SPDX-License-Identifier: GPL-3.0-or-later
// The flight recorder's way to the disk: a thread of its own, and what is written when the process crashes. Owned by the
// main thread, whose functions these are; the destructor writes what is under way and joins.
#pragma once

#include "flight/crash.h"
#include "flight/writer.h"

#include <QThread>

#include <functional>
#include <optional>

namespace takt::flight {

class Recorder final : public QObject
{
    Q_OBJECT
public:
    // `folder`: made if it must be.
    Recorder(const QString &folder, qint64 keepBytes, const Setup &setup);
    ~Recorder() override;

    // To connect signals to; lives in the flight thread.
    [[nodiscard]] Writer *writer() const { return m_writer; }

    // All of these deliver in the main thread, soon.
    using Deliver = std::function<void(const Result<QJsonObject> &)>;
    void freeze(const media::CallMediaPtr &media, Deliver deliver);
    void read(const QString &nameOrCall, Deliver deliver);
    void askRows(std::function<void(const QHash<QString, QJsonObject> &)> deliver);

private:
    template <typename Question, typename Reply>
    void ask(Question question, Reply reply);

    QThread m_thread;
    Writer *m_writer;
    std::optional<CrashGuard> m_crash;
};

} // namespace takt::flight
