// SPDX-License-Identifier: GPL-3.0-or-later
// A request's body, from memory or from a file between a head and a tail: read once, piece by piece. Lives in the job's
// thread, for one exchange.
#pragma once

#include "jobs/http.h"

#include <QFile>

namespace takt::jobs {

class UploadBody
{
public:
    explicit UploadBody(const HttpRequest &request);

    // Empty, or why it can't be read.
    [[nodiscard]] QString start();
    [[nodiscard]] bool isWanted() const { return m_wanted; }
    [[nodiscard]] qint64 total() const { return m_total; }
    // The next piece; empty: that was all, or there is a fault.
    [[nodiscard]] QByteArray read(qint64 atMost);
    // What went wrong while it was read.
    [[nodiscard]] const QString &fault() const { return m_fault; }

private:
    const bool m_wanted;
    const QByteArray m_head; // or all of it
    const QByteArray m_tail;
    QFile m_file;
    QString m_fault;
    qint64 m_fileBytes = 0;
    qint64 m_total = 0;
    qint64 m_read = 0;
};

} // namespace takt::jobs
