// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/multipart.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace takt::jobs {
namespace {

// As browsers do it (WHATWG): only these three can break out of a quoted name.
QByteArray quoted(QByteArray name)
{
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A").replace('\0', "");
    return '"' + name + '"';
}

// Of a content type, which stands unquoted.
QByteArray oneLine(QByteArray value)
{
    value.removeIf([](char c) { return static_cast<unsigned char>(c) < ' '; });
    return value;
}

} // namespace

QByteArray randomBoundary()
{
    std::array<quint32, 6> random{};
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    return "takt-" + QByteArray(reinterpret_cast<const char *>(random.data()), sizeof random).toHex();
}

Multipart multipart(const FormFields &fields, const FormFile &file, QByteArrayView content,
                    const std::function<QByteArray()> &boundary)
{
    QByteArray mark = boundary();
    const auto taken = [&] {
        return content.contains(mark)
               || std::any_of(fields.begin(), fields.end(), [&](const auto &f) { return f.second.contains(mark); });
    };
    while (taken())
        mark = boundary();

    Multipart form;
    form.contentType = "multipart/form-data; boundary=" + mark;
    // Fields first: a server that reads the form as it comes then knows what the file is for.
    for (const auto &[name, value] : fields)
        form.head += "--" + mark + "\r\nContent-Disposition: form-data; name=" + quoted(name) + "\r\n\r\n" + value
                     + "\r\n";
    form.head += "--" + mark + "\r\nContent-Disposition: form-data; name=" + quoted(file.field) + "; filename="
                 + quoted(file.fileName.toUtf8()) + "\r\nContent-Type: " + oneLine(file.contentType) + "\r\n\r\n";
    form.tail = "\r\n--" + mark + "--\r\n";
    return form;
}

} // namespace takt::jobs
