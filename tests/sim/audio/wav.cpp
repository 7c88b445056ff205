// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/audio/wav.h"

#include <QtEndian>

namespace takt::sim {
namespace {

Error notWav(const QString &path)
{
    return {QStringLiteral("%1 is not a 16-bit PCM WAV file").arg(path)};
}

Pcm mixDown(QByteArrayView data, int rate, int channels)
{
    Pcm pcm;
    pcm.rate = rate;
    const qsizetype step = 2 * channels;
    pcm.samples.reserve(std::size_t(data.size() / step));
    for (qsizetype at = 0; at + step <= data.size(); at += step) {
        int sum = 0;
        for (int c = 0; c < channels; ++c)
            sum += qFromLittleEndian<qint16>(data.data() + at + 2 * c);
        pcm.samples.push_back(static_cast<std::int16_t>(sum / channels));
    }
    return pcm;
}

} // namespace

Result<Pcm> readWav(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{QStringLiteral("cannot read %1: %2").arg(path, file.errorString())};
    const QByteArray bytes = file.readAll();
    if (!bytes.startsWith("RIFF") || bytes.mid(8, 4) != "WAVE")
        return notWav(path);
    int rate = 0;
    int channels = 0;
    for (qsizetype at = 12; at + 8 <= bytes.size();) {
        const QByteArray id = bytes.mid(at, 4);
        // espeak-ng writes to a pipe-like target a length of "the rest"; min() below bounds it
        const auto length = qsizetype(qFromLittleEndian<quint32>(bytes.constData() + at + 4));
        const qsizetype body = at + 8;
        if (id == "fmt " && length >= 16 && body + 16 <= bytes.size()) {
            const char *fmt = bytes.constData() + body;
            channels = qFromLittleEndian<quint16>(fmt + 2);
            rate = int(qFromLittleEndian<quint32>(fmt + 4));
            const int format = qFromLittleEndian<quint16>(fmt);
            if ((format != 1 && format != 0xFFFE) || qFromLittleEndian<quint16>(fmt + 14) != 16)
                return notWav(path);
        } else if (id == "data") {
            if (rate <= 0 || channels <= 0)
                return notWav(path);
            const qsizetype size = qMin(length, bytes.size() - body);
            return mixDown(QByteArrayView(bytes).sliced(body, size), rate, channels);
        }
        at = body + length + (length & 1);
    }
    return notWav(path);
}

bool WavWriter::open(const QString &path, int rate, int channels)
{
    m_rate = rate;
    m_channels = channels;
    m_bytes = 0;
    m_file.setFileName(path);
    if (!m_file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        return false;
    writeHeader();
    return true;
}

void WavWriter::writeHeader()
{
    char head[44] = "RIFF....WAVEfmt ";
    qToLittleEndian<quint32>(36 + m_bytes, head + 4);
    qToLittleEndian<quint32>(16, head + 16);
    qToLittleEndian<quint16>(1, head + 20);
    qToLittleEndian<quint16>(quint16(m_channels), head + 22);
    qToLittleEndian<quint32>(quint32(m_rate), head + 24);
    qToLittleEndian<quint32>(quint32(m_rate * m_channels * 2), head + 28);
    qToLittleEndian<quint16>(quint16(m_channels * 2), head + 32);
    qToLittleEndian<quint16>(16, head + 34);
    memcpy(head + 36, "data", 4);
    qToLittleEndian<quint32>(m_bytes, head + 40);
    m_file.write(head, sizeof head);
}

void WavWriter::write(std::span<const std::int16_t> interleaved)
{
    if (!m_file.isOpen())
        return;
    QByteArray bytes(qsizetype(interleaved.size() * 2), Qt::Uninitialized);
    qToLittleEndian<qint16>(interleaved.data(), qsizetype(interleaved.size()), bytes.data());
    m_file.write(bytes);
    m_bytes += std::uint32_t(bytes.size());
}

void WavWriter::close()
{
    if (!m_file.isOpen())
        return;
    m_file.seek(0);
    writeHeader();
    m_file.close();
}

} // namespace takt::sim
