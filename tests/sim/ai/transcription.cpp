// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/transcription.h"

#include "sim/ai/replies.h"

#include <QJsonArray>
#include <QStringList>

#include <algorithm>

namespace takt::sim {
namespace {

constexpr double kShortest = 0.1; // seconds

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

bool isKnown(const std::string &model, const AiOptions &options)
{
    constexpr std::array kModels{"whisper-1", "gpt-transcribe", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"};
    return std::find(kModels.begin(), kModels.end(), model) != kModels.end()
           || std::find(options.models.begin(), options.models.end(), model) != options.models.end();
}

bool contains(const std::vector<std::string> &values, const char *value)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}

// The words of a segment, spread evenly over its time.
QJsonArray wordsOf(const Transcript::Segment &segment, bool whisperCpp)
{
    QJsonArray out;
    const QStringList words = text(segment.text).split(u' ', Qt::SkipEmptyParts);
    const double each = (segment.end - segment.start) / double(std::max<qsizetype>(1, words.size()));
    for (qsizetype i = 0; i < words.size(); ++i) {
        const double start = segment.start + each * double(i);
        QJsonObject word{{QStringLiteral("word"), whisperCpp ? u' ' + words[i] : words[i]},
                         {QStringLiteral("start"), start},
                         {QStringLiteral("end"), start + each}};
        if (whisperCpp) {
            word[QStringLiteral("t_dtw")] = -1;
            word[QStringLiteral("probability")] = 0.95;
        }
        out.append(word);
    }
    return out;
}

} // namespace

// whisper.cpp's server answers even its errors with 200.
HttpReply Transcription::unreadable(const QString &why) const
{
    if (whisperCpp())
        return jsonAnswer({{QStringLiteral("error"), QStringLiteral("failed to read audio data")}});
    return aiError(
        400,
        QStringLiteral("Audio file might be corrupted or unsupported (only 16-bit PCM mono WAV here): %1").arg(why),
        QStringLiteral("unsupported_value"), QStringLiteral("file"));
}

std::optional<HttpReply> Transcription::refusal(const Multipart &form, const AiRequest &seen) const
{
    if (whisperCpp()) {
        if (form.find("file") == nullptr)
            return jsonAnswer({{QStringLiteral("error"), QStringLiteral("no 'file' field in the request")}});
        return std::nullopt;
    }
    if (form.find("file") == nullptr || form.find("file")->filename.empty())
        return aiError(400, QStringLiteral("you must provide a file, with its name"), {}, QStringLiteral("file"));
    if (seen.model.empty())
        return aiError(400, QStringLiteral("you must provide a model parameter"));
    if (!isKnown(seen.model, m_options))
        return unknownModel(seen.model);
    const bool whisper = seen.model == "whisper-1";
    if (seen.format != "json" && !(whisper && (seen.format == "verbose_json" || seen.format == "text")))
        return aiError(400,
                       QStringLiteral("response_format '%1' is not compatible with model '%2'. Use 'json' instead.")
                           .arg(text(seen.format), text(seen.model)),
                       QStringLiteral("unsupported_value"), QStringLiteral("response_format"));
    if (!form.values("timestamp_granularities[]").empty() && seen.format != "verbose_json")
        return aiError(400, QStringLiteral("timestamp_granularities needs response_format verbose_json"), {},
                       QStringLiteral("timestamp_granularities"));
    return std::nullopt;
}

HttpReply Transcription::answer(const HttpRequest &http, AiRequest &seen)
{
    if (!whisperCpp() && http.body.size() > kMaxUpload)
        return aiError(413, QStringLiteral("Maximum content size limit (%1) exceeded (%2 bytes read)")
                                .arg(kMaxUpload)
                                .arg(http.body.size()));
    const auto form = Multipart::parse(http.head.header("content-type"), http.body);
    if (!form)
        return aiError(400, QStringLiteral("Could not parse multipart form"));
    seen.model = form->value("model");
    seen.format = form->find("response_format") != nullptr ? form->value("response_format") : "json";
    seen.prompt = form->value("prompt");
    if (auto refused = refusal(*form, seen))
        return *refused;
    const auto pcm = parseMonoWav(form->find("file")->data);
    if (!pcm)
        return unreadable(pcm.error());
    seen.audioSeconds = double(pcm->samples.size()) / pcm->rate;
    if (!whisperCpp() && seen.audioSeconds < kShortest)
        return aiError(400, QStringLiteral("Audio file is too short. Minimum audio length is 0.1 seconds."),
                       QStringLiteral("audio_too_short"), QStringLiteral("file"));
    Transcript transcript = m_transcriber.transcribe(*pcm);
    if (m_faults.take("ai.hallucination")) {
        seen.fault = "hallucination";
        const double end = transcript.seconds;
        transcript.segments.push_back({std::max(0.0, end - 0.5), end, "Thank you for watching!", 0.95});
    }
    seen.done = true;
    seen.text = transcript.text();
    seen.recording = transcript.recording;
    seen.channel = transcript.channel;
    if (seen.format == "text")
        return textAnswer(seen.text + "\n");
    if (seen.format == "verbose_json")
        return jsonAnswer(verbose(transcript, *form, seen));
    QJsonObject json{{QStringLiteral("text"), text(seen.text)}};
    if (!whisperCpp())
        json[QStringLiteral("usage")] = QJsonObject{{QStringLiteral("type"), QStringLiteral("duration")},
                                                    {QStringLiteral("seconds"), int(transcript.seconds + 0.999)}};
    return jsonAnswer(json);
}

QJsonObject Transcription::segment(const Transcript::Segment &said, int id, bool words) const
{
    QJsonObject out{{QStringLiteral("id"), id},
                    {QStringLiteral("start"), said.start},
                    {QStringLiteral("end"), said.end},
                    {QStringLiteral("text"), QString(u' ' + text(said.text))},
                    {QStringLiteral("tokens"), QJsonArray{50364, 50414}},
                    {QStringLiteral("temperature"), 0.0},
                    {QStringLiteral("avg_logprob"), said.noSpeech > 0.5 ? -1.3 : -0.25},
                    {QStringLiteral("no_speech_prob"), said.noSpeech}};
    if (whisperCpp()) {
        if (words)
            out[QStringLiteral("words")] = wordsOf(said, true);
        return out;
    }
    out[QStringLiteral("seek")] = 0;
    out[QStringLiteral("compression_ratio")] = 1.2;
    return out;
}

QJsonObject Transcription::verbose(const Transcript &transcript, const Multipart &form, AiRequest &seen)
{
    const std::vector<std::string> granularities = form.values("timestamp_granularities[]");
    const bool segmentsAsked = whisperCpp() || granularities.empty() || contains(granularities, "segment");
    bool words = whisperCpp() || contains(granularities, "word");
    if (words && m_faults.take("ai.no-words")) {
        seen.fault = "no-words";
        words = false;
    }
    QJsonObject out{{QStringLiteral("task"), QStringLiteral("transcribe")},
                    {QStringLiteral("language"), QStringLiteral("english")},
                    {QStringLiteral("duration"), transcript.seconds},
                    {QStringLiteral("text"), text(seen.text)}};
    QJsonArray segments;
    QJsonArray allWords;
    for (const Transcript::Segment &said : transcript.segments) {
        segments.append(segment(said, int(segments.size()), words));
        for (const QJsonValue &word : wordsOf(said, false))
            allWords.append(word);
    }
    if (segmentsAsked)
        out[QStringLiteral("segments")] = segments;
    if (words && !whisperCpp())
        out[QStringLiteral("words")] = allWords;
    if (!whisperCpp())
        out[QStringLiteral("usage")] = QJsonObject{{QStringLiteral("type"), QStringLiteral("duration")},
                                                   {QStringLiteral("seconds"), int(transcript.seconds + 0.999)}};
    return out;
}

} // namespace takt::sim
