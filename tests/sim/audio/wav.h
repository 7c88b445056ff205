// SPDX-License-Identifier: GPL-3.0-or-later
// 16-bit PCM WAV: files read whole, or written as they grow; and what services send each other. Any thread.
#pragma once

#include "shared/result.h"

#include <QFile>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace takt::sim {

struct Pcm {
    int rate = 0;
    std::vector<std::int16_t> samples; // mono: channels of the file are averaged
};

[[nodiscard]] Result<Pcm> readWav(const QString &path);
// Of an upload, which must be exactly what it says: mono, whole, of any rate. Otherwise why it is not.
[[nodiscard]] Result<Pcm> parseMonoWav(std::string_view bytes);
// The 44 bytes before so many bytes of samples.
[[nodiscard]] std::string wavHead(int rate, int channels, std::uint32_t bytes);

// A file whose header is made true when it is closed or destroyed.
class WavWriter
{
public:
    ~WavWriter() { close(); }
    [[nodiscard]] bool open(const QString &path, int rate, int channels);
    void write(std::span<const std::int16_t> interleaved);
    void close();

private:
    void writeHeader();

    QFile m_file;
    int m_rate = 0;
    int m_channels = 0;
    std::uint32_t m_bytes = 0;
};

} // namespace takt::sim
