// SPDX-License-Identifier: GPL-3.0-or-later
// The recording's channels to text, each alone: so it is known who spoke. In pieces, whose answers are written down as they
// come: a stop or a crash repeats one piece at most.
#include "jobs/stages/stages.h"

#include "jobs/aiclient.h"
#include "jobs/heard.h"

#include <QCryptographicHash>
#include <QJsonDocument>

#include <algorithm>
#include <array>
#include <map>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 kLongestMs = 600'000;
constexpr qint64 kMaxBytes = 24'000'000; // the API takes 25 MB with the form around it
constexpr qint64 kUntimedMs = 60'000;    // a text of more than that, without times, can't be put between others
constexpr qint64 kSaidAnything = 300;    // ms of sound
constexpr qsizetype kMinText = 10;       // less, on all channels, is a cough
const auto kInput = "input"_L1;
const auto kAnswers = "answers"_L1;

struct Channel {
    QString speaker; // and the artifact's kind
    WavFile wav;
    Loudness loudness;
};

struct Task {
    const Channel *channel = nullptr;
    Piece piece;
    [[nodiscard]] QString key() const
    {
        return u"%1:%2-%3"_s.arg(channel->speaker).arg(piece.startMs).arg(piece.endMs);
    }
};

// Those that answer with text alone; of all others whisper-1's format is asked, which compatible servers know.
bool knowsTimes(const QString &model)
{
    const QString name = model.section(u'/', -1).toLower();
    return !name.startsWith("gpt-transcribe"_L1) && !(name.startsWith("gpt-4o"_L1) && name.contains("transcribe"_L1));
}

class Transcription
{
public:
    explicit Transcription(JobContext &context)
        : m_context(context)
        , m_settings(context.settings().openai)
        , m_url(m_settings.transcriptionUrl.isValid() && !m_settings.transcriptionUrl.isEmpty()
                    ? m_settings.transcriptionUrl
                    : endpoint(m_settings.baseUrl, "audio/transcriptions"_L1))
        , m_language(languageCode(context.business().speech.language))
        , m_timed(knowsTimes(m_settings.transcriptionModel))
    {
    }

    store::Outcome run()
    {
        if (m_settings.transcriptionModel.isEmpty())
            return skipped(u"offline transcription is off"_s);
        if (const QString reason = whyNotAsked(m_settings, m_url); !reason.isEmpty())
            return skipped(reason);
        if (auto outcome = openChannels())
            return *std::move(outcome);
        if (m_channels.empty())
            return skipped(u"no recording"_s);
        const auto spoke = [](const Channel &c) { return c.loudness.loudMs(kSilence) >= kSaidAnything; };
        if (std::none_of(m_channels.begin(), m_channels.end(), spoke))
            return skipped(u"no speech"_s);
        while (true) {
            auto outcome = transcribeAll();
            if (outcome)
                return *std::move(outcome);
            if (!m_replan)
                break;
            // The server does not say when: from now on it gets what was said in one go, see turnPieces().
            m_replan = false;
            m_timed = false;
            m_heard.clear();
        }
        return finished();
    }

private:
    // The files have no further use, whatever is skipped.
    [[nodiscard]] store::Effects effects() const
    {
        store::Effects effects;
        for (const auto kind : {kCaller, kAgent, kMixed}) {
            if (m_context.call().artifacts.contains(kind))
                effects.artifactsGone << kind;
        }
        return effects;
    }
    [[nodiscard]] store::Outcome skipped(const QString &reason) const
    {
        return store::Outcome::skipped(reason, effects());
    }

    std::optional<store::Outcome> openChannels()
    {
        for (const auto kind : {kCaller, kAgent, kMixed}) {
            const QString path = m_context.artifact(kind);
            // The sides tell more than both in one.
            if (path.isEmpty() || (kind == kMixed && !m_channels.empty()))
                continue;
            auto wav = WavFile::open(path);
            if (!wav)
                return store::Outcome::failed(wav.error());
            auto loudness = wav->loudness([this] { return !m_context.stopped(); });
            if (m_context.stopped())
                return m_context.interrupted();
            if (!loudness)
                return store::Outcome::retry(loudness.error());
            m_channels.push_back({kind, std::move(wav).value(), std::move(loudness).value()});
        }
        return std::nullopt;
    }

    [[nodiscard]] QList<Task> plan() const
    {
        QList<Task> tasks;
        for (const Channel &channel : m_channels) {
            const Loudness *other = nullptr;
            for (const Channel &c : m_channels) {
                if (&c != &channel)
                    other = &c.loudness;
            }
            const qint64 fits = (kMaxBytes / 2) * 1000 / channel.wav.rate();
            const QList<Piece> pieces = m_timed ? longPieces(channel.loudness, std::min(kLongestMs, fits))
                                                : turnPieces(channel.loudness, other);
            for (const Piece &piece : pieces)
                tasks.append({&channel, piece});
        }
        return tasks;
    }

    // What the answers depend on: those for other settings or other files are none of ours.
    [[nodiscard]] QString fingerprint() const
    {
        QStringList parts{m_url.toString(QUrl::RemoveUserInfo), m_settings.transcriptionModel, m_language};
        for (const Channel &channel : m_channels)
            parts << channel.speaker << QString::number(channel.wav.bytes());
        const QByteArray hash = QCryptographicHash::hash(parts.join(u'\n').toUtf8(), QCryptographicHash::Sha256);
        return QString::fromLatin1(hash.toHex());
    }

