// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `takt-sim capacity`. Read once; plain values afterwards.
#pragma once

#include "sim/capacity/search.h"
#include "shared/result.h"

#include <QStringList>

#include <vector>

namespace takt::capacity {

struct Limits {
    double p999Ms = 20; // of |gap - 20 ms|: one frame in a thousand is off by a whole frame
};

struct Variant {
    int cores = 0; // of the gateway; 0: all
    bool tls = false;
    bool jobs = false;
    friend bool operator==(const Variant &, const Variant &) = default;
};

struct Options {
    QString gateway;   // a program to start, or ...
    QString url;       // ... one that runs: ws:// or wss://, and
    int modelPort = 0; // where it looks for its model,
    int pid = 0;       // and its process, if its use of the machine is to be seen
    SearchRange range;
    int seconds = 10;
    double barge = 5;
    Limits limits;
    std::vector<Variant> variants{Variant()};
    int recordings = 20; // with jobs: calls before the others that leave a recording each,
    double minutes = 10; // of such a length
    bool json = false;
    bool table = false; // Markdown
    QString help;       // to be printed instead
};
[[nodiscard]] Result<Options> readOptions(const QStringList &arguments);

} // namespace takt::capacity
