// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/world.h"

#include "load/door.h"
#include "load/exchange.h"
#include "load/wiretext.h"
#include "sim/wire/clock.h"

#include <unistd.h>

namespace takt::load {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr sim::Nanos kPatience = 30 * sim::kSecond; // its voices may have to be made first
constexpr useconds_t kLookEveryUs = 20'000;
constexpr auto kSecret = "whsec_dGFrdC1iZW5jaCB0YWt0LWJlbmNoIHRha3Q=";

QString local(int port, const QString &path = {})
{
    return u"http://127.0.0.1:%1%2"_s.arg(port).arg(path);
}

} // namespace

QString World::start(const QString &sim, const QString &logFile)
{
    m_restPort = freePort();
    m_aiPort = freePort();
    m_crmPort = freePort();
    const std::vector<std::string> command{sim.toStdString(), "--world-only",
                                           "--model-port",    "0",
                                           "--rest-port",     std::to_string(m_restPort),
                                           "--ai-port",       std::to_string(m_aiPort),
                                           "--crm-port",      std::to_string(m_crmPort),
                                           "--crm-secret",    kSecret,
                                           "--auth-token",    kAuthToken,
                                           "--account-sid",   kAccount,
                                           "--seed",          "1"};
    if (QString error = m_child.start(command, {}, logFile.toStdString(), Child::Priority::Idle); !error.isEmpty())
        return error;
    const sim::Nanos deadline = sim::monotonicNs() + kPatience;
    while (!accepts(m_restPort)) {
        if (!m_child.running() || sim::monotonicNs() > deadline)
            return u"%1 does not listen"_s.arg(sim);
        usleep(kLookEveryUs);
    }
    return {};
}

std::string World::addRecording(const std::string &callSid, double seconds) const
{
    const QString request =
        u"POST /sim/recordings?call=%1&seconds=%2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n"_s.arg(QString::fromStdString(callSid))
            .arg(seconds);
    const std::string answer = ask(m_restPort, request.toStdString());
    return std::string(textOf(answer, "\"sid\""));
}

Child::Environment World::environment() const
{
    return {{"TAKT_TWILIO_BASE_URL", local(m_restPort).toStdString()},
            {"TWILIO_ACCOUNT_SID", kAccount},
            {"TAKT_OPENAI_BASE_URL", local(m_aiPort, u"/v1"_s).toStdString()},
            {"TAKT_WEBHOOK_URL", local(m_crmPort, u"/hooks/takt"_s).toStdString()},
            {"TAKT_WEBHOOK_SECRET", kSecret},
            {"TAKT_WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8"}};
}

double World::cpuSeconds() const
{
    return m_child.usage().value_or(Child::Usage()).cpuSeconds;
}

} // namespace takt::load
