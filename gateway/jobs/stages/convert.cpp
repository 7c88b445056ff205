// SPDX-License-Identifier: GPL-3.0-or-later
// One ffmpeg for all files: it reads the recording once. Of two channels one is the caller's and one the agent's; of a
// single one nobody can tell who speaks, and there is one file of both: "mixed".
#include "jobs/stages/stages.h"
#include "jobs/wavfacts.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;
using store::Outcome;

namespace {

constexpr int kBaseLimitMs = 10 * 60'000; // and as long as the recording
constexpr qsizetype kMaxReason = 500;
constexpr qint64 kWavHead = 44;

struct Input {
    QString path;
    int channels = 0;
    double seconds = 0;
    bool isArchive = false;
};

struct Output {
    QString kind;
    QString part;
    QString final;
};

QString ffmpegOf(const config::Settings &settings)
{
    return settings.jobs.ffmpeg.isEmpty() ? u"ffmpeg"_s : settings.jobs.ffmpeg;
}

void note(store::AttemptLog &log, const ChildResult &child)
{
    if (child.end != ChildResult::End::NotStarted)
        log.exitCode = child.code;
    log.cpuMs = child.cpuMs;
    log.maxRssKb = child.maxRssKb;
    log.tail = child.tail;
}

// The last lines are those that say why.
QString lastOf(const QString &tail)
{
    const QString text = tail.right(kMaxReason);
    return text.isEmpty() ? u"ffmpeg does not say why"_s : text.simplified();
}

bool says(const ChildResult &child, std::initializer_list<QLatin1StringView> words)
{
    return std::any_of(words.begin(), words.end(), [&](QLatin1StringView word) { return child.tail.contains(word); });
}

// The machine's fault, not the recording's: another time, or another disk.
bool isPassing(const ChildResult &child)
{
    return child.end == ChildResult::End::Signalled || child.end == ChildResult::End::TooSlow
           || says(child, {"No space left"_L1, "Disk quota exceeded"_L1, "Input/output error"_L1, "Read-only file"_L1,
                           "Permission denied"_L1, "Cannot allocate memory"_L1, "Resource temporarily"_L1,
                           "Too many open files"_L1, "File too large"_L1});
}

class Convert
{
public:
    explicit Convert(JobContext &context)
        : m_context(context)
    {
    }

    Outcome run()
    {
        Outcome outcome = convert();
        outcome.log = m_log;
        for (const Output &output : m_outputs)
            QFile::remove(output.part); // unless it has got its name
        return outcome;
    }

private:
    Outcome convert()
    {
        Input input;
        input.path = m_context.artifact(u"original"_s);
        if (input.path.isEmpty()) {
            input.path = m_context.artifact(u"archive"_s); // run again
            input.isArchive = true;
        }
        if (input.path.isEmpty()) {
            const auto &known = m_context.call().artifacts;
            const bool lost = known.contains(u"original"_s) || known.contains(u"archive"_s);
            return lost ? Outcome::failed(u"the recording's file is gone, or on another machine"_s)
                        : Outcome::skipped(u"no recording"_s);
        }
        if (const auto outcome = look(input))
            return *outcome;
        plan(input);
        const ChildResult child = runChild(m_context.pass(), command(input));
        note(m_log, child);
        if (const auto outcome = judge(child))
            return *outcome;
        return keep(input);
    }

    // How many channels, and how long. Not nullopt: that is the end.
    std::optional<Outcome> look(Input &input)
    {
        if (const auto wav = readWavFacts(input.path)) {
            input.channels = wav->channels;
            input.seconds = wav->seconds;
            return std::nullopt;
        }
        ChildCommand probe; // it says so, and then that it was told to make nothing of it
        probe.program = ffmpegOf(m_context.settings());
        probe.arguments = {u"-nostdin"_s, u"-hide_banner"_s, u"-i"_s, input.path};
        probe.limitMs = 60'000;
        const ChildResult child = runChild(m_context.pass(), probe);
        static const QRegularExpression s_channels(u"Audio: [^\\n]*Hz, (mono|stereo|(\\d+) channels)"_s);
        static const QRegularExpression s_duration(u"Duration: (\\d+):(\\d+):([\\d.]+)"_s);
        const auto channels = s_channels.match(child.tail);
        if (!channels.hasMatch()) {
            note(m_log, child);
            return judge(child).value_or(Outcome::failed(u"no audio: "_s + lastOf(child.tail)));
        }
        const QString word = channels.captured(1);
        input.channels = word == "mono"_L1 ? 1 : word == "stereo"_L1 ? 2 : channels.captured(2).toInt();
        if (const auto d = s_duration.match(child.tail); d.hasMatch())
            input.seconds = d.captured(1).toInt() * 3600 + d.captured(2).toInt() * 60 + d.captured(3).toDouble();
        return std::nullopt;
    }

