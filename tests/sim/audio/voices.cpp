// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/audio/voices.h"

#include "sim/audio/resample.h"
#include "sim/audio/wav.h"
#include "sim/wire/random.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>

#include <cmath>
#include <initializer_list>
#include <iterator>
#include <numbers>

namespace takt::sim {
namespace {

constexpr double kSpeechLevel = -20.0;
constexpr auto kAlsaDir = "/usr/share/sounds/alsa";

constexpr const char *kCallerSentences[] = {
    "Yes, hello, I would like to ask about my appointment.",
    "Sorry, could you say that again please?",
    "I am calling about the blue bicycle.",
    "No, wait, that is not what I meant.",
};

constexpr const char *kAgentSentences[] = {
    "Thank you for calling. My name is Tess. How may I help you today?",
    "Certainly. I have found your appointment, it is on Thursday at ten in the morning.",
    "Let me check that for you. The blue bicycle is in stock, and it can be picked up tomorrow.",
    "I understand. Could you please tell me the number that is printed on the top of your invoice?",
    "That is no problem at all.",
    "We are open from Sunday to Thursday, from nine in the morning until six in the evening, and on Friday until noon. "
    "You are welcome to visit the shop at any time without an appointment.",
    "I am sorry about that. I have made a note, and a colleague will call you back within the hour.",
    "Your order left our warehouse yesterday, and the courier says that it should arrive before three o'clock.",
    "Is there anything else that I can do for you?",
};

// Loads a file, or nothing if it holds no speech.
Clip loadClip(const QString &path, const std::string &text)
{
    const auto pcm = readWav(path);
    if (!pcm)
        return {};
    return {text, trimmedAndLevelled(toPhoneRate(pcm->samples, pcm->rate), kSpeechLevel)};
}

void loadDirectory(const QString &directory, std::vector<Clip> &clips)
{
    const auto files = QDir(directory).entryInfoList({QStringLiteral("*.wav")}, QDir::Files, QDir::Name);
    for (const QFileInfo &file : files) {
        const QString text = file.completeBaseName().replace(u'_', u' ').toLower();
        if (text == u"noise")
            continue;
        Clip clip = loadClip(file.filePath(), text.toStdString());
        if (!clip.speech.empty())
            clips.push_back(std::move(clip));
    }
}

// Lets espeak-ng speak the sentences into a cache, so that only the first run on a machine takes the time.
void synthesize(const QString &voice, std::span<const char *const> sentences, std::vector<Clip> &clips)
{
    const QString program = QStandardPaths::findExecutable(QStringLiteral("espeak-ng"));
    if (program.isEmpty())
        return;
    const QString cache = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation)
                          + QStringLiteral("/takt-sim");
    QDir().mkpath(cache);
    for (const char *sentence : sentences) {
        const QByteArray key = QCryptographicHash::hash(QByteArray(voice.toUtf8() + sentence), QCryptographicHash::Sha1)
                                   .toHex();
        const QString path = cache + u'/' + QString::fromLatin1(key) + QStringLiteral(".wav");
        if (!QFileInfo::exists(path)) {
            const QString unfinished = path + QStringLiteral(".part");
            QProcess::execute(
                program, {QStringLiteral("-v"), voice, QStringLiteral("-w"), unfinished, QString::fromUtf8(sentence)});
            QFile::rename(unfinished, path);
        }
        Clip clip = loadClip(path, sentence);
        if (!clip.speech.empty())
            clips.push_back(std::move(clip));
    }
}

// Recordings are a second long; an agent's sentence made of them is several of them in a row.
std::vector<Clip> sentencesFrom(const std::vector<Clip> &recordings)
{
    std::vector<Clip> sentences;
    for (std::size_t i = 0; i < 6; ++i) {
        Clip sentence;
        for (std::size_t k = 0; k < 3; ++k) {
            const Clip &part = recordings[(i * 3 + k) % recordings.size()];
            sentence.text += (k == 0 ? "" : ", ") + part.text;
            sentence.speech.insert(sentence.speech.end(), part.speech.begin(), part.speech.end());
            sentence.speech.insert(sentence.speech.end(), 8 * 120, 0);
        }
        sentences.push_back(std::move(sentence));
    }
    return sentences;
}

} // namespace

Result<Voices> Voices::load(const QString &clipsDir)
{
    Voices voices;
    if (!clipsDir.isEmpty()) {
        loadDirectory(clipsDir, voices.caller);
        if (voices.caller.empty())
            return Error{QStringLiteral("no 16-bit PCM WAV file with speech in %1").arg(clipsDir)};
    } else {
        loadDirectory(QString::fromLatin1(kAlsaDir), voices.caller);
        synthesize(QStringLiteral("en-gb+f3"), kCallerSentences, voices.caller);
    }
    if (voices.caller.empty())
        return Error{QStringLiteral("no speech found: install the Debian packages alsa-utils (recorded voices) and "
                                    "espeak-ng (synthetic ones), or name a directory of WAV files with --clips")};
    synthesize(QStringLiteral("en-us"), kAgentSentences, voices.agent);
    if (voices.agent.empty())
        voices.agent = sentencesFrom(voices.caller);
    return voices;
}

Voices Voices::synthetic()
{
    const auto burst = [](const std::string &text, int ms, double pitch) {
        Clip clip{text, {}};
        Random noise(std::uint64_t(ms) * 31 + std::uint64_t(pitch));
        for (int i = 0; i < ms * 8; ++i) {
            const double t = i / 8000.0;
            const double syllable = 0.55 + 0.45 * std::sin(2 * std::numbers::pi * 4 * t);
            const double voice = std::sin(2 * std::numbers::pi * pitch * t) + 0.4 * noise.real(-1, 1);
            clip.speech.push_back(static_cast<std::int16_t>(6000 * syllable * voice));
        }
        return clip;
    };
    Voices voices;
    for (int i = 0; i < 4; ++i)
        voices.caller.push_back(burst("caller phrase " + std::to_string(i), 1100 + 150 * i, 140 + 15 * i));
    for (int i = 0; i < 5; ++i)
        voices.agent.push_back(burst("agent sentence " + std::to_string(i), 2200 + 700 * i, 210 + 20 * i));
    return voices;
}

} // namespace takt::sim
