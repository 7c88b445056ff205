// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of the REST API's answers. Pure.
#pragma once

#include "sim/carrier/streamwriter.h"
#include "sim/wire/httpserver.h"

namespace takt::sim {

[[nodiscard]] inline HttpReply jsonReply(int status, std::string body)
{
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"Content-Type", "application/json"}};
    reply.body = std::move(body);
    return reply;
}

[[nodiscard]] inline HttpReply errorReply(int status, int code, const std::string &message)
{
    return jsonReply(status, R"({"code":)" + std::to_string(code) + R"(,"message":)" + quoted(message)
                                 + R"(,"more_info":"https://www.twilio.com/docs/errors/)" + std::to_string(code)
                                 + R"(","status":)" + std::to_string(status) + "}");
}

[[nodiscard]] inline HttpReply unknownReply(const std::string &path)
{
    return errorReply(404, 20404, "The requested resource " + path + " was not found");
}

} // namespace takt::sim
