// SPDX-License-Identifier: GPL-3.0-or-later
// /sim/... of the REST API: what other processes may ask of the simulator itself. No key: it listens on loopback only.
#include "sim/phone/restapi.h"
#include "sim/phone/restreply.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <cstdlib>

namespace takt::sim {
namespace {

constexpr double kMaxSeconds = 24 * 3600;

std::string textOf(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

} // namespace

void RestApi::addControl()
{
    m_server.route("POST", "/sim/recordings", [this](const HttpRequest &http, const HttpServer::Answer &answer) {
        const std::size_t query = http.head.target.find('?');
        Params form = fromForm(http.body);
        if (query != std::string::npos) {
            const Params more = fromForm(std::string_view(http.head.target).substr(query + 1));
            form.insert(form.end(), more.begin(), more.end());
        }
        answer(addRecording(form));
    });
    m_server.route("POST", "/sim/faults", [this](const HttpRequest &http, const HttpServer::Answer &answer) {
        answer(setFaults(fromForm(http.body)));
    });
    m_server.route("GET", "/sim/log",
                   [this](const HttpRequest &, const HttpServer::Answer &answer) { answer(fullLog()); });
}

HttpReply RestApi::addRecording(const Params &form)
{
    const double seconds = std::atof(valueOf(form, "seconds").c_str());
    const std::string channels = has(form, "channels") ? valueOf(form, "channels") : "2";
    if (valueOf(form, "call").empty() || seconds <= 0 || seconds > kMaxSeconds || (channels != "1" && channels != "2"))
        return errorReply(400, 20001, "call=CA..., seconds=1..86400, channels=1|2, and perhaps callback=URL");
    const StoredPtr made = m_world.store.addSynthetic(valueOf(form, "call"), seconds, channels == "2" ? 2 : 1,
                                                      m_world.voices);
    if (has(form, "callback")) {
        m_world.exchange.tell(valueOf(form, "callback"), {{"AccountSid", m_world.exchange.accountSid()},
                                                          {"CallSid", made->callSid},
                                                          {"RecordingSid", made->sid},
                                                          {"RecordingUrl", m_world.store.urlOf(*made)},
                                                          {"RecordingStatus", "completed"},
                                                          {"RecordingDuration", std::to_string(made->seconds)},
                                                          {"RecordingChannels", channels},
                                                          {"RecordingStartTime", rfc2822(made->started)},
                                                          {"RecordingSource", made->source},
                                                          {"RecordingTrack", made->track},
                                                          {"ErrorCode", "0"}});
    }
    return jsonReply(201, m_world.store.resource(*made));
}

HttpReply RestApi::setFaults(const Params &form)
{
    for (const auto &[name, value] : form) {
        if (!FaultBoard::isKnown(name))
            return errorReply(400, 20001, "unknown fault: " + name);
    }
    QJsonObject now;
    for (const auto &[name, value] : form)
        m_world.faults.set(name, value == "all" ? FaultBoard::kAll : std::atof(value.c_str()));
    for (const auto &[name, value] : m_world.faults.values())
        now[QString::fromStdString(name)] = value;
    return jsonReply(200, textOf(now));
}

HttpReply RestApi::fullLog() const
{
    QJsonObject log = m_world.log.json();
    QJsonArray recordings;
    for (const StoredPtr &recording : m_world.store.ofCall({}))
        recordings.append(
            QJsonDocument::fromJson(QByteArray::fromStdString(m_world.store.resource(*recording))).object());
    log[QStringLiteral("recordings")] = recordings;
    return jsonReply(200, textOf(log));
}

} // namespace takt::sim
