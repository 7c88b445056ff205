// SPDX-License-Identifier: GPL-3.0-or-later
// One topic while somebody reads it: asks for its state at a fixed pace, and sends each reader what has changed. A reader
// who has not taken what he was sent gets nothing more until he has, and then a fresh snapshot: what waits for him never
// grows. In the control thread.
#pragma once

#include "control/picture.h"

#include <QObject>
#include <QTimer>

#include <functional>

namespace takt::control {

class Feed final : public QObject
{
    Q_OBJECT
public:
    static constexpr int kLeastMs = 100; // between two updates of a topic

    // Of values: a picture is drawn in the control thread, wherever its source lives.
    using Draw = std::function<Picture()>;
    // Once for each time that it is asked; soon or later.
    using Deliver = std::function<void(const Draw &)>;
    using Source = std::function<void(const Deliver &)>;

    class Reader
    {
    public:
        // He has taken most of what he was sent.
        [[nodiscard]] virtual bool keepsUp() const = 0;
        virtual void send(const QByteArray &lines) = 0;

    protected:
        ~Reader() = default;
    };

    Feed(QString topic, Source source, int intervalMs, QObject *parent);

    void add(Reader *reader);
    void remove(Reader *reader);
    [[nodiscard]] bool idle() const { return m_readers.isEmpty(); }

private:
    void ask();
    void onPicture(Picture picture);
    [[nodiscard]] QByteArray snapshot() const;

    const QString m_topic;
    const Source m_source;
    Picture m_picture;
    bool m_known = false;            // m_picture has been delivered
    bool m_asked = false;            // and not answered yet
    QHash<Reader *, bool> m_readers; // true: he has the picture and is to hear of changes
    QTimer m_timer;
};

} // namespace takt::control
