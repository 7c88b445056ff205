// SPDX-License-Identifier: GPL-3.0-or-later
// multipart/form-data (RFC 7578) of one file and some fields, as what stands before and behind the file's bytes. Pure; any
// thread.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QPair>
#include <QString>

#include <functional>

namespace takt::jobs {

using FormFields = QList<QPair<QByteArray, QByteArray>>; // a name may come several times

struct FormFile {
    QByteArray field;
    QString fileName;
    QByteArray contentType;
};

struct Multipart {
    QByteArray contentType; // the header, with the boundary
    QByteArray head;
    QByteArray tail;
    [[nodiscard]] QByteArray around(const QByteArray &content) const { return head + content + tail; }
};

[[nodiscard]] QByteArray randomBoundary();

// The boundary is none that the fields or `content`, the file's bytes, have in them.
[[nodiscard]] Multipart multipart(const FormFields &fields, const FormFile &file, QByteArrayView content,
                                  const std::function<QByteArray()> &boundary = randomBoundary);

} // namespace takt::jobs
