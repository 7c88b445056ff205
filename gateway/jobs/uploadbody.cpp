// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/uploadbody.h"

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

UploadBody::UploadBody(const HttpRequest &request)
    // A POST without a byte has a body too: an empty one.
    : m_wanted(request.method != "GET" && request.method != "HEAD")
    , m_head(request.bodyFile.isEmpty() ? request.body : request.bodyHead)
    , m_tail(request.bodyFile.isEmpty() ? QByteArray() : request.bodyTail)
    , m_file(request.bodyFile)
{
}

QString UploadBody::start()
{
    if (!m_wanted)
        return {};
    if (!m_file.fileName().isEmpty()) {
        if (!m_file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
            return u"the file can't be read: %1"_s.arg(m_file.errorString());
        m_fileBytes = m_file.size();
    }
    m_total = m_head.size() + m_fileBytes + m_tail.size();
    return {};
}

QByteArray UploadBody::read(qint64 atMost)
{
    const qint64 fileEnd = m_head.size() + m_fileBytes;
    QByteArray piece;
    if (m_read < m_head.size()) {
        piece = m_head.mid(m_read, atMost);
    } else if (m_read < fileEnd) {
        piece = m_file.read(std::min(atMost, fileEnd - m_read));
        if (piece.isEmpty()) // shorter than it was: what was promised can't be kept
            m_fault = u"the file changed while it was sent"_s;
    } else {
        piece = m_tail.mid(m_read - fileEnd, atMost);
    }
    m_read += piece.size();
    return piece;
}

} // namespace takt::jobs
