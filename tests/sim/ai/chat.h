// SPDX-License-Identifier: GPL-3.0-or-later
// POST .../chat/completions: the checks of each flavour, and an answer that keeps to the schema in the request, or
// breaks it on purpose. Office thread.
#pragma once

#include "sim/ai/options.h"
#include "sim/verdict/workrecord.h"
#include "sim/wire/httpserver.h"

#include <QJsonObject>

namespace takt::sim {

class Chat
{
public:
    Chat(const AiOptions &options, FaultBoard &faults)
        : m_options(options)
        , m_faults(faults)
    {
    }
    [[nodiscard]] HttpReply answer(const HttpRequest &http, AiRequest &seen);

private:
    struct Format {
        QJsonObject schema; // empty: none
        bool json = false;
        std::optional<HttpReply> refusal{};
    };
    struct Message {
        QString content;
        bool refused = false;
        bool cut = false;
    };

    [[nodiscard]] std::optional<HttpReply> refusal(const QJsonObject &request, const AiRequest &seen) const;
    [[nodiscard]] Format formatOf(const QJsonObject &request, const QString &words) const;
    [[nodiscard]] Message compose(const Format &format, const QString &userText, int maxTokens, AiRequest &seen);
    [[nodiscard]] bool openAi() const { return m_options.flavour == AiFlavour::OpenAi; }
    [[nodiscard]] bool happens(const char *fault, AiRequest &seen);

    const AiOptions &m_options;
    FaultBoard &m_faults;
    std::int64_t m_count = 0;
};

} // namespace takt::sim
