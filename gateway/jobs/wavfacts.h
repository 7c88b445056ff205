// SPDX-License-Identifier: GPL-3.0-or-later
// What a WAV file's header says, and whether the file keeps it. Pure; any thread.
#pragma once

#include <QString>

#include <optional>

namespace takt::jobs {

struct WavFacts {
    int channels = 0;
    int rate = 0;
    qint64 saidBytes = -1; // of samples; -1: the header does not know
    qint64 bytes = 0;      // of samples that are there
    double seconds = 0;    // of these
    [[nodiscard]] bool cutShort() const { return saidBytes > bytes; }
};

// nullopt: no WAV file.
[[nodiscard]] std::optional<WavFacts> readWavFacts(const QString &path);

} // namespace takt::jobs
