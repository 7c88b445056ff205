// SPDX-License-Identifier: GPL-3.0-or-later
// The two forms of a verdict: for people and for programs.
#include "sim/office/worklog.h"
#include "sim/verdict/verdict.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace takt::sim {
namespace {

QString ms(double value)
{
    return QString::number(value, 'f', value < 100 ? 2 : 0);
}

QString line(const Percentiles &p)
{
    if (p.count == 0)
        return QStringLiteral("none");
    return QStringLiteral("p50 %1  p99 %2  p99.9 %3  max %4  (of %5)")
        .arg(ms(p.p50), ms(p.p99), ms(p.p999), ms(p.max))
        .arg(p.count);
}

QString list(const QString &title, const Occurrences &occurrences)
{
    QString out;
    for (const auto &[what, occurrence] : occurrences) {
        out += QStringLiteral("  %1 %2 x%3: %4\n")
                   .arg(title, QString::fromStdString(what))
                   .arg(occurrence.count)
                   .arg(QString::fromStdString(occurrence.example));
    }
    return out;
}

QJsonObject object(const Percentiles &p)
{
    return {{QStringLiteral("count"), qint64(p.count)},
            {QStringLiteral("p50"), p.p50},
            {QStringLiteral("p99"), p.p99},
            {QStringLiteral("p999"), p.p999},
            {QStringLiteral("max"), p.max}};
}

QJsonArray array(const Occurrences &occurrences)
{
    QJsonArray out;
    for (const auto &[what, occurrence] : occurrences) {
        out.append(QJsonObject{{QStringLiteral("code"), QString::fromStdString(what)},
                               {QStringLiteral("count"), qint64(occurrence.count)},
                               {QStringLiteral("example"), QString::fromStdString(occurrence.example)}});
    }
    return out;
}

QJsonObject modelObject(const ModelRecord &m)
{
    return {{QStringLiteral("sessions"), qint64(m.sessions)},
            {QStringLiteral("refused"), qint64(m.refused)},
            {QStringLiteral("updates"), qint64(m.updates)},
            {QStringLiteral("responses"), qint64(m.responses)},
            {QStringLiteral("turns"), qint64(m.turns)},
            {QStringLiteral("cancelled_by_vad"), qint64(m.cancelledByVad)},
            {QStringLiteral("cancelled_by_client"), qint64(m.cancelledByClient)},
            {QStringLiteral("truncates"), qint64(m.truncates)},
            {QStringLiteral("appends"), qint64(m.appends)},
            {QStringLiteral("appended_bytes"), qint64(m.appendedBytes)},
            {QStringLiteral("dropped_by_fault"), qint64(m.droppedByFault)},
            {QStringLiteral("errors"), array(m.errors)},
            {QStringLiteral("faults"), array(m.faults)}};
}

QJsonObject worstObject(const Verdict &v)
{
    const CallRecord &w = v.worst;
    double cut = 0;
    for (const double value : w.cutMs)
        cut += value;
    return {{QStringLiteral("number"), w.number},
            {QStringLiteral("from"), QString::fromStdString(w.from)},
            {QStringLiteral("seconds"), w.seconds},
            {QStringLiteral("frames"), qint64(w.frames)},
            {QStringLiteral("gap_error_p99_ms"), v.worstGapP99},
            {QStringLiteral("worst_gap_ms"), toMs(w.worstGap)},
            {QStringLiteral("stalls"), qint64(w.stalls)},
            {QStringLiteral("bursts"), qint64(w.bursts)},
            {QStringLiteral("silence_in_speech_ms"), toMs(w.silenceInSpeech)},
            {QStringLiteral("cut_ms"), cut},
            {QStringLiteral("closed_by_gateway"), w.closedByGateway},
            {QStringLiteral("close_code"), w.closeCode},
            {QStringLiteral("close_reason"), QString::fromStdString(w.closeReason)}};
}

QJsonObject phoneObject(const PhoneVerdict &p)
{
    QJsonObject statuses;
    for (const auto &[status, count] : p.statuses)
        statuses[QString::fromStdString(status)] = count;
    return {{QStringLiteral("calls"), p.calls},
            {QStringLiteral("statuses"), statuses},
            {QStringLiteral("webhook_ms"), object(p.webhookMs)},
            {QStringLiteral("callbacks"), qint64(p.callbacks)},
            {QStringLiteral("failed_callbacks"), qint64(p.failedCallbacks)},
            {QStringLiteral("warnings"), array(p.warnings)},
            {QStringLiteral("errors"), array(p.errors)},
            {QStringLiteral("attacks"), array(p.attacks)}};
}

QString phoneText(const PhoneVerdict &p)
{
    if (p.calls == 0)
        return {};
    QString statuses;
    for (const auto &[status, count] : p.statuses)
        statuses += QStringLiteral(" %1 %2,").arg(QString::fromStdString(status)).arg(count);
    statuses.chop(1);
    return QStringLiteral("telephone calls   %1:%2; callbacks %3, failed %4\nwebhook ms        %5\n")
               .arg(p.calls)
               .arg(statuses)
               .arg(p.callbacks)
               .arg(p.failedCallbacks)
               .arg(line(p.webhookMs))
           + list(QStringLiteral("phone warning"), p.warnings) + list(QStringLiteral("phone error"), p.errors)
           + list(QStringLiteral("attack"), p.attacks);
}

QString workText(const WorkRecord &w)
{
    if (!w.any())
        return {};
    return QStringLiteral("recordings        %1, absent %2; downloads %3 of %4 requests, deleted %5, keys leaked %6\n")
               .arg(w.recordings)
               .arg(w.absent)
               .arg(w.downloads)
               .arg(w.mediaRequests)
               .arg(w.deleted)
               .arg(w.leaked)
           + QStringLiteral("AI                transcriptions %1 (%2 s of audio), chats %3, requests %4, "
                            "unauthorized %5\n")
                 .arg(w.transcriptions)
                 .arg(w.audioSeconds, 0, 'f', 1)
                 .arg(w.chats)
                 .arg(w.aiRequests)
                 .arg(w.aiUnauthorized)
           + QStringLiteral("CRM               received %1 by %2 deliveries, duplicates %3, bad signatures %4, changed "
                            "bodies %5, redirects followed %6\n")
                 .arg(w.ids.size())
                 .arg(w.deliveries)
                 .arg(w.duplicates)
                 .arg(w.badSignatures)
                 .arg(w.changedBodies)
                 .arg(w.followedRedirects);
}

} // namespace

