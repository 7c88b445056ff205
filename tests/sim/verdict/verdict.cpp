// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/verdict/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace takt::sim {
namespace {

constexpr double kSilentAfterSeconds = 5; // a call shorter than this may have heard nothing yet

constexpr std::array kLimits{
    LimitInfo{"bursts", 0, false, "two frames of a call within 10 ms"},
    LimitInfo{"stalls", 0, false, "more than 120 ms without a frame while audio was owed"},
    LimitInfo{"wrong-size", 0, false, "media messages of other than 160 bytes"},
    LimitInfo{"protocol-faults", 0, false, "messages that the carrier rejects"},
    LimitInfo{"model-faults", 0, false, "events that the model rejects, benign races excepted"},
    LimitInfo{"silence-ms", 1, false, "silence inside speech, ms per call and second"},
    LimitInfo{"cut-ms", 0, false,
              "audio never heard though nobody interrupted it (a lost part of one frame is rounding)"},
    LimitInfo{"repeated-ms", 0, false, "audio heard twice"},
    LimitInfo{"after-interruption-ms", 100, true, "p99 of the old audio heard after the caller began to speak"},
    LimitInfo{"audio-end-error-ms", 60, true, "p99 of |audio_end_ms - what was truly heard|"},
    LimitInfo{"missing-truncates", 0, false, "interrupted items that the model was never told about"},
    LimitInfo{"closed-by-gateway", 0, false, "calls that the gateway ended"},
    LimitInfo{"refused-calls", 0, false, "calls that never came to a media stream"},
    LimitInfo{"silent-calls", 0, false, "calls of 5 s or more that never heard the agent"},
    LimitInfo{"unlinked-calls", 0, false, "calls that heard audio which the model never said"},
    LimitInfo{"webhook-ms", 1000, false, "p99 of the time from a voice webhook to its whole TwiML"},
    LimitInfo{"failed-callbacks", 0, false, "callbacks not answered 2xx, or not in 15 s"},
    LimitInfo{"twiml-warnings", 0, false, "verbs and attributes that TwiML does not have"},
    LimitInfo{"phone-errors", 0, false, "documents and media streams that came to nothing"},
    LimitInfo{"leaked-keys", 0, false, "downloads that took the account's key along to another host"},
    LimitInfo{"bad-webhooks", 0, false,
              "deliveries to the CRM whose signature is wrong, or under an id with another body"},
    LimitInfo{"followed-redirects", 0, false, "deliveries to the CRM that followed a redirect"},
};

// Races that a correct client may lose.
bool isBenign(const std::string &code)
{
    return code == "conversation_already_has_active_response" || code == "response_cancel_not_active";
}

std::int64_t total(const Occurrences &occurrences, bool onlySerious)
{
    std::int64_t sum = 0;
    for (const auto &[what, occurrence] : occurrences) {
        if (!onlySerious || !isBenign(what))
            sum += occurrence.count;
    }
    return sum;
}

std::string example(const Occurrences &occurrences)
{
    for (const auto &[what, occurrence] : occurrences) {
        if (!isBenign(what))
            return what + ": " + occurrence.example;
    }
    return {};
}

double measured(const Verdict &verdict, const std::string &name)
{
    const std::map<std::string, double> values{
        {"bursts", double(verdict.bursts)},
        {"stalls", double(verdict.stalls)},
        {"wrong-size", double(verdict.wrongSize)},
        {"protocol-faults", double(total(verdict.faults, false))},
        {"model-faults", double(total(verdict.model.errors, true) + total(verdict.model.faults, true))},
        {"silence-ms", verdict.silenceMs},
        {"cut-ms", verdict.cutMs},
        {"repeated-ms", verdict.repeatedMs},
        {"after-interruption-ms", verdict.afterInterruption.p99},
        {"audio-end-error-ms", verdict.endError.p99},
        {"missing-truncates", double(verdict.missingTruncates)},
        {"closed-by-gateway", double(verdict.closedByGateway)},
        {"refused-calls", double(verdict.refused)},
        {"silent-calls", double(verdict.silent)},
        {"unlinked-calls", double(verdict.unlinked)},
        {"webhook-ms", verdict.phone.webhookMs.p99},
        {"failed-callbacks", double(verdict.phone.failedCallbacks)},
        {"twiml-warnings", double(total(verdict.phone.warnings, false))},
        {"phone-errors", double(total(verdict.phone.errors, false))},
        {"leaked-keys", double(verdict.work.leaked)},
        {"bad-webhooks", double(verdict.work.badSignatures + verdict.work.changedBodies)},
        {"followed-redirects", double(verdict.work.followedRedirects)},
    };
    return values.at(name);
}

std::string detailOf(const Verdict &verdict, const std::string &name)
{
    if (name == "protocol-faults")
        return example(verdict.faults);
    if (name == "model-faults")
        return verdict.model.errors.empty() ? example(verdict.model.faults) : example(verdict.model.errors);
    if (name == "cut-ms")
        return verdict.firstCut;
    if (name == "failed-callbacks")
        return verdict.phone.firstFailed;
    if (name == "twiml-warnings")
        return example(verdict.phone.warnings);
    if (name == "phone-errors")
        return example(verdict.phone.errors);
    return {};
}

void merge(Occurrences &into, const Occurrences &from)
{
    for (const auto &[what, occurrence] : from) {
        Occurrence &sum = into[what];
        if (sum.count == 0)
            sum.example = occurrence.example;
        sum.count += occurrence.count;
    }
}

} // namespace

