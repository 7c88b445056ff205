// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/wavfile.h"

#include <QFile>
#include <QtEndian>

#include <algorithm>
#include <cmath>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kHeader = 44;
// Where the kernel is not preemptible, one read of 20 MB keeps even a real-time thread waiting for 5 ms.
constexpr qint64 kMostAtOnce = 64 * 1024;

Error notWav()
{
    return {u"not a WAV file of 16-bit PCM, mono"_s};
}

QByteArray header(int rate, quint32 bytes)
{
    QByteArray head("RIFF....WAVEfmt ....................data....");
    qToLittleEndian<quint32>(quint32(kHeader - 8) + bytes, head.data() + 4);
    qToLittleEndian<quint32>(16, head.data() + 16);
    qToLittleEndian<quint16>(1, head.data() + 20); // PCM
    qToLittleEndian<quint16>(1, head.data() + 22); // mono
    qToLittleEndian<quint32>(quint32(rate), head.data() + 24);
    qToLittleEndian<quint32>(quint32(rate) * 2, head.data() + 28);
    qToLittleEndian<quint16>(2, head.data() + 32);
    qToLittleEndian<quint16>(16, head.data() + 34);
    qToLittleEndian<quint32>(bytes, head.data() + 40);
    return head;
}

float rms(const QByteArray &pcm)
{
    const qsizetype n = pcm.size() / 2;
    double sum = 0;
    for (qsizetype i = 0; i < n; ++i) {
        const double sample = qFromLittleEndian<qint16>(pcm.constData() + 2 * i);
        sum += sample * sample;
    }
    return n == 0 ? 0.F : float(std::sqrt(sum / double(n)));
}

} // namespace

Loudness::Range Loudness::windowsOf(qint64 startMs, qint64 endMs) const
{
    const qint64 end = endMs < 0 ? windows() : std::min((endMs + kWindowMs - 1) / kWindowMs, windows());
    return {std::clamp<qint64>(startMs / kWindowMs, 0, end), std::max<qint64>(end, 0)};
}

qint64 Loudness::loudMs(float floor, qint64 startMs, qint64 endMs) const
{
    const Range range = windowsOf(startMs, endMs);
    const auto begin = m_windows.begin();
    return kWindowMs
           * std::count_if(begin + range.startMs, begin + range.endMs, [floor](float level) { return level >= floor; });
}

qint64 Loudness::quietestMs(qint64 startMs, qint64 endMs) const
{
    const Range range = windowsOf(startMs, endMs);
    qint64 best = range.startMs;
    for (qint64 i = range.startMs; i < range.endMs; ++i) {
        if (at(i) <= at(best))
            best = i;
    }
    return best * kWindowMs;
}

Loudness::Range Loudness::trimmed(float floor, qint64 startMs, qint64 endMs) const
{
    Range range = windowsOf(startMs, endMs);
    while (range.startMs < range.endMs && at(range.startMs) < floor)
        ++range.startMs;
    while (range.endMs > range.startMs && at(range.endMs - 1) < floor)
        --range.endMs;
    if (range.startMs == range.endMs)
        return {startMs, startMs};
    return {std::max(range.startMs * kWindowMs, startMs),
            endMs < 0 ? range.endMs * kWindowMs : std::min(range.endMs * kWindowMs, endMs)};
}

float Loudness::noise() const
{
    if (m_windows.empty())
        return 0;
    std::vector<float> sorted = m_windows;
    const auto tenth = sorted.begin() + std::ptrdiff_t(sorted.size() / 10);
    std::nth_element(sorted.begin(), tenth, sorted.end());
    return *tenth;
}

Result<WavFile> WavFile::open(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{u"the channel's file can't be read: "_s + file.errorString()};
    const QByteArray riff = file.read(12);
    if (riff.size() < 12 || !riff.startsWith("RIFF") || riff.sliced(8) != "WAVE")
        return notWav();
    WavFile wav;
    wav.m_path = path;
    while (true) {
        const QByteArray chunk = file.read(8);
        if (chunk.size() < 8)
            return notWav();
        const qint64 length = qFromLittleEndian<quint32>(chunk.constData() + 4);
        const qint64 body = file.pos();
        if (chunk.startsWith("fmt ")) {
            const QByteArray format = file.read(16);
            const auto u16 = [&](qsizetype at) { return qFromLittleEndian<quint16>(format.constData() + at); };
            if (format.size() < 16 || (u16(0) != 1 && u16(0) != 0xFFFE) || u16(2) != 1 || u16(14) != 16)
                return notWav();
            wav.m_rate = int(qFromLittleEndian<quint32>(format.constData() + 4));
        } else if (chunk.startsWith("data")) {
            if (wav.m_rate < 1000 || wav.m_rate > 192'000)
                return notWav();
            wav.m_at = body;
            // A writer that could not go back says 0xFFFFFFFF, or 0 of a file that has more.
            const qint64 there = file.size() - body;
            wav.m_bytes = (length == 0 ? there : std::min(length, there)) & ~qint64(1);
            return wav;
        }
        if (!file.seek(body + length + (length & 1)))
            return notWav();
    }
}

Result<Loudness> WavFile::loudness(const std::function<bool()> &goOn) const
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly) || !file.seek(m_at))
        return Error{u"the channel's file can't be read: "_s + file.errorString()};
    const qint64 window = qint64(m_rate) * Loudness::kWindowMs / 1000 * 2;
    std::vector<float> levels;
    levels.reserve(size_t(m_bytes / window + 1));
    for (qint64 left = m_bytes; left > 0;) {
        const QByteArray pcm = file.read(std::min(left, window));
        if (pcm.isEmpty())
            break;
        levels.push_back(rms(pcm));
        left -= pcm.size();
        if (levels.size() % 600 == 0 && !goOn())
            return Error{u"stopped"_s};
    }
    return Loudness(std::move(levels));
}

Result<QByteArray> WavFile::cut(qint64 startMs, qint64 endMs) const
{
    const auto byteAt = [this](qint64 ms) { return std::clamp<qint64>(ms * m_rate / 1000 * 2, 0, m_bytes); };
    QFile file(m_path);
    const qint64 from = byteAt(startMs);
    const qint64 length = std::max<qint64>(byteAt(endMs) - from, 0);
    if (!file.open(QIODevice::ReadOnly) || !file.seek(m_at + from))
        return Error{u"the channel's file can't be read: "_s + file.errorString()};
    QByteArray wav = header(m_rate, quint32(length));
    wav.resize(kHeader + length);
    for (qint64 at = 0; at < length;) {
        const qint64 got = file.read(wav.data() + kHeader + at, std::min(kMostAtOnce, length - at));
        if (got <= 0)
            return Error{u"the channel's file is shorter than it was"_s};
        at += got;
    }
    return wav;
}

} // namespace takt::jobs
