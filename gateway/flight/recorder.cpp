// SPDX-License-Identifier: GPL-3.0-or-later
#include "flight/recorder.h"

#include <QDir>
#include <QFile>

namespace takt::flight {

Recorder::Recorder(const QString &folder, qint64 keepBytes, const Setup &setup)
    : m_writer(new Writer(folder, keepBytes, setup))
{
    if (keepBytes > 0 && QDir().mkpath(folder)) {
        QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        m_crash.emplace(folder, setup);
    }
    m_thread.setObjectName(QStringLiteral("flight"));
    m_writer->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_writer, &QObject::deleteLater);
    m_thread.start(QThread::LowPriority);
    QMetaObject::invokeMethod(m_writer, &Writer::open, Qt::QueuedConnection);
}

Recorder::~Recorder()
{
    QMetaObject::invokeMethod(
        m_writer, [] {}, Qt::BlockingQueuedConnection); // behind what is under way
    m_thread.quit();
    m_thread.wait();
}

template <typename Question, typename Reply>
void Recorder::ask(Question question, Reply reply)
{
    QMetaObject::invokeMethod(m_writer, [this, question = std::move(question), reply = std::move(reply)] {
        auto answer = question(*m_writer);
        QMetaObject::invokeMethod(this, [reply, answer = std::move(answer)] { reply(answer); });
    });
}

void Recorder::freeze(const media::CallMediaPtr &media, Deliver deliver)
{
    ask([media](Writer &writer) { return writer.freeze(media); }, std::move(deliver));
}

void Recorder::read(const QString &nameOrCall, Deliver deliver)
{
    ask([nameOrCall](Writer &writer) { return writer.read(nameOrCall); }, std::move(deliver));
}

void Recorder::askRows(std::function<void(const QHash<QString, QJsonObject> &)> deliver)
{
    ask([](Writer &writer) { return writer.rows(); }, std::move(deliver));
}

} // namespace takt::flight