    // An outcome, when the attempt ends here.
    std::optional<store::Outcome> transcribeAll()
    {
        const QList<Task> tasks = plan();
        if (m_answers.isEmpty()) {
            const QJsonObject checkpoint = m_context.job().checkpoint;
            if (checkpoint.value(kInput).toString() == fingerprint())
                m_answers = checkpoint.value(kAnswers).toObject();
        }
        qint64 all = 0;
        qint64 done = 0;
        for (const Task &task : tasks)
            all += task.piece.endMs - task.piece.startMs;
        for (const Task &task : tasks) {
            if (!m_answers.contains(task.key())) {
                if (auto outcome = ask(task))
                    return outcome;
                if (m_replan)
                    return std::nullopt;
            }
            if (auto outcome = take(task))
                return outcome;
            if (m_replan)
                return std::nullopt;
            done += task.piece.endMs - task.piece.startMs;
            m_context.progress(double(done) / double(all),
                               u"%1 of %2 s transcribed"_s.arg(done / 1000).arg((all + 999) / 1000));
        }
        return std::nullopt;
    }

    [[nodiscard]] FormFields fields() const
    {
        FormFields fields{{"model", m_settings.transcriptionModel.toUtf8()}};
        // whisper.cpp takes everything for English unless told.
        const bool whisperCpp = m_url.path().endsWith("/inference"_L1);
        if (!m_language.isEmpty() || whisperCpp)
            fields.emplaceBack("language", m_language.isEmpty() ? QByteArray("auto") : m_language.toUtf8());
        fields.emplaceBack("response_format", m_timed ? "verbose_json" : "json");
        if (m_timed)
            fields.emplaceBack("timestamp_granularities[]", "segment");
        if (m_temperature)
            fields.emplaceBack("temperature", "0");
        return fields;
    }

    std::optional<store::Outcome> ask(const Task &task)
    {
        const Piece &piece = task.piece;
        const auto wav = task.channel->wav.cut(piece.startMs, piece.endMs);
        if (!wav)
            return store::Outcome::retry(wav.error());
        while (true) {
            const AiReply reply = upload(
                m_context, {m_url, fields(), task.channel->speaker % ".wav"_L1, *wav, piece.endMs - piece.startMs});
            if (reply.body) {
                m_answers[task.key()] = condensed(*reply.body);
                return keepAnswers();
            }
            const bool refused = reply.status == 400 || reply.status == 422;
            if (refused && m_temperature && reply.error.isAbout({"temperature"_L1})) {
                m_temperature = false;
                continue;
            }
            m_replan = refused && m_timed
                       && reply.error.isAbout({"response_format"_L1, "timestamp_granularities"_L1, "verbose_json"_L1});
            return m_replan ? std::nullopt : std::optional(reply.outcome);
        }
    }

    std::optional<store::Outcome> keepAnswers()
    {
        if (m_context.checkpoint({{kInput, fingerprint()}, {kAnswers, m_answers}}))
            return std::nullopt;
        return m_context.interrupted();
    }

    std::optional<store::Outcome> take(const Task &task)
    {
        const Heard heard = readHeard(m_answers.value(task.key()).toObject(), task.piece, task.channel->speaker);
        if (!heard.error.isEmpty()) {
            m_answers.remove(task.key()); // it shall be asked for again
            if (auto outcome = keepAnswers())
                return outcome;
            return store::Outcome::retry("the server says: "_L1 % heard.error.simplified().left(300));
        }
        if (m_timed && !heard.timed && task.piece.endMs - task.piece.startMs > kUntimedMs) {
            m_replan = true;
            return std::nullopt;
        }
        if (m_detected.isEmpty())
            m_detected = heard.language;
        m_heard[task.channel] += heard.segments;
        return std::nullopt;
    }

    store::Outcome finished()
    {
        QList<Segment> segments;
        qsizetype characters = 0;
        for (const Channel &channel : m_channels)
            segments += credible(m_heard[&channel], channel.loudness);
        for (const Segment &segment : segments)
            characters += segment.text.size();
        if (characters < kMinText)
            return skipped(u"no speech"_s);
        const QString language = m_language.isEmpty() ? m_detected : m_language;
        store::Effects effects = this->effects();
        effects.result = {{u"source"_s, u"recording"_s},
                          {u"language"_s, language.isEmpty() ? QJsonValue() : QJsonValue(language)},
                          {u"segments"_s, toJson(merged(segments))}};
        return store::Outcome::completed(std::move(effects));
    }

    JobContext &m_context;
    const config::OpenAiSettings &m_settings;
    const QUrl m_url;
    const QString m_language; // of the business; empty: whichever it is
    bool m_timed;             // the server is asked to say when each sentence was said
    bool m_temperature = true;
    bool m_replan = false; // the server does not
    std::vector<Channel> m_channels;
    QJsonObject m_answers; // by Task::key()
    std::map<const Channel *, QList<Segment>> m_heard;
    QString m_detected;
};

} // namespace

store::Outcome transcribe(JobContext &context)
{
    store::Outcome outcome = Transcription(context).run();
    const store::Job &job = context.job();
    const bool last = outcome.kind == AttemptOutcome::Failed
                      || (outcome.kind == AttemptOutcome::Retry && job.attempt >= job.maxAttempts);
    if (last && !context.call().turns.isEmpty())
        outcome.reason += u": the live transcript is used"_s;
    return outcome;
}

} // namespace takt::jobs
