// SPDX-License-Identifier: GPL-3.0-or-later
// What one run measured. README.md says what each figure means; the names here are those of the JSON. Plain values.
#pragma once

#include "bench/attackfigures.h"
#include "bench/workfigures.h"

#include <QString>

#include <optional>

namespace takt::bench {

struct Figures {
    double seconds = 0;
    double callsAlive = 0, callsSilent = 0, callsFailed = 0, callsDropped = 0, sessionsLost = 0, sessionsUnpaired = 0;
    double framesPerSecond = 0, framesPerSecondSpeaking = 0, wrongSize = 0;
    double gaps = 0, notMeasurable = 0;
    double gapP50 = 0, gapP99 = 0, gapP999 = 0, gapP9999 = 0, gapMax = 0;
    double plainGapP999 = 0, plainGapMax = 0;
    double late = 0, stalls = 0, plainStalls = 0, bursts = 0, plainBursts = 0;
    double silence = 0, plainSilence = 0;
    double barges = 0, clears = 0, clearsMissing = 0, clearsNotMeasurable = 0;
    double clearP50 = 0, clearP99 = 0, clearMax = 0;
    double startP50 = 0, startP99 = 0, startConnectP50 = 0, startUpgradeP50 = 0, startUpdateP50 = 0;
    double startAddedP50 = 0, startAddedP99 = 0, startAddedMax = 0;
    double cpu = 0, benchCpu = 0, stolen = 0, residentBefore = 0, residentEnd = 0, residentPerCall = 0;
    double callerFrames = 0, callerBytes = 0, appends = 0, truncates = 0, cancels = 0, marks = 0;
    double endedCleanly = 0;
};

struct FigureField {
    const char *name;
    double Figures::*field;
};

inline constexpr FigureField kFigureFields[] = {
    {"seconds", &Figures::seconds},
    {"calls_alive", &Figures::callsAlive},
    {"calls_silent", &Figures::callsSilent},
    {"calls_failed", &Figures::callsFailed},
    {"calls_dropped", &Figures::callsDropped},
    {"sessions_lost", &Figures::sessionsLost},
    {"sessions_unpaired", &Figures::sessionsUnpaired},
    {"frames_per_second_per_call", &Figures::framesPerSecond},
    {"frames_per_second_speaking", &Figures::framesPerSecondSpeaking},
    {"wrong_size", &Figures::wrongSize},
    {"gaps", &Figures::gaps},
    {"gaps_not_measurable", &Figures::notMeasurable},
    {"gap_deviation_p50_ms", &Figures::gapP50},
    {"gap_deviation_p99_ms", &Figures::gapP99},
    {"gap_deviation_p99_9_ms", &Figures::gapP999},
    {"gap_deviation_p99_99_ms", &Figures::gapP9999},
    {"gap_deviation_max_ms", &Figures::gapMax},
    {"plain_gap_deviation_p99_9_ms", &Figures::plainGapP999},
    {"plain_gap_deviation_max_ms", &Figures::plainGapMax},
    {"gaps_over_40_ms", &Figures::late},
    {"stalls", &Figures::stalls},
    {"plain_stalls", &Figures::plainStalls},
    {"bursts", &Figures::bursts},
    {"plain_bursts", &Figures::plainBursts},
    {"silence_ms_per_second_per_call", &Figures::silence},
    {"plain_silence_ms_per_second_per_call", &Figures::plainSilence},
    {"barge_ins", &Figures::barges},
    {"clears", &Figures::clears},
    {"clears_missing", &Figures::clearsMissing},
    {"clears_not_measurable", &Figures::clearsNotMeasurable},
    {"clear_p50_ms", &Figures::clearP50},
    {"clear_p99_ms", &Figures::clearP99},
    {"clear_max_ms", &Figures::clearMax},
    {"start_p50_ms", &Figures::startP50},
    {"start_p99_ms", &Figures::startP99},
    {"start_to_connection_p50_ms", &Figures::startConnectP50},
    {"start_upgrade_p50_ms", &Figures::startUpgradeP50},
    {"start_to_update_p50_ms", &Figures::startUpdateP50},
    {"start_added_p50_ms", &Figures::startAddedP50},
    {"start_added_p99_ms", &Figures::startAddedP99},
    {"start_added_max_ms", &Figures::startAddedMax},
    {"cpu_ms_per_second_per_call", &Figures::cpu},
    {"bench_cpu_ms_per_second_per_call", &Figures::benchCpu},
    {"stolen_ms_per_second", &Figures::stolen},
    {"resident_before_mb", &Figures::residentBefore},
    {"resident_end_mb", &Figures::residentEnd},
    {"resident_per_call_kb", &Figures::residentPerCall},
    {"caller_frames_per_second_per_call", &Figures::callerFrames},
    {"caller_bytes_to_model_per_second_per_call", &Figures::callerBytes},
    {"appends_per_second_per_call", &Figures::appends},
    {"truncates", &Figures::truncates},
    {"cancels", &Figures::cancels},
    {"marks", &Figures::marks},
    {"ended_cleanly", &Figures::endedCleanly},
};

enum class Program { Floor, Gateway };

struct RunPlan {
    Program program = Program::Gateway;
    int calls = 0;
    int number = 0;         // of the repeats, from 1
    bool disturbed = false; // by abuse, or by the work after calls
};

struct RunResult {
    RunPlan plan;
    Figures figures;
    std::optional<AttackFigures> attack; // with --attack
    std::optional<WorkFigures> work;     // with --jobs
    double loadBefore = 0;               // of the machine, one minute
};

} // namespace takt::bench