std::span<const LimitInfo> allLimits()
{
    return kLimits;
}

void VerdictBuilder::add(CallRecord record)
{
    ++m_sum.calls;
    if (record.completed)
        ++m_sum.completed;
    ++m_sum.closeCodes[record.closeCode];
    addPhone(record);
    if (!record.healthy) {
        ++m_sum.faulted;
        if (record.closedByGateway)
            ++m_sum.faultedClosed;
        return;
    }
    // Not every telephone call is to come to a media stream.
    if (!record.connected && (record.phone.callSid.empty() || record.phone.streamsTried > 0))
        ++m_sum.refused;
    if (record.closedByGateway)
        ++m_sum.closedByGateway;
    addJudged(record);
    std::vector<double> gaps(record.gapErrorUs.begin(), record.gapErrorUs.end());
    const double p99 = percentilesOf(std::move(gaps)).p99 / 1000.0;
    double cut = 0;
    for (const double ms : record.cutMs)
        cut += ms;
    const double score = 1000.0 * double(record.stalls + record.bursts + (record.closedByGateway ? 1 : 0)) + cut
                         + toMs(record.silenceInSpeech) + p99;
    if (score > m_worstScore) {
        m_worstScore = score;
        m_sum.worstGapP99 = p99;
        m_sum.worst = std::move(record);
    }
}

void VerdictBuilder::addPhone(const CallRecord &record)
{
    const PhoneRecord &phone = record.phone;
    if (phone.callSid.empty())
        return;
    PhoneVerdict &sum = m_sum.phone;
    ++sum.calls;
    ++sum.statuses[phone.status];
    for (const AttackRecord &attack : phone.attacks)
        note(sum.attacks, attack.fault + ' ' + std::to_string(attack.status), std::to_string(attack.closeCode));
    if (!record.healthy)
        return;
    for (const FetchRecord &fetch : phone.fetches) {
        if (fetch.status != 0)
            m_webhooks.push_back(fetch.ms);
    }
    sum.callbacks += std::int64_t(phone.callbacks.size());
    for (const CallbackRecord &callback : phone.callbacks) {
        if (failed(callback) && sum.failedCallbacks++ == 0)
            sum.firstFailed = callback.kind + ": "
                              + (callback.error.empty() ? std::to_string(callback.status) : callback.error);
    }
    for (const CarrierNotice &notice : phone.notices) {
        if (!notice.callback)
            note(notice.warning ? sum.warnings : sum.errors, std::to_string(notice.code), notice.text);
    }
}

