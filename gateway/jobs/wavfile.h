// SPDX-License-Identifier: GPL-3.0-or-later
// A channel of a recording as a WAV file (16-bit PCM, mono): how loud it is where, and parts of it as files of their own.
// Used in the job's thread; Loudness is a plain value.
#pragma once

#include "shared/result.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <vector>

namespace takt::jobs {

// The level of every tenth of a second, as RMS of 16-bit samples.
class Loudness
{
public:
    static constexpr qint64 kWindowMs = 100;

    Loudness() = default;
    explicit Loudness(std::vector<float> windows)
        : m_windows(std::move(windows))
    {
    }

    [[nodiscard]] qint64 windows() const { return qint64(m_windows.size()); }
    [[nodiscard]] qint64 durationMs() const { return windows() * kWindowMs; }
    [[nodiscard]] float at(qint64 window) const { return m_windows[size_t(window)]; }
    // How much of a part is at or above the floor.
    [[nodiscard]] qint64 loudMs(float floor, qint64 startMs = 0, qint64 endMs = -1) const;
    // Where the part's quietest window begins; the last of several.
    [[nodiscard]] qint64 quietestMs(qint64 startMs, qint64 endMs) const;
    // The part without the quiet at its ends; empty (start = end) when all of it is quiet.
    struct Range {
        qint64 startMs = 0;
        qint64 endMs = 0;
    };
    [[nodiscard]] Range trimmed(float floor, qint64 startMs, qint64 endMs) const;
    // The level that the quietest tenth of the windows does not exceed: the line's own noise.
    [[nodiscard]] float noise() const;

private:
    [[nodiscard]] Range windowsOf(qint64 startMs, qint64 endMs) const; // in windows; within what there is

    std::vector<float> m_windows;
};

class WavFile
{
public:
    [[nodiscard]] static Result<WavFile> open(const QString &path);

    [[nodiscard]] int rate() const { return m_rate; }
    [[nodiscard]] qint64 bytes() const { return m_bytes; }
    [[nodiscard]] qint64 durationMs() const { return m_bytes / 2 * 1000 / m_rate; }
    // Reads the whole file; `goOn` is asked now and then.
    [[nodiscard]] Result<Loudness> loudness(const std::function<bool()> &goOn) const;
    // A WAV file.
    [[nodiscard]] Result<QByteArray> cut(qint64 startMs, qint64 endMs) const;

private:
    QString m_path;
    int m_rate = 0;
    qint64 m_at = 0;    // of the first sample in the file
    qint64 m_bytes = 0; // of samples
};

} // namespace takt::jobs
