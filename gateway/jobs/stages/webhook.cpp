// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/stages/stages.h"

#include "jobs/party.h"
#include "jobs/payload.h"
#include "jobs/ssrf.h"
#include "jobs/webhookschedule.h"
#include "jobs/webhooksign.h"
#include "store/failpoint.h"
#include "store/leadstore.h"
#include "store/outbox.h"

#include <QRandomGenerator>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kConnectMs = 10'000;
constexpr int kTotalMs = 20'000;
constexpr qint64 kMaxAnswer = 64 * 1024;
constexpr qsizetype kKeptOfAnswer = 1024;

struct Receiver {
    QUrl url; // invalid: none
    QString secret;
};

Receiver receiverOf(const JobContext &context)
{
    const config::Business &business = context.business();
    const config::WebhookSettings &general = context.settings().webhook;
    return {business.webhookUrl.isValid() ? business.webhookUrl : general.url,
            business.webhookSecret.isEmpty() ? general.secret : business.webhookSecret};
}

// The call's message as it was frozen; at the first attempt it is made. It goes to where the receiver is now, though an
// operator may have moved it since.
Result<store::WebhookMessage> frozenMessage(JobContext &context, const QString &url)
{
    const store::Dossier &call = context.call();
    const QString type = QString::fromLatin1(kCallCompleted);
    store::Outbox outbox(context.database());
    Result<store::WebhookMessage> known = outbox.message(call.callSid, type);
    if (!known || known->delivered || (!known->id.isEmpty() && known->url == url))
        return known;
    store::WebhookMessage message = std::move(known).value();
    message.url = url;
    if (!message.id.isEmpty())
        return outbox.freeze(message);
    const auto lead = store::LeadStore(context.database()).byPhone(call.business, leadPhone(call));
    if (!lead)
        return Error{lead.error()};
    message.id = QString::fromLatin1(newWebhookId());
    message.callSid = call.callSid;
    message.eventType = type;
    message.business = call.business;
    message.body = callCompleted(call, *lead, context.nowMs());
    return outbox.freeze(message);
}

HttpRequest requestFor(const store::WebhookMessage &message, const Receiver &receiver, const QHostAddress &address,
                       const WebhookKeys &keys, qint64 nowMs)
{
    HttpRequest request;
    request.method = "POST";
    request.url = receiver.url;
    request.address = address;
    request.body = message.body;
    request.headers = HttpHeaders{{"content-type", "application/json"}, {"user-agent", "takt/" TAKT_VERSION}}
                      + webhookHeaders(keys, message.id.toLatin1(), nowMs / 1000, message.body);
    request.connectMs = kConnectMs;
    request.idleMs = kTotalMs;
    request.totalMs = kTotalMs;
    request.maxBytes = kMaxAnswer;
    return request;
}

// As a text that every database takes.
QString beginning(const QByteArray &body)
{
    QString text = QString::fromUtf8(body.first(std::min(body.size(), kKeptOfAnswer)));
    text.removeIf([](QChar c) { return c.category() == QChar::Other_Control && c != u'\n' && c != u'\t'; });
    return text;
}

store::Outcome delivered(const store::WebhookMessage &message, int status)
{
    store::Effects effects;
    effects.result = {{u"message_id"_s, message.id}, {u"attempts"_s, message.attempts}};
    if (status > 0)
        effects.result[u"status"_s] = status;
    return store::Outcome::completed(std::move(effects));
}

// Again later, unless that was the last time. The store would end the job by itself, but not with the receiver's words.
store::Outcome again(const JobContext &context, const QString &reason, const Refusal &refusal)
{
    const store::Job &job = context.job();
    if (job.attempt >= job.maxAttempts)
        return store::Outcome::failed(u"%1; that was attempt %2, the last one"_s.arg(reason).arg(job.attempt));
    // An operator's retry of a failed job gives it ten attempts more, which begin where the first ones began.
    const int round = (std::max(job.attempt, 1) - 1) % kWebhookAttempts + 1;
    const double random = QRandomGenerator::global()->generateDouble();
    return store::Outcome::retry(reason, webhookDelayMs(round, refusal, random));
}

store::Outcome judged(const JobContext &context, const store::WebhookMessage &message, const Receiver &receiver,
                      const HttpAnswer &answer, store::DeliveryAttempt &attempt)
{
    // Its answer's first line says all: what becomes of the rest is nothing to send the message again for.
    attempt.delivered = answer.status / 100 == 2;
    if (attempt.delivered)
        return delivered(message, answer.status);
    attempt.error = answer.status > 0 ? u"the receiver answered %1"_s.arg(answer.status) : answer.error;
    if (answer.status == 410) {
        // The store disables the message's URL: never another one than that which said it.
        attempt.disablesEndpoint = message.url == receiver.url.toString(QUrl::FullyEncoded);
        return store::Outcome::failed(u"the receiver said 410 Gone"_s);
    }
    if (answer.stopped) // whether it has arrived, nobody knows; the id is the same next time
        return context.interrupted();
    Refusal refusal;
    refusal.slowDown = answer.status == 429 || answer.tooSlow;
    if (answer.status == 429 || answer.status == 503)
        refusal.retryAfterMs = retryAfterMs(answer, context.nowMs());
    return again(context, attempt.error, refusal);
}

store::Outcome send(JobContext &context, const store::WebhookMessage &message, const Receiver &receiver,
                    const WebhookKeys &keys)
{
    store::DeliveryAttempt attempt;
    attempt.messageId = message.id;
    const auto ended = [&attempt](store::Outcome outcome) {
        outcome.effects.delivery = attempt;
        return outcome;
    };
    // Each time anew: what the name stood for the last time says nothing of now.
    const Result<QList<QHostAddress>> addresses = resolveHost(receiver.url.host());
    if (!addresses) {
        attempt.error = addresses.error();
        return ended(again(context, attempt.error, {}));
    }
    const Result<QHostAddress> address = vet(receiver.url, *addresses, context.settings().webhook.allowNetworks);
    if (!address) {
        attempt.error = address.error();
        return ended(store::Outcome::failed(attempt.error));
    }
    if (context.stopped())
        return context.interrupted();
    context.progress(0, u"attempt %1"_s.arg(context.job().attempt));
    const HttpAnswer answer = exchange(context.pass(), requestFor(message, receiver, *address, keys, context.nowMs()));
    if (answer.stopped && answer.neverSent)
        return context.interrupted();
    store::failpoint("webhook-sent");
    attempt.status = answer.status;
    attempt.response = beginning(answer.body);
    attempt.durationMs = answer.durationMs;
    return ended(judged(context, message, receiver, answer, attempt));
}

} // namespace

store::Outcome deliverWebhook(JobContext &context)
{
    const Receiver receiver = receiverOf(context);
    if (!receiver.url.isValid())
        return store::Outcome::skipped(u"no webhook is set"_s);
    const Result<WebhookKeys> keys = parseWebhookKeys(receiver.secret);
    if (!keys)
        return store::Outcome::failed(keys.error());
    if (context.stopped())
        return context.interrupted();
    const QString url = receiver.url.toString(QUrl::FullyEncoded);
    const Result<store::WebhookMessage> message = frozenMessage(context, url);
    if (!message)
        return store::Outcome::retry(u"the outbox: "_s % message.error());
    if (message->delivered) // and the one who delivered it could not say so
        return delivered(*message, 0);
    if (message->endpointDisabled && message->url == url)
        return store::Outcome::skipped(u"the receiver said 410 Gone"_s);
    return send(context, *message, receiver, *keys);
}

} // namespace takt::jobs
