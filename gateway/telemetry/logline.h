// SPDX-License-Identifier: GPL-3.0-or-later
// One line of the log, and how it looks: for people, for programs (JSON lines), or for systemd's journal, which knows the
// time, and takes the priority from in front of a line of either (sd-daemon(3)). Plain values; any thread.
#pragma once

#include <QByteArray>
#include <QString>
#include <QtGlobal>

namespace takt::telemetry {

enum class LogFormat { Text, Json, Journal, JournalJson };

struct LogLine {
    qint64 atMs = 0; // Unix epoch, UTC
    QtMsgType type = QtInfoMsg;
    QString category;
    QString text;
    quint64 sameAs = 0; // lines that repeat each other have this in common
    quint64 kind = 0;   // ... and this where too many differ
};

// With its newline, and no other: whatever strangers' bytes are in the text. `repeats`: how many like it were not shown.
[[nodiscard]] QByteArray formatted(const LogLine &line, LogFormat format, int repeats = 0);

// The journal's kind where that is what stands behind this descriptor (JOURNAL_STREAM is its device and inode).
[[nodiscard]] LogFormat formatFor(bool asJson, int fd, const QByteArray &journalStream);

} // namespace takt::telemetry
