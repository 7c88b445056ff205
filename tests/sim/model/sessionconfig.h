// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of a model session: the service's defaults, what an update may say (checked strictly, as a whole),
// and how it is merged. Pure; model thread.
#pragma once

#include "sim/model/vad.h"

#include <QJsonObject>
#include <QString>

#include <optional>

namespace takt::sim {

struct ApiError {
    QString code;
    QString message;
    QString param;
    QString type = QStringLiteral("invalid_request_error");
};

class SessionConfig
{
public:
    SessionConfig(const QString &sessionId, const QString &model, qint64 expiresAt);

    // Applies `session` of a session.update, or says why nothing of it is applied.
    [[nodiscard]] std::optional<ApiError> update(const QJsonObject &session, bool voiceLocked);
    [[nodiscard]] const QJsonObject &effective() const { return m_session; }

    [[nodiscard]] QString inputFormat() const;
    [[nodiscard]] QString outputFormat() const;
    [[nodiscard]] bool hasVad() const;
    [[nodiscard]] bool createsResponse() const;
    [[nodiscard]] bool interruptsResponse() const;
    [[nodiscard]] bool transcribes() const;
    [[nodiscard]] bool speaks() const; // output_modalities
    [[nodiscard]] VadSettings vad() const;

private:
    [[nodiscard]] QJsonObject turnDetection() const;

    QJsonObject m_session;
};

// Whether `response` of a response.create is lawful.
[[nodiscard]] std::optional<ApiError> checkResponseParameters(const QJsonObject &response);

} // namespace takt::sim
