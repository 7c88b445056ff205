// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of takt-bench. Read once, on the main thread; plain values afterwards.
#pragma once

#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace takt::bench {

struct Options {
    QString gateway; // path of the program
    QString floor;
    std::vector<int> calls{100, 300};
    int seconds = 15;
    int repeat = 1;
    bool withFloor = true;
    double barge = 5; // mean seconds between two barge-ins of a caller; 0: none
    bool aligned = false;
    bool attack = false;         // the gateway undisturbed, and under abuse of its public port
    int attackRate = 500;        // new connections a second, of all kinds
    bool withSignatures = false; // the gateway takes the carrier only, as in service
    bool jobs = false;           // the gateway with the work after calls held back, and doing it
    int recordings = 20;         // that this work has to do with
    double minutes = 10;         // length of each
    int jobsSeconds = 900;       // the measured span ends with the work, and after so long in any case
    bool lead = false;           // settings of tx.lead_ms next to each other, under stalls
    QStringList leads;           // these
    quint64 seed = 1;            // of the stalls in the first run; the next run has the next one
    QString sim;                 // path of the program that is the world around this work
    QString json;                // a file, or "-"

    // What reproduces a measurement of so many calls alone.
    [[nodiscard]] QString command(int callCount) const;
};

struct ParsedOptions {
    Options options;
    QString error;
    QString help; // asked for
};
[[nodiscard]] ParsedOptions parseOptions(const QStringList &arguments);

} // namespace takt::bench
