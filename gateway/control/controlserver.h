// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's door: a local socket that only the gateway's own user may open; see CONTROL.md. It has a thread of its
// own, "control", where requests are read and JSON is made and written. Owned by the main thread, whose functions these
// are, and where handlers and sources run: questions come to it as queued calls, answers go back as values. The
// destructor joins; what is answered after it is nobody's.
#pragma once

#include "control/method.h"
#include "control/publisher.h"

#include <QThread>

namespace takt::control {

class Door;

class ControlServer final : public QObject
{
    Q_OBJECT
public:
    explicit ControlServer(const Methods &methods, const QHash<QString, Publisher::Kind> &topics = {},
                           QObject *parent = nullptr);
    ~ControlServer() override;

    // Waits for it; empty on success. Takes the place of a socket that nobody serves any more.
    [[nodiscard]] QString listen(const QString &path);

private:
    // What is asked in the control thread is asked in the main thread, and delivered in the control thread.
    template <typename Value, typename About, typename Deliver>
    [[nodiscard]] std::function<void(const About &, const Deliver &)>
    across(std::function<void(const About &, const Deliver &)> question);

    QThread m_thread;
    Door *m_door; // goes when the thread ends
};

} // namespace takt::control
