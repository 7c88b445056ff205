// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/abuse.h"

#include <algorithm>

namespace takt::bench {

using namespace load;

using sim::kMillisecond;
using sim::kSecond;

namespace {

constexpr std::size_t kHugeHeadBytes = 64 * 1024;
constexpr std::size_t kPieceBytes = 32 * 1024;
constexpr std::size_t kChunkBytes = 4096;
constexpr int kPipelined = 20;

std::string postHead(const std::string &host, const std::string &length)
{
    return "POST /twilio/voice HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
           + length + "\r\n\r\n";
}

std::string upgradeHead(const std::string &host, const std::string &target, sim::Random &random)
{
    return "GET " + target + " HTTP/1.1\r\nHost: " + host
           + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
           + random.name(22) + "==\r\n\r\n";
}

std::string chunk()
{
    return "1000\r\n" + std::string(kChunkBytes, 'a') + "\r\n";
}

std::string noise(std::size_t size, sim::Random &random)
{
    std::string bytes(size, '\0');
    for (char &c : bytes)
        c = char(random.next());
    return bytes;
}

// A ClientHello as it begins on the wire (RFC 8446, 4.1.2), with random innards.
std::string tlsHello(sim::Random &random)
{
    using namespace std::string_literals;
    return "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + noise(506, random);
}

std::string pipelined(const std::string &host, sim::Random &random)
{
    std::string text;
    for (int i = 0; i < kPipelined; ++i)
        text += "GET /" + random.name(8) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n" + noise(64, random);
    return text;
}

} // namespace

Words abuse(AttackKind kind, const Door &door, sim::Random &random)
{
    const std::string host = "127.0.0.1:" + std::to_string(door.port);
    const std::string target = "/" + random.name(12);
    switch (kind) {
    case AttackKind::Idle: return {};
    case AttackKind::SlowHead: return {"POST /twilio/voice HTTP/1.1\r\nHost: " + host + "\r\nX-Slow: ", "a", kSecond};
    case AttackKind::SlowBody: return {postHead(host, "Content-Length: 1000"), "a", kSecond};
    case AttackKind::HugeBody:
        return {postHead(host, "Content-Length: 10485760"), std::string(kPieceBytes, 'a'), 10 * kMillisecond};
    case AttackKind::EndlessChunks: return {postHead(host, "Transfer-Encoding: chunked"), chunk(), 20 * kMillisecond};
    case AttackKind::EndlessChunkLine:
        return {postHead(host, "Transfer-Encoding: chunked") + "5;", std::string(kChunkBytes, 'a'), 20 * kMillisecond};
    case AttackKind::HugeHead:
        return {
            "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nX-Huge: " + std::string(kHugeHeadBytes, 'a'), {}, 0};
    case AttackKind::Garbage: return {"\x01" + noise(600, random) + "\r\n\r\n", noise(600, random), 100 * kMillisecond};
    case AttackKind::TlsHello: return {tlsHello(random), {}, 0};
    case AttackKind::Pipelined: return {pipelined(host, random), {}, 0};
    case AttackKind::UpgradeElsewhere: return {upgradeHead(host, target, random), {}, 0};
    case AttackKind::UpgradeWrongToken:
        return {upgradeHead(host, "/media/CA" + random.hex(32) + "." + random.name(32), random), {}, 0};
    case AttackKind::PlainMedia: return {"GET /media HTTP/1.1\r\nHost: " + host + "\r\n\r\n", {}, 0};
    case AttackKind::UnsignedWebhook:
        return {
            unsignedVoiceRequest(door, "CA" + random.hex(32), random.chance(0.5) ? random.name(27) + "=" : ""), {}, 0};
    }
    return {};
}

bool isRight(AttackKind kind, const Door &door, int status)
{
    // With --insecure nobody has to sign.
    if (kind == AttackKind::UnsignedWebhook && door.isOpen())
        return status == 200;
    const auto &right = kAttackKinds[std::size_t(kind)].right;
    return status != 0 && std::find(right.begin(), right.end(), status) != right.end();
}

} // namespace takt::bench
