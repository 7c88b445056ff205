// SPDX-License-Identifier: GPL-3.0-or-later
// What became of the work after calls in the measured span of a run with --jobs. Plain values.
#pragma once

namespace takt::bench {

struct WorkFigures {
    double released = 0;                // 1: the jobs were let go; 0: held back, and everything else the same
    double recordings = 0, minutes = 0; // put on record before the run, and how long each is
    double seconds = 0;                 // from the release to the span's end
    double converted = 0, transcribed = 0;
    double callsDone = 0;        // all of their jobs are over, and none has failed
    double jobsSkipped = 0, jobsFailed = 0;
    double convertSeconds = 0;   // from the release to the last conversion's end
    double childCpuSeconds = 0;  // of the gateway's children that ended
    double worldCpuSeconds = 0;  // of the simulated carrier, transcriber and CRM
    double gateShutSeconds = 0;  // in which no job could start, and those that ran stood still
    double ownStalls = 0;        // that the gateway itself counted
    double ownResyncs = 0;       // grids begun anew, for a slot was more than 20 ms late
    double ownFramesDropped = 0; // of a backlog that was full
};

struct WorkField {
    const char *name;
    double WorkFigures::*field;
};

inline constexpr WorkField kWorkFields[] = {
    {"released", &WorkFigures::released},
    {"recordings", &WorkFigures::recordings},
    {"minutes", &WorkFigures::minutes},
    {"seconds", &WorkFigures::seconds},
    {"converted", &WorkFigures::converted},
    {"transcribed", &WorkFigures::transcribed},
    {"calls_done", &WorkFigures::callsDone},
    {"jobs_skipped", &WorkFigures::jobsSkipped},
    {"jobs_failed", &WorkFigures::jobsFailed},
    {"convert_seconds", &WorkFigures::convertSeconds},
    {"child_cpu_seconds", &WorkFigures::childCpuSeconds},
    {"world_cpu_seconds", &WorkFigures::worldCpuSeconds},
    {"gate_shut_seconds", &WorkFigures::gateShutSeconds},
    {"own_stalls", &WorkFigures::ownStalls},
    {"own_resyncs", &WorkFigures::ownResyncs},
    {"own_frames_dropped", &WorkFigures::ownFramesDropped},
};

} // namespace takt::bench
