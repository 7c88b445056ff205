// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/carrier/streamwriter.h"

#include "sim/wire/base64.h"

#include <cstdio>

namespace takt::sim {

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            out += escape;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string StreamWriter::connected()
{
    return R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
}

std::string StreamWriter::start(const std::string &encoding, int sampleRate)
{
    std::string parameters;
    for (const auto &[name, value] : m_identity.parameters)
        parameters += (parameters.empty() ? "" : ",") + quoted(name) + ":" + quoted(value);
    return R"({"event":"start","sequenceNumber":")" + next() + R"(","start":{"accountSid":")" + m_identity.accountSid
           + R"(","streamSid":")" + m_identity.streamSid + R"(","callSid":")" + m_identity.callSid
           + R"(","tracks":["inbound"],"mediaFormat":{"encoding":)" + quoted(encoding) + R"(,"sampleRate":)"
           + std::to_string(sampleRate) + R"(,"channels":1},"customParameters":{)" + parameters + R"(}},"streamSid":")"
           + m_identity.streamSid + "\"}";
}

const std::string &StreamWriter::media(std::int64_t timestampMs, std::span<const std::uint8_t> audio)
{
    m_buffer = R"({"event":"media","sequenceNumber":")";
    m_buffer += std::to_string(++m_sequence);
    m_buffer += R"(","media":{"track":"inbound","chunk":")";
    m_buffer += std::to_string(++m_chunk);
    m_buffer += R"(","timestamp":")";
    m_buffer += std::to_string(timestampMs);
    m_buffer += R"(","payload":")";
    appendBase64(m_buffer, audio);
    m_buffer += R"("},"streamSid":")";
    m_buffer += m_identity.streamSid;
    m_buffer += "\"}";
    return m_buffer;
}

std::string StreamWriter::mediaWith(std::int64_t timestampMs, const std::string &payload, const std::string &extra)
{
    return R"({"event":"media","sequenceNumber":")" + next() + R"(","media":{"track":"inbound","chunk":")"
           + std::to_string(++m_chunk) + R"(","timestamp":")" + std::to_string(timestampMs) + R"(","payload":)"
           + quoted(payload) + extra + R"(},"streamSid":")" + m_identity.streamSid + "\"}";
}

std::string StreamWriter::mark(const std::string &name)
{
    return R"({"event":"mark","sequenceNumber":")" + next() + R"(","streamSid":")" + m_identity.streamSid
           + R"(","mark":{"name":)" + quoted(name) + "}}";
}

std::string StreamWriter::dtmf(char digit)
{
    return R"({"event":"dtmf","streamSid":")" + m_identity.streamSid + R"(","sequenceNumber":")" + next()
           + R"(","dtmf":{"track":"inbound_track","digit":")" + std::string(1, digit) + "\"}}";
}

std::string StreamWriter::stop()
{
    return R"({"event":"stop","sequenceNumber":")" + next() + R"(","stop":{"accountSid":")" + m_identity.accountSid
           + R"(","callSid":")" + m_identity.callSid + R"("},"streamSid":")" + m_identity.streamSid + "\"}";
}

std::string StreamWriter::unknownEvent()
{
    return R"({"event":"weather","sequenceNumber":")" + next()
           + R"(","weather":{"sky":"blue","degrees":21.5},)"
             R"("streamSid":")"
           + m_identity.streamSid + "\"}";
}

} // namespace takt::sim
