// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/model/model.h"

#include <simdjson.h>

#include <arpa/inet.h>
#include <cstring>

namespace takt::sim {
namespace {

WebSocket::Answer refusal(int status, const std::string &code, const std::string &message)
{
    WebSocket::Answer answer;
    answer.status = status;
    answer.headers = "content-type: application/json\r\n";
    if (status == 429)
        answer.headers += "retry-after: 1\r\n";
    answer.body = R"({"error":{"message":")" + message + R"(","type":"invalid_request_error","param":null,"code":")"
                  + code + "\"}}";
    return answer;
}

} // namespace

Model::Model(ModelOptions options, const Voices &voices, Ledger &ledger)
    : m_options(std::move(options))
    , m_voices(voices)
    , m_ledger(ledger)
    , m_random(m_options.seed ^ 0x6D6F64656CULL)
    , m_parser(std::make_unique<simdjson::dom::parser>())
{
}

Model::~Model()
{
    if (!m_thread.joinable())
        return;
    m_reactor.quit();
    m_thread.join();
}

Result<quint16> Model::start()
{
    sockaddr_in address = m_options.listen;
    const int fd = TcpStream::listenOn(address);
    if (fd < 0)
        return Error{QStringLiteral("the model cannot listen on port %1: %2")
                         .arg(ntohs(address.sin_port))
                         .arg(QString::fromLocal8Bit(std::strerror(errno)))};
    m_acceptor = std::make_unique<Acceptor>(m_reactor, fd, [this](int accepted) { accept(accepted); });
    m_thread = std::thread([this] {
        m_reactor.run();
        m_sessions.clear(); // their sockets belong to this thread
    });
    return ntohs(address.sin_port);
}

ModelRecord Model::record() const
{
    const std::lock_guard lock(m_mutex);
    return m_record;
}

void Model::accept(int fd)
{
    ++m_live;
    Session &session = m_sessions.emplace_back(
        Session::World{m_reactor, m_options, m_voices, m_ledger, *m_parser,
                       [this](const HttpHead &request) { return admit(request); },
                       [this](const std::function<void(ModelRecord &)> &change) {
                           const std::lock_guard lock(m_mutex);
                           change(m_record);
                       },
                       [this](Session &over) {
                           --m_live;
                           m_reactor.later([this, gone = &over] {
                               m_sessions.remove_if([gone](const Session &candidate) { return &candidate == gone; });
                           });
                       }},
        m_random.next());
    session.adopt(fd);
}

WebSocket::Answer Model::admit(const HttpHead &request)
{
    const ModelFaults &faults = m_options.faults;
    const std::string bearer = request.header("authorization");
    const bool hasKey = bearer.starts_with("Bearer ") && bearer.size() > 7;
    const bool rightKey = hasKey && (m_options.key.isEmpty() || bearer.substr(7) == m_options.key.toStdString());
    ++m_attempts;
    WebSocket::Answer answer;
    if (faults.refuseStatus != 0 && (faults.refuseFirst == 0 || m_attempts <= faults.refuseFirst))
        answer = refusal(faults.refuseStatus, faults.refuseStatus == 429 ? "rate_limit_exceeded" : "server_error",
                         "Simulated refusal.");
    else if (!m_options.noAuth && !rightKey)
        answer = refusal(401, "invalid_api_key",
                         hasKey ? "Incorrect API key provided." : "Missing bearer authentication in header");
    else if (request.path() != "/v1/realtime")
        answer = refusal(404, "unknown_url", "Unknown request URL.");
    else if (request.query("model").has_value() == request.query("call_id").has_value())
        answer = refusal(400, "missing_model", "You must provide a model parameter.");
    answer.delay = fromMs(faults.upgradeDelayMs);
    if (answer.status != 101) {
        const std::lock_guard lock(m_mutex);
        ++m_record.refused;
        // What was refused on purpose is not the gateway's mistake.
        if (faults.refuseStatus == 0)
            note(m_record.errors, "http_" + std::to_string(answer.status), answer.body);
    }
    return answer;
}

} // namespace takt::sim
