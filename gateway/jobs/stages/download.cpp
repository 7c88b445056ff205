// SPDX-License-Identifier: GPL-3.0-or-later
// Twilio's "Recording resource": media at /Recordings/RE..., a form by its extension; 404 until it is there and once it is
// deleted; 400 for two channels that it does not have.
#include "jobs/stages/stages.h"
#include "jobs/wavfacts.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;
using store::Outcome;
using store::Recording;

namespace {

constexpr qint64 kStepMs = 10'000; // longer each time, up to
constexpr qint64 kMaxStepMs = 60'000;
constexpr qint64 kNotReadyMs[] = {2'000,  5'000,  10'000,
                                  20'000, 30'000, 60'000}; // it is said to be there, and is not yet
constexpr qint64 kMinBytes = 1'000;                        // less is an error page, or nothing worth hearing
constexpr qint64 kMaxBytes = qint64(4) * 1024 * 1024 * 1024;
constexpr int kIdleMs = 30'000;
constexpr int kTotalMs = 60 * 60'000;

bool isRecordingSid(const QString &sid)
{
    static const QRegularExpression s_pattern(u"^RE[0-9a-fA-F]{32}$"_s);
    return s_pattern.match(sid).hasMatch();
}

class Download
{
public:
    explicit Download(JobContext &context)
        : m_context(context)
        , m_twilio(context.settings().twilio)
        , m_final(context.folder().filePath(u"original"_s))
        , m_part("%1.%2.part"_L1.arg(m_final).arg(context.job().token))
    {
    }

    Outcome run()
    {
        const QList<Recording> &known = m_context.call().recordings;
        if (!m_context.call().streamed)
            return Outcome::skipped(u"no agent was on the call"_s);
        if (known.isEmpty() && !m_twilio.record)
            return Outcome::skipped(u"recording is off"_s);
        if (m_twilio.accountSid.isEmpty() || m_twilio.authTokens.isEmpty())
            return Outcome::skipped(u"no carrier credentials"_s);
        if (const auto recording = best(known))
            return fetch(*recording);
        if (noneWillCome(known))
            return Outcome::skipped(u"the carrier made no recording"_s);
        return ask(); // the callback that says so may have been lost
    }

private:
    // The longest that is complete; of equals the newest.
    static std::optional<Recording> best(const QList<Recording> &all)
    {
        std::optional<Recording> best;
        for (const Recording &r : all) {
            const auto rank = [](const Recording &x) { return std::pair(x.durationSeconds, x.startedAtMs); };
            if (r.status == "completed"_L1 && (!best || rank(r) > rank(*best)))
                best = r;
        }
        return best;
    }

    static bool noneWillCome(const QList<Recording> &all)
    {
        return !all.isEmpty()
               && std::all_of(all.begin(), all.end(), [](const Recording &r) { return r.status == "absent"_L1; });
    }

    [[nodiscard]] qint64 waitEndsMs() const
    {
        const qint64 from = m_context.call().endedAtMs > 0 ? m_context.call().endedAtMs : m_context.job().createdAtMs;
        return from + m_context.settings().jobs.recordingWaitMinutes * qint64(60'000);
    }

    // Later, or never if the time for that is over.
    [[nodiscard]] Outcome later(const QString &reason, qint64 delayMs, const QString &never) const
    {
        const qint64 left = waitEndsMs() - m_context.nowMs();
        return left > 0 ? Outcome::snoozed(reason, std::clamp<qint64>(delayMs, 1'000, std::max<qint64>(left, 1'000)))
                        : Outcome::skipped(never);
    }

    [[nodiscard]] Outcome notYet() const
    {
        return later(u"waits for the recording"_s, std::min(kStepMs * (m_context.job().snoozes + 1), kMaxStepMs),
                     u"no recording came within %1 minutes"_s.arg(m_context.settings().jobs.recordingWaitMinutes));
    }

    [[nodiscard]] QUrl api(const QString &path, const QString &query = {}) const
    {
        QUrl url = m_twilio.baseUrl;
        QString base = url.path();
        while (base.endsWith(u'/'))
            base.chop(1);
        url.setPath(base % "/2010-04-01/Accounts/"_L1 % m_twilio.accountSid % path);
        url.setQuery(query.isEmpty() ? QString() : query);
        url.setUserInfo({});
        return url;
    }

    [[nodiscard]] HttpRequest request(const QUrl &url) const
    {
        HttpRequest request;
        request.url = url;
        const QByteArray credentials = m_twilio.accountSid.toUtf8() + ':' + m_twilio.authTokens.first();
        request.headers = {{"Authorization", "Basic " + credentials.toBase64()}};
        request.secretHeaders = {"Authorization"};
        request.followRedirects = true;
        request.idleMs = kIdleMs;
        return request;
    }

    // What is no answer to our question. nullopt: it is one.
    [[nodiscard]] std::optional<Outcome> trouble(const HttpAnswer &answer) const
    {
        if (answer.stopped)
            return m_context.interrupted();
        if (answer.status == 401 || answer.status == 403)
            return Outcome::failed(u"the carrier refuses our credentials (HTTP %1)"_s.arg(answer.status));
        if (!answer.complete)
            return Outcome::retry(answer.error);
        if (answer.status == 429 || answer.status / 100 == 5)
            return Outcome::retry(u"the carrier answers HTTP %1"_s.arg(answer.status),
                                  retryAfterMs(answer, m_context.nowMs()));
        return std::nullopt;
    }

    // The carrier's own list of the call's recordings.
    Outcome ask()
    {
        const HttpAnswer answer = exchange(
            m_context.pass(), request(api("/Calls/"_L1 % m_context.call().callSid % "/Recordings.json"_L1)));
        if (const auto outcome = trouble(answer))
            return *outcome;
        if (answer.status == 404) // a call that the carrier does not know (any more)
            return notYet();
        const QJsonValue list = QJsonDocument::fromJson(answer.body).object().value("recordings"_L1);
        if (!answer.ok() || !list.isArray())
            return Outcome::retry(u"the carrier's list of recordings can't be read (HTTP %1)"_s.arg(answer.status));
        QList<Recording> all;
        for (const QJsonValue &one : list.toArray()) {
            Recording r;
            r.sid = one["sid"_L1].toString();
            r.status = one["status"_L1].toString();
            r.channels = one["channels"_L1].toInt(-1);
            r.durationSeconds = one["duration"_L1].toVariant().toInt(); // a string
            if (isRecordingSid(r.sid))
                all << r;
        }
        if (const auto recording = best(all))
            return fetch(*recording);
        return noneWillCome(all) ? Outcome::skipped(u"the carrier made no recording"_s) : notYet();
    }

    // Where the recording is, without extension. Our credentials go to no host that only a callback has named.
    [[nodiscard]] QUrl mediaUrl(const Recording &recording) const
    {
        if (isRecordingSid(recording.sid))
            return api("/Recordings/"_L1 % recording.sid);
        const QUrl base = m_twilio.baseUrl;
        QUrl url = base.resolved(QUrl(recording.url));
        url.setUserInfo({});
        url.setQuery(QString());
        if (url.path().endsWith(".json"_L1))
            url.setPath(url.path().chopped(5));
        const bool ours = !recording.url.isEmpty() && url.scheme() == base.scheme() && url.host() == base.host()
                          && url.port() == base.port();
        return ours ? url : QUrl();
    }

    Outcome fetch(const Recording &recording)
    {
        const QUrl media = mediaUrl(recording);
        if (!media.isValid())
            return Outcome::failed(u"the recording is not at the carrier's address"_s);
        struct Form {
            QLatin1StringView extension;
            QLatin1StringView query;
        };
        static constexpr Form s_forms[] = {{".wav"_L1, "RequestedChannels=2"_L1},
                                           {".wav"_L1, "RequestedChannels=1"_L1},
                                           {".wav"_L1, {}},
                                           {".mp3"_L1, {}},
                                           {{}, {}}};
        HttpAnswer answer;
        for (const Form &form : s_forms) {
            if (&form == s_forms && recording.channels == 1)
                continue; // it has no two
            QUrl url = media;
            url.setPath(media.path() + form.extension);
            url.setQuery(form.query.isEmpty() ? QString() : QString(form.query));
            answer = get(url);
            if (answer.status != 400)
                break;
        }
        if (const auto outcome = trouble(answer))
            return *outcome;
        if (answer.status == 404)
            return notReady();
        if (!answer.ok())
            return Outcome::retry(u"the carrier answers HTTP %1"_s.arg(answer.status));
        Outcome outcome = judge(recording, media, answer);
        QFile::remove(m_part); // unless it has got its name
        return outcome;
    }

    HttpAnswer get(const QUrl &url)
    {
        HttpRequest media = request(url);
        media.toFile = m_part;
        media.maxBytes = kMaxBytes;
        media.totalMs = kTotalMs;
        media.onProgress = [this](qint64 received, qint64 total) {
            m_context.progress(total > 0 ? double(received) / double(total) : 0,
                               total > 0 ? u"%1 of %2 kB"_s.arg(received / 1000).arg(total / 1000)
                                         : u"%1 kB"_s.arg(received / 1000));
        };
        return exchange(m_context.pass(), media);
    }

    Outcome notReady()
    {
        const int times = m_context.job().checkpoint.value("not_ready"_L1).toInt();
        if (!m_context.checkpoint({{u"not_ready"_s, times + 1}}))
            return m_context.interrupted();
        return later(u"the recording is not ready yet"_s,
                     kNotReadyMs[std::min<size_t>(size_t(times), std::size(kNotReadyMs) - 1)],
                     u"the recording is gone"_s);
    }

    // What came: is it a recording?
    Outcome judge(const Recording &recording, const QUrl &media, const HttpAnswer &answer)
    {
        QFile file(m_part);
        const QByteArray head = file.open(QIODevice::ReadOnly) ? file.read(16) : QByteArray();
        file.close();
        const std::optional<WavFacts> wav = readWavFacts(m_part);
        QLatin1StringView extension;
        if (head.startsWith("RIFF"))
            extension = ".wav"_L1;
        else if (head.startsWith("ID3") || (head.size() > 1 && head[0] == '\xFF' && (head[1] & '\xE0') == '\xE0'))
            extension = ".mp3"_L1;
        else if (head.startsWith("OggS"))
            extension = ".ogg"_L1;
        else
            return Outcome::retry(u"what the carrier sent is no audio"_s);
        if (head.startsWith("RIFF") && !wav && answer.bytes > kMinBytes)
            return Outcome::retry(u"what the carrier sent is no audio"_s);
        if (answer.bytes <= kMinBytes)
            return Outcome::skipped(u"the recording is empty"_s);
        if (wav && answer.header("Content-Length").isEmpty() && wav->cutShort())
            return Outcome::retry(u"the recording was cut short"_s);

        // Whoever lost the lease writes nothing that another may be reading.
        if (m_context.stopped() || !m_context.checkpoint(m_context.job().checkpoint))
            return m_context.interrupted();
        const QString final = m_final + extension;
        if (const QString error = settle(m_part, final); !error.isEmpty())
            return Outcome::retry(error);
        store::Effects effects;
        effects.artifacts << m_context.asArtifact(u"original"_s, final);
        effects.result = {{u"recording_sid"_s, recording.sid},
                          {u"channels"_s, wav ? wav->channels : recording.channels},
                          {u"bytes"_s, answer.bytes},
                          {u"url"_s, media.toString()}};
        return Outcome::completed(effects);
    }

    JobContext &m_context;
    const config::TwilioSettings &m_twilio;
    const QString m_final; // without extension
    const QString m_part;
};

} // namespace

Outcome download(JobContext &context)
{
    return Download(context).run();
}

} // namespace takt::jobs
