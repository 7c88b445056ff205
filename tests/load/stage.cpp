// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/stage.h"

#include "load/passes.h"
#include "load/shape.h"

#include <QFile>

namespace takt::load {

using namespace Qt::Literals::StringLiterals;
using sim::Nanos;
using sim::kSecond;

namespace {

constexpr Nanos kStartPatience = 15 * kSecond; // to listen, and for all calls to be open
constexpr Nanos kClosePatience = 5 * kSecond;
constexpr Nanos kRest = kSecond; // between the program's start and the first call

} // namespace

Stage::Stage(const StageOptions &options, const std::atomic<bool> &interrupted)
    : m_options(options)
    , m_interrupted(interrupted)
    , m_board(options.calls)
{
}

QString Stage::prepare(int modelPort)
{
    if (!m_dir.isValid())
        return u"no temporary directory"_s;
    sim::TlsContextPtr modelTls;
    if (m_options.tls) {
        m_certificate = sim::makeTestCertificate(m_dir.path().toStdString());
        std::string error;
        modelTls = sim::TlsContext::server(m_certificate.certificateFile, m_certificate.keyFile, error);
        m_door.tls = sim::TlsContext::client(m_certificate.certificateFile, true, error);
        if (!modelTls || !m_door.tls)
            return u"no certificate: %1"_s.arg(QString::fromStdString(error));
    }
    m_model = std::make_unique<Model>(m_board, m_options.barge, modelTls);
    m_modelPort = m_model->start(modelPort);
    m_door.port = freePort();
    return m_modelPort == 0 || m_door.port == 0 ? u"no free port"_s : QString();
}

QString Stage::launch(const std::vector<std::string> &command, const Child::Environment &environment)
{
    if (QString error = m_child.start(command, environment, folder(u"output"_s).toStdString(), Child::Priority::Normal,
                                      m_options.cores);
        !error.isEmpty())
        return error;
    m_launched = true;
    if (!waitFor(kStartPatience, [&] { return accepts(m_door.port); }))
        return u"%1 does not listen"_s.arg(QString::fromStdString(command.front()));
    const Nanos rested = sim::monotonicNs() + kRest;
    if (!waitFor(2 * kRest, [&] { return sim::monotonicNs() > rested; }))
        return u"%1 ended at once"_s.arg(QString::fromStdString(command.front()));
    return {};
}

Child::Environment Stage::gatewayEnvironment() const
{
    const std::string address = "127.0.0.1:" + std::to_string(m_door.port);
    const std::string secure = m_options.tls ? "s" : "";
    return {{"TAKT_LISTEN", address},
            {"TAKT_PUBLIC_URL", "http" + secure + "://" + address},
            {"TAKT_ADMIN_LISTEN", "127.0.0.1:0"}, // any free port
            {"TAKT_SPEECH_URL", "ws" + secure + "://127.0.0.1:" + std::to_string(m_modelPort) + "/v1/realtime"},
            {"TAKT_DATA_DIR", m_dir.path().toStdString()},
            {"TAKT_DATABASE_URL", databaseUrl().toStdString()},
            {"TAKT_CONTROL_SOCKET", folder(u"takt.sock"_s).toStdString()},
            {"OPENAI_API_KEY", "sk-bench"},
            {"TWILIO_AUTH_TOKEN", m_door.authToken},
            {"TAKT_TLS_CERTIFICATE", m_certificate.certificateFile},
            {"TAKT_TLS_KEY", m_certificate.keyFile},
            {"TAKT_TLS_TRUST", m_certificate.certificateFile}};
}

QString Stage::passBy(int calls, int first)
{
    Board board(calls);
    Carrier carrier(board, m_door, {}, Carrier::Options{false, false, first});
    carrier.start();
    const Nanos talked = sim::monotonicNs() + Nanos(kRampSeconds * double(kSecond)) + kRest;
    const bool open = waitFor(kStartPatience, [&] { return board.callsOpen >= calls && sim::monotonicNs() >= talked; });
    carrier.hangUp();
    const bool closed = waitFor(kClosePatience, [&] { return carrier.allClosed(); });
    carrier.stop();
    return open && closed ? QString() : u"only %1 of %2 calls came before the others"_s.arg(board.callsOpen).arg(calls);
}

QString Stage::openCalls()
{
    std::vector<Pass> passes;
    if (!m_door.isOpen()) {
        auto fetched = fetchPasses(m_door, m_options.calls);
        if (!fetched)
            return u"a call's webhook was not answered with a stream"_s;
        passes = std::move(*fetched);
    }
    m_carrier = std::make_unique<Carrier>(m_board, m_door, std::move(passes),
                                          Carrier::Options{m_options.aligned, m_options.traces, 1});
    const auto planned = sim::monotonicNs() + Nanos((kRampSeconds + kSettleSeconds) * double(kSecond));
    m_carrier->start();
    const bool open = waitFor(kStartPatience, [&] {
        return m_board.callsOpen + m_board.callsFailed >= m_options.calls && m_board.sessionsReady >= m_board.callsOpen
               && sim::monotonicNs() >= planned;
    });
    if (!open || m_board.callsOpen == 0)
        return u"only %1 of %2 calls and %3 sessions could be opened"_s.arg(m_board.callsOpen)
            .arg(m_options.calls)
            .arg(m_board.sessionsReady);
    return {};
}

void Stage::finish()
{
    if (std::exchange(m_finished, true) || !m_model)
        return;
    m_model->expectEnd();
    if (m_carrier) {
        m_carrier->hangUp();
        (void)waitFor(kClosePatience, [&] { return m_carrier->allClosed(); });
        m_carrier->stop();
    }
    m_cleanEnd = m_child.stop();
    m_model->stop();
}

QString Stage::lastWords() const
{
    constexpr qsizetype kEnough = 1500;
    QFile file(folder(u"output"_s));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray text = file.readAll().last(std::min<qsizetype>(kEnough, file.size())).trimmed();
    return text.isEmpty() ? QString() : u"; it printed:\n"_s + QString::fromUtf8(text);
}

} // namespace takt::load