QString Verdict::text() const
{
    QString out;
    out += QStringLiteral(
               "calls             %1: completed %2, closed by gateway %3, refused %4, silent %5, unlinked %6")
               .arg(calls)
               .arg(completed)
               .arg(closedByGateway)
               .arg(refused)
               .arg(silent)
               .arg(unlinked);
    if (faulted > 0)
        out += QStringLiteral("; with faults, not judged: %1 (%2 closed by gateway)").arg(faulted).arg(faultedClosed);
    out += QStringLiteral("\nframes            %1, %2 a second while speaking, wrong size %3; marks %4, clears %5\n")
               .arg(frames)
               .arg(framesPerSecond, 0, 'f', 3)
               .arg(wrongSize)
               .arg(marks)
               .arg(clears);
    out += QStringLiteral("|gap - 20 ms| ms  %1\n").arg(line(gapError));
    out += QStringLiteral("                  worst gap %1 ms, stalls %2, bursts %3, not measurable %4\n")
               .arg(ms(worstGapMs))
               .arg(stalls)
               .arg(bursts)
               .arg(unmeasured);
    out +=
        QStringLiteral(
            "callers heard     %1 s of agent; silence inside speech %2 ms per call and second; cut %3 ms in %4 items; "
            "repeated %5 ms\n")
            .arg(agentSeconds, 0, 'f', 1)
            .arg(silenceMs, 0, 'f', 3)
            .arg(cutMs, 0, 'f', 0)
            .arg(cutItems)
            .arg(ms(repeatedMs));
    out += QStringLiteral("interruptions ms  old audio heard after: %1\n").arg(line(afterInterruption));
    out += QStringLiteral("                  |audio_end_ms error|:  %1, signed %2 to %3; missing truncates %4\n")
               .arg(line(endError), ms(endErrorLow), ms(endErrorHigh))
               .arg(missingTruncates);
    out += QStringLiteral("greeting ms       %1\nresponse ms       %2\n").arg(line(greeting), line(response));
    out += QStringLiteral("model             sessions %1, refused %2, updates %3, turns %4, responses %5, cancelled by "
                          "VAD %6 / by client "
                          "%7, truncates %8\n")
               .arg(model.sessions)
               .arg(model.refused)
               .arg(model.updates)
               .arg(model.turns)
               .arg(model.responses)
               .arg(model.cancelledByVad)
               .arg(model.cancelledByClient)
               .arg(model.truncates);
    out += list(QStringLiteral("carrier fault"), faults) + list(QStringLiteral("model error"), model.errors)
           + list(QStringLiteral("model fault"), model.faults);
    out += phoneText(phone) + workText(work);
    if (calls > 1 && worst.number > 0) {
        out +=
            QStringLiteral(
                "worst call        #%1 %2: gap error p99 %3 ms, worst gap %4 ms, stalls %5, bursts %6, silence %7 ms\n")
                .arg(worst.number)
                .arg(QString::fromStdString(worst.from), ms(worstGapP99), ms(toMs(worst.worstGap)))
                .arg(worst.stalls)
                .arg(worst.bursts)
                .arg(ms(toMs(worst.silenceInSpeech)));
    }
    for (const BrokenLimit &limit : broken) {
        out += QStringLiteral("BROKEN            %1: %2, allowed %3%4\n")
                   .arg(QString::fromStdString(limit.name), ms(limit.measured), ms(limit.allowed),
                        limit.detail.empty() ? QString()
                                             : QStringLiteral("; first: ") + QString::fromStdString(limit.detail));
    }
    return out + (ok() ? QStringLiteral("verdict           OK\n") : QStringLiteral("verdict           FAILED\n"));
}

