// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/wire/frame.h"

#include <cstring>

namespace takt::sim {

void applyMask(char *bytes, std::size_t size, const MaskKey &key)
{
    std::array<std::uint8_t, 8> wide{};
    for (std::size_t i = 0; i < wide.size(); ++i)
        wide[i] = key[i % 4];
    std::uint64_t mask = 0;
    std::memcpy(&mask, wide.data(), sizeof mask);
    std::size_t i = 0;
    for (; i + sizeof mask <= size; i += sizeof mask) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + i, sizeof word);
        word ^= mask;
        std::memcpy(bytes + i, &word, sizeof word);
    }
    for (; i < size; ++i)
        bytes[i] = static_cast<char>(static_cast<std::uint8_t>(bytes[i]) ^ key[i % 4]);
}

void appendFrame(std::string &out, Opcode opcode, std::string_view payload, const std::optional<MaskKey> &mask,
                 bool final)
{
    out.push_back(static_cast<char>((final ? 0x80 : 0) | int(opcode)));
    const int maskBit = mask ? 0x80 : 0;
    const std::uint64_t n = payload.size();
    const int lengthBytes = n < 126 ? 0 : n < 65536 ? 2 : 8;
    out.push_back(static_cast<char>(maskBit | (lengthBytes == 0 ? int(n) : lengthBytes == 2 ? 126 : 127)));
    for (int i = lengthBytes - 1; i >= 0; --i)
        out.push_back(static_cast<char>(n >> (8 * i)));
    if (mask)
        out.append(reinterpret_cast<const char *>(mask->data()), mask->size());
    const std::size_t start = out.size();
    out.append(payload);
    if (mask)
        applyMask(out.data() + start, payload.size(), *mask);
}

void FrameReader::feed(std::string_view bytes)
{
    if (m_at == m_in.size()) {
        m_in.clear();
        m_at = 0;
    } else if (m_at > 65536) {
        m_in.erase(0, m_at);
        m_at = 0;
    }
    m_in.append(bytes);
}

bool FrameReader::acceptable(const Head &head, std::uint8_t reserved)
{
    const bool control = int(head.opcode) >= int(Opcode::Close);
    if (reserved != 0)
        return fail("reserved bits set without an extension");
    if (head.opcode > Opcode::Pong || (head.opcode > Opcode::Binary && head.opcode < Opcode::Close))
        return fail("reserved opcode");
    if (head.masked != m_peerMasks)
        return fail(m_peerMasks ? "a client must mask its frames" : "a server must not mask its frames");
    if (control && (!head.final || head.length > 125))
        return fail("a control frame is fragmented or too long");
    if (!control && (head.opcode == Opcode::Continuation) != m_joining)
        return fail(m_joining ? "a message begins inside another" : "a continuation of nothing");
    if (head.length + m_joined.size() > kMaxMessage)
        return fail("message too long");
    return true;
}

// True when a whole and lawful frame lies at m_at.
bool FrameReader::readHead(Head &head)
{
    const std::size_t left = m_in.size() - m_at;
    if (left < 2)
        return false;
    const auto *p = reinterpret_cast<const std::uint8_t *>(m_in.data()) + m_at;
    head.opcode = static_cast<Opcode>(p[0] & 0x0F);
    head.final = (p[0] & 0x80) != 0;
    head.masked = (p[1] & 0x80) != 0;
    const unsigned shortLength = p[1] & 0x7FU;
    const std::size_t extra = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
    head.size = 2 + extra + (head.masked ? 4 : 0);
    if (left < head.size)
        return false;
    head.length = extra == 0 ? shortLength : 0;
    for (std::size_t i = 0; i < extra; ++i)
        head.length = (head.length << 8) | p[2 + i];
    if ((extra == 2 && head.length < 126) || (extra == 8 && head.length < 65536))
        return fail("a length is not in its shortest form");
    if (head.masked)
        std::memcpy(head.key.data(), p + 2 + extra, 4);
    return acceptable(head, p[0] & 0x70) && left - head.size >= head.length;
}

std::optional<FrameReader::Message> FrameReader::take(const Head &head, std::string_view payload)
{
    if (int(head.opcode) >= int(Opcode::Close))
        return Message{head.opcode, payload};
    if (head.final && !m_joining)
        return Message{head.opcode, payload};
    if (head.opcode != Opcode::Continuation) {
        m_joinedOpcode = head.opcode;
        m_joined.clear();
    }
    m_joined.append(payload);
    m_joining = !head.final;
    if (m_joining)
        return std::nullopt;
    return Message{m_joinedOpcode, m_joined};
}

std::optional<FrameReader::Message> FrameReader::next()
{
    if (!m_joining)
        m_joined.clear(); // the message handed out last is done with
    Head head;
    while (m_error.empty() && readHead(head)) {
        char *payload = m_in.data() + m_at + head.size;
        const auto size = std::size_t(head.length);
        if (head.masked)
            applyMask(payload, size, head.key);
        m_at += head.size + size;
        if (auto message = take(head, {payload, size}))
            return message;
    }
    return std::nullopt;
}

} // namespace takt::sim