    void plan(const Input &input)
    {
        const QDir folder = m_context.folder();
        const auto add = [&](const QString &kind, const QString &extension) {
            m_outputs << Output{kind, folder.filePath(u"%1.%2.part"_s.arg(kind).arg(m_context.job().token)),
                                folder.filePath(kind + extension)};
        };
        const bool sides = input.channels >= 2;
        const bool callerFirst = m_context.settings().twilio.callerFirst;
        add(!sides ? u"mixed"_s : callerFirst ? u"caller"_s : u"agent"_s, u".wav"_s);
        if (sides)
            add(callerFirst ? u"agent"_s : u"caller"_s, u".wav"_s);
        if (!input.isArchive) // that is compact already, and not made better by another round
            add(u"archive"_s, u".ogg"_s);
    }

    [[nodiscard]] ChildCommand command(const Input &input)
    {
        ChildCommand command;
        command.program = ffmpegOf(m_context.settings());
        command.arguments = {u"-nostdin"_s, u"-hide_banner"_s,  u"-v"_s, u"error"_s, u"-progress"_s,
                             u"pipe:1"_s,   u"-stats_period"_s, u"1"_s,  u"-y"_s,    u"-filter_threads"_s,
                             u"1"_s,        u"-threads"_s,      u"1"_s,  u"-i"_s,    input.path};
        int channel = 0;
        for (const Output &output : m_outputs) {
            command.arguments << u"-map"_s << u"0:a:0"_s << u"-threads"_s << u"1"_s << u"-map_metadata"_s << u"-1"_s;
            if (output.kind == "archive"_L1)
                command.arguments << u"-ac"_s << QString::number(std::min(input.channels, 2)) << u"-c:a"_s
                                  << u"libopus"_s << u"-b:a"_s << u"%1k"_s.arg(24 * std::min(input.channels, 2))
                                  << u"-f"_s << u"ogg"_s;
            else
                command.arguments << u"-af"_s << u"pan=mono|c0=c%1"_s.arg(channel++) << u"-ar"_s << u"16000"_s
                                  << u"-c:a"_s << u"pcm_s16le"_s << u"-f"_s << u"wav"_s;
            command.arguments << "file:"_L1 + output.part;
        }
        command.limitMs = kBaseLimitMs + int(std::clamp(input.seconds, 0.0, 24 * 3600.0)) * 1000;
        command.onLine = [this, seconds = input.seconds](const QByteArray &line) {
            bool known = false; // "N/A" at first
            const qint64 us = line.startsWith("out_time_us=") ? line.sliced(12).toLongLong(&known) : 0;
            if (known && seconds > 0)
                m_context.progress(double(us) / 1e6 / seconds, u"converting"_s);
        };
        return command;
    }

    // Not nullopt: it came to nothing.
    [[nodiscard]] std::optional<Outcome> judge(const ChildResult &child) const
    {
        if (child.end == ChildResult::End::Stopped)
            return m_context.interrupted();
        if (child.end == ChildResult::End::NotStarted) // the machine's fault: ffmpeg may be installed yet
            return Outcome::retry(child.tail);
        if (child.end == ChildResult::End::TooSlow)
            return Outcome::retry(u"ffmpeg took too long"_s);
        if (child.end == ChildResult::End::Signalled)
            return Outcome::retry(u"ffmpeg was ended by signal %1"_s.arg(-child.code));
        if (isPassing(child)) // it may say so and exit well
            return Outcome::retry(lastOf(child.tail));
        if (!child.ok())
            return Outcome::failed(lastOf(child.tail));
        return std::nullopt;
    }

    Outcome keep(const Input &input)
    {
        double seconds = input.seconds;
        for (const Output &output : m_outputs) {
            const auto wav = readWavFacts(output.part);
            if (wav)
                seconds = wav->seconds;
            if (QFileInfo(output.part).size() <= kWavHead || (output.kind != "archive"_L1 && (!wav || wav->bytes == 0)))
                return Outcome::failed(u"there is no audio in the recording: "_s + lastOf(m_log.tail));
        }
        // Whoever lost the lease writes nothing that another may be reading.
        if (m_context.stopped() || !m_context.checkpoint(m_context.job().checkpoint))
            return m_context.interrupted();
        store::Effects effects;
        for (const Output &output : m_outputs) {
            if (const QString error = settle(output.part, output.final); !error.isEmpty())
                return Outcome::retry(error);
            effects.artifacts << m_context.asArtifact(output.kind, output.final);
        }
        if (!input.isArchive)
            effects.artifactsGone << u"original"_s;
        effects.result = {{u"seconds"_s, std::round(seconds * 1000) / 1000}, {u"channels"_s, input.channels}};
        return Outcome::completed(effects);
    }

    JobContext &m_context;
    QList<Output> m_outputs;
    store::AttemptLog m_log;
};

} // namespace

Outcome convert(JobContext &context)
{
    return Convert(context).run();
}

} // namespace takt::jobs