QByteArray Verdict::json() const
{
    QJsonArray brokenLimits;
    for (const BrokenLimit &limit : broken) {
        brokenLimits.append(QJsonObject{{QStringLiteral("limit"), QString::fromStdString(limit.name)},
                                        {QStringLiteral("measured"), limit.measured},
                                        {QStringLiteral("allowed"), limit.allowed},
                                        {QStringLiteral("detail"), QString::fromStdString(limit.detail)}});
    }
    QJsonObject codes;
    for (const auto &[code, count] : closeCodes)
        codes[QString::number(code)] = count;
    const QJsonObject root{
        {QStringLiteral("ok"), ok()},
        {QStringLiteral("broken"), brokenLimits},
        {QStringLiteral("calls"), QJsonObject{{QStringLiteral("total"), calls},
                                              {QStringLiteral("completed"), completed},
                                              {QStringLiteral("refused"), refused},
                                              {QStringLiteral("closed_by_gateway"), closedByGateway},
                                              {QStringLiteral("silent"), silent},
                                              {QStringLiteral("unlinked"), unlinked},
                                              {QStringLiteral("faulted"), faulted},
                                              {QStringLiteral("faulted_closed_by_gateway"), faultedClosed},
                                              {QStringLiteral("seconds"), callSeconds},
                                              {QStringLiteral("close_codes"), codes}}},
        {QStringLiteral("beat"), QJsonObject{{QStringLiteral("frames"), qint64(frames)},
                                             {QStringLiteral("frames_per_second"), framesPerSecond},
                                             {QStringLiteral("wrong_size"), qint64(wrongSize)},
                                             {QStringLiteral("gap_error_ms"), object(gapError)},
                                             {QStringLiteral("worst_gap_ms"), worstGapMs},
                                             {QStringLiteral("stalls"), qint64(stalls)},
                                             {QStringLiteral("bursts"), qint64(bursts)},
                                             {QStringLiteral("unmeasured"), qint64(unmeasured)},
                                             {QStringLiteral("marks"), qint64(marks)},
                                             {QStringLiteral("clears"), qint64(clears)}}},
        {QStringLiteral("heard"), QJsonObject{{QStringLiteral("agent_seconds"), agentSeconds},
                                              {QStringLiteral("silence_ms_per_call_second"), silenceMs},
                                              {QStringLiteral("cut_ms"), cutMs},
                                              {QStringLiteral("cut_items"), cutItems},
                                              {QStringLiteral("repeated_ms"), repeatedMs},
                                              {QStringLiteral("greeting_ms"), object(greeting)},
                                              {QStringLiteral("response_ms"), object(response)}}},
        {QStringLiteral("interruptions"), QJsonObject{{QStringLiteral("heard_after_ms"), object(afterInterruption)},
                                                      {QStringLiteral("audio_end_error_ms"), object(endError)},
                                                      {QStringLiteral("audio_end_error_lowest_ms"), endErrorLow},
                                                      {QStringLiteral("audio_end_error_highest_ms"), endErrorHigh},
                                                      {QStringLiteral("missing_truncates"), qint64(missingTruncates)}}},
        {QStringLiteral("carrier_faults"), array(faults)},
        {QStringLiteral("model"), modelObject(model)},
        {QStringLiteral("phone"), phoneObject(phone)},
        {QStringLiteral("work"), workObject(work)},
        {QStringLiteral("worst_call"), worstObject(*this)},
    };
    return QJsonDocument(root).toJson(QJsonDocument::Indented);
}

} // namespace takt::sim
