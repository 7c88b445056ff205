// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/ai/transcriber.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace takt::sim {
namespace {

constexpr std::int64_t kTolerance = 60;   // ms
constexpr std::int64_t kSameLength = 250; // ms, of upload and recording
constexpr std::size_t kAnchors = 4;
constexpr double kEnough = 0.7;

bool near(std::int64_t a, std::int64_t b)
{
    return std::abs(a - b) <= kTolerance;
}

// How many stretches of the upload are in the recording at this offset. Where the upload was cut off, its stretches are
// too.
std::size_t matching(const std::vector<Stretch> &heard, std::int64_t uploadMs, const std::vector<Stretch> &known,
                     std::int64_t offset)
{
    std::size_t count = 0;
    auto candidate = known.begin();
    for (const Stretch &stretch : heard) {
        while (candidate != known.end() && candidate->endMs < stretch.startMs + offset - kTolerance)
            ++candidate;
        if (candidate == known.end())
            break;
        const bool start = near(candidate->startMs - offset, stretch.startMs)
                           || (stretch.startMs < kTolerance && candidate->startMs <= offset + kTolerance);
        const bool end = near(candidate->endMs - offset, stretch.endMs)
                         || (uploadMs - stretch.endMs < kTolerance
                             && candidate->endMs >= offset + uploadMs - kTolerance);
        count += start && end ? 1 : 0;
    }
    return count;
}

std::vector<Utterance> repeated(const RecordedAudio &audio, int channel)
{
    std::vector<Utterance> all;
    const auto loopMs = std::int64_t(audio.loop / 8);
    for (std::int64_t at = 0; at < audio.ms(); at += loopMs) {
        for (Utterance utterance : audio.said) {
            utterance.startMs += at;
            utterance.endMs = std::min(utterance.endMs + at, audio.ms());
            if ((channel == 2 || utterance.channel == channel) && utterance.startMs < audio.ms())
                all.push_back(std::move(utterance));
        }
        if (loopMs == 0)
            break;
    }
    return all;
}

std::string lengthOf(const Stretch &stretch)
{
    char text[48];
    std::snprintf(text, sizeof text, "speech of %.1f seconds", double(stretch.ms()) / 1000);
    return text;
}

} // namespace

std::string Transcript::text() const
{
    std::string all;
    for (const Segment &segment : segments)
        all += (all.empty() ? "" : " ") + segment.text;
    return all;
}

void Transcriber::learn(const std::string &sid, const RecordedAudio &audio)
{
    for (const int channel : {2, 1, 0}) {
        Known known{sid, channel, audio.ms(), voicedStretches(audio, channel), repeated(audio, channel)};
        if (!known.stretches.empty())
            m_known.push_front(std::move(known));
    }
    m_known.resize(std::min(m_known.size(), kRemembered));
}

Transcriber::Match Transcriber::find(const std::vector<Stretch> &heard, std::int64_t uploadMs) const
{
    Match best;
    const auto better = [](const Match &a, const Match &b) {
        return a.whole != b.whole && a.score >= kEnough ? a.whole : a.score > b.score;
    };
    for (const Known &known : m_known) {
        const bool sameLength = std::abs(known.ms - uploadMs) < kSameLength;
        for (std::size_t i = 0; i < std::min(kAnchors, heard.size()); ++i) {
            const Stretch &anchor = heard[i];
            for (const Stretch &candidate : known.stretches) {
                const bool cut = anchor.startMs < kTolerance; // its begin may be missing, its end is there
                const std::int64_t offset = cut ? candidate.endMs - anchor.endMs : candidate.startMs - anchor.startMs;
                if (offset < -kTolerance || offset + uploadMs > known.ms + kSameLength)
                    continue;
                const Match match{&known, offset,
                                  double(matching(heard, uploadMs, known.stretches, offset)) / double(heard.size()),
                                  sameLength && near(offset, 0)};
                if (match.score >= kEnough && better(match, best))
                    best = match;
            }
        }
        if (best.whole && best.score == 1.0)
            break;
    }
    return best;
}

void Transcriber::addKnown(const Match &match, const std::vector<Stretch> &heard, Transcript &transcript)
{
    transcript.recording = match.known->sid;
    transcript.channel = match.known->channel;
    transcript.offsetMs = match.offsetMs;
    std::vector<bool> explained(heard.size(), false);
    for (const Utterance &utterance : match.known->said) {
        const std::int64_t from = utterance.startMs - match.offsetMs;
        const std::int64_t to = utterance.endMs - match.offsetMs;
        Stretch voiced{to, from};
        for (std::size_t i = 0; i < heard.size(); ++i) {
            const std::int64_t first = std::max(heard[i].startMs, from - kTolerance);
            const std::int64_t last = std::min(heard[i].endMs, to + kTolerance);
            if (last - first <= kTolerance)
                continue;
            explained[i] = true;
            voiced = {std::min(voiced.startMs, first), std::max(voiced.endMs, last)};
        }
        const auto length = double(std::max<std::int64_t>(1, utterance.endMs - utterance.startMs));
        const std::string words = wordsWithin(utterance.text, double(voiced.startMs - from - kTolerance) / length,
                                              double(voiced.endMs - from + kTolerance) / length);
        if (voiced.endMs > voiced.startMs && !words.empty())
            transcript.segments.push_back({double(voiced.startMs) / 1000, double(voiced.endMs) / 1000, words});
    }
    for (std::size_t i = 0; i < heard.size(); ++i) {
        if (!explained[i])
            transcript.segments.push_back(
                {double(heard[i].startMs) / 1000, double(heard[i].endMs) / 1000, lengthOf(heard[i])});
    }
    std::stable_sort(transcript.segments.begin(), transcript.segments.end(),
                     [](const Transcript::Segment &a, const Transcript::Segment &b) { return a.start < b.start; });
}

Transcript Transcriber::transcribe(const Pcm &pcm) const
{
    Transcript transcript;
    transcript.seconds = double(pcm.samples.size()) / double(pcm.rate);
    const std::vector<Stretch> heard = voicedStretches(pcm.samples, pcm.rate);
    const Match match = find(heard, std::int64_t(1000 * transcript.seconds));
    if (match.known != nullptr) {
        addKnown(match, heard, transcript);
        return transcript;
    }
    for (const Stretch &stretch : heard)
        transcript.segments.push_back(
            {double(stretch.startMs) / 1000, double(stretch.endMs) / 1000, lengthOf(stretch)});
    return transcript;
}

} // namespace takt::sim
