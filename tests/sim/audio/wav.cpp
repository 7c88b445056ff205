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

Result<Pcm> parseMonoWav(std::string_view bytes)
{
    const auto wrong = [](const char *what) { return Error{QString::fromLatin1(what)}; };
    const auto u16 = [&](std::size_t at) { return qFromLittleEndian<quint16>(bytes.data() + at); };
    const auto u32 = [&](std::size_t at) { return qFromLittleEndian<quint32>(bytes.data() + at); };
    if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE")
        return wrong("not a WAV file");
    Pcm pcm;
    for (std::size_t at = 12; at + 8 <= bytes.size();) {
        const std::string_view id = bytes.substr(at, 4);
        const std::size_t length = u32(at + 4);
        const std::size_t body = at + 8;
        if (length > bytes.size() - body)
            return wrong("cut off, or of a length that is not the real one");
        if (id == "fmt ") {
            if (length < 16 || u16(body) != 1 || u16(body + 14) != 16)
                return wrong("not 16-bit PCM");
            if (u16(body + 2) != 1)
                return wrong("not mono");
            pcm.rate = int(u32(body + 4));
            if (pcm.rate < 1000 || u32(body + 8) != quint32(2 * pcm.rate) || u16(body + 12) != 2)
                return wrong("a format that contradicts itself");
        } else if (id == "data") {
            if (pcm.rate == 0 || length % 2 != 0)
                return wrong("data without a format, or with half a sample");
            pcm.samples.resize(length / 2);
            qFromLittleEndian<qint16>(bytes.data() + body, qsizetype(pcm.samples.size()), pcm.samples.data());
            return pcm;
        }
        at = body + length + (length & 1U);
    }
    return wrong("without data");
}

std::string wavHead(int rate, int channels, std::uint32_t bytes)
{
    std::string head("RIFF....WAVEfmt ", 16);
    head.resize(44);
    qToLittleEndian<quint32>(36 + bytes, head.data() + 4);
    qToLittleEndian<quint32>(16, head.data() + 16);
    qToLittleEndian<quint16>(1, head.data() + 20);
    qToLittleEndian<quint16>(quint16(channels), head.data() + 22);
    qToLittleEndian<quint32>(quint32(rate), head.data() + 24);
    qToLittleEndian<quint32>(quint32(rate * channels * 2), head.data() + 28);
    qToLittleEndian<quint16>(quint16(channels * 2), head.data() + 32);
    qToLittleEndian<quint16>(16, head.data() + 34);
    head.replace(36, 4, "data");
    qToLittleEndian<quint32>(bytes, head.data() + 40);
    return head;
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
    const std::string head = wavHead(m_rate, m_channels, m_bytes);
    m_file.write(head.data(), qsizetype(head.size()));
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
