// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/wavfacts.h"

#include <QFile>
#include <QtEndian>

#include <algorithm>

namespace takt::jobs {

namespace {

constexpr quint32 kUnknown = 0x7FFFFFFF; // and above: written as a stream, before anybody knew

quint32 u32(const QByteArray &bytes, qsizetype at)
{
    return qFromLittleEndian<quint32>(bytes.constData() + at);
}
quint16 u16(const QByteArray &bytes, qsizetype at)
{
    return qFromLittleEndian<quint16>(bytes.constData() + at);
}

} // namespace

std::optional<WavFacts> readWavFacts(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray head = file.read(12);
    if (head.size() < 12 || !head.startsWith("RIFF") || head.sliced(8) != "WAVE")
        return std::nullopt;
    WavFacts facts;
    int bytesPerSecond = 0;
    while (true) {
        const QByteArray chunk = file.read(8);
        if (chunk.size() < 8)
            return std::nullopt; // no samples at all
        const quint32 size = u32(chunk, 4);
        if (chunk.startsWith("fmt ")) {
            const QByteArray format = file.read(16);
            if (format.size() < 16)
                return std::nullopt;
            facts.channels = u16(format, 2);
            facts.rate = int(u32(format, 4));
            bytesPerSecond = int(u32(format, 8));
            file.seek(file.pos() + size + (size & 1U) - 16);
        } else if (chunk.startsWith("data")) {
            facts.bytes = file.size() - file.pos();
            if (size > 0 && size < kUnknown) {
                facts.saidBytes = size;
                facts.bytes = std::min<qint64>(facts.bytes, size); // behind it there may be other chunks
            }
            break;
        } else if (!file.seek(file.pos() + size + (size & 1U))) {
            return std::nullopt;
        }
    }
    if (facts.channels <= 0 || bytesPerSecond <= 0)
        return std::nullopt;
    facts.seconds = double(facts.bytes) / bytesPerSecond;
    return facts;
}

} // namespace takt::jobs