void VerdictBuilder::addJudged(const CallRecord &record)
{
    m_sum.callSeconds += record.seconds;
    m_sum.agentSeconds += toMs(record.agentHeard) / 1000;
    if (record.connected && record.agentHeard == 0 && record.seconds > kSilentAfterSeconds)
        ++m_sum.silent;
    if (record.agentHeard > 0 && !record.linked)
        ++m_sum.unlinked;
    m_sum.frames += record.frames;
    m_sum.wrongSize += record.wrongSize;
    m_sum.marks += record.marks;
    m_sum.clears += record.clears;
    m_sum.bursts += record.bursts;
    m_sum.stalls += record.stalls;
    m_sum.unmeasured += record.unmeasured;
    m_sum.worstGapMs = std::max(m_sum.worstGapMs, toMs(record.worstGap));
    m_sum.repeatedMs += toMs(record.repeated);
    m_sum.missingTruncates += record.missingTruncates;
    m_sum.cutItems += int(record.cutMs.size());
    for (const double ms : record.cutMs)
        m_sum.cutMs += ms;
    if (m_sum.firstCut.empty())
        m_sum.firstCut = record.firstCut;
    for (const std::int32_t us : record.gapErrorUs)
        m_gaps.add(us);
    m_gapSum += record.gapSum;
    m_gapCount += std::int64_t(record.gapErrorUs.size());
    m_silence += record.silenceInSpeech;
    m_after.insert(m_after.end(), record.afterInterruptionMs.begin(), record.afterInterruptionMs.end());
    m_endErrors.insert(m_endErrors.end(), record.endErrorMs.begin(), record.endErrorMs.end());
    m_responses.insert(m_responses.end(), record.responseMs.begin(), record.responseMs.end());
    if (record.greetingMs >= 0)
        m_greetings.push_back(record.greetingMs);
    merge(m_sum.faults, record.faults);
}

Verdict VerdictBuilder::build(const ModelRecord &model, const Limits &limits, const WorkRecord &work) const
{
    Verdict verdict = m_sum;
    verdict.model = model;
    verdict.work = work;
    verdict.gapError = m_gaps.percentiles();
    verdict.framesPerSecond = m_gapSum > 0 ? double(m_gapCount) * double(kSecond) / double(m_gapSum) : 0;
    verdict.silenceMs = m_sum.callSeconds > 0 ? toMs(m_silence) / m_sum.callSeconds : 0;
    verdict.afterInterruption = percentilesOf(m_after);
    std::vector<double> absolute = m_endErrors;
    std::transform(absolute.begin(), absolute.end(), absolute.begin(), [](double ms) { return std::abs(ms); });
    verdict.endError = percentilesOf(std::move(absolute));
    if (!m_endErrors.empty()) {
        const auto [low, high] = std::minmax_element(m_endErrors.begin(), m_endErrors.end());
        verdict.endErrorLow = *low;
        verdict.endErrorHigh = *high;
    }
    verdict.phone.webhookMs = percentilesOf(m_webhooks);
    verdict.greeting = percentilesOf(m_greetings);
    verdict.response = percentilesOf(m_responses);
    if (!limits.enforced)
        return verdict;
    for (const LimitInfo &limit : kLimits) {
        const std::string name = limit.name;
        if (name == "unlinked-calls" && !limits.ownModel)
            continue;
        const auto changed = limits.changed.find(name);
        const double allowed = (changed != limits.changed.end() ? changed->second : limit.value)
                               + (limit.plusLatency ? limits.latencyMs : 0);
        if (const double value = measured(verdict, name); value > allowed)
            verdict.broken.push_back({name, value, allowed, detailOf(verdict, name)});
    }
    return verdict;
}

} // namespace takt::sim
