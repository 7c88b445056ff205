// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/ssrf.h"

#include <QHostInfo>

#include <algorithm>
#include <array>

namespace takt::jobs {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Range {
    const char *network;
    int prefix;
    const char *kind;
};

// IANA's special-purpose registries (RFC 6890 and what came after), where a packet from the internet has no business.
constexpr std::array kRanges4{
    Range{"0.0.0.0", 8, "this network"},
    Range{"10.0.0.0", 8, "private"},
    Range{"100.64.0.0", 10, "a provider's own (CGNAT)"},
    Range{"127.0.0.0", 8, "loopback"},
    Range{"169.254.0.0", 16, "link-local"}, // and the clouds' metadata services
    Range{"172.16.0.0", 12, "private"},
    Range{"192.0.0.0", 24, "reserved"},
    Range{"192.0.2.0", 24, "documentation"},
    Range{"192.88.99.0", 24, "a 6to4 relay"},
    Range{"192.168.0.0", 16, "private"},
    Range{"198.18.0.0", 15, "a test network"},
    Range{"198.51.100.0", 24, "documentation"},
    Range{"203.0.113.0", 24, "documentation"},
    Range{"224.0.0.0", 4, "multicast"},
    Range{"255.255.255.255", 32, "broadcast"},
    Range{"240.0.0.0", 4, "reserved"},
};
// The first that fits names it; outside of 2000::/3 nothing is public at all.
constexpr std::array kRanges6{
    Range{"::", 128, "unspecified"},
    Range{"::1", 128, "loopback"},
    Range{"::ffff:0:0", 96, "IPv4-mapped"},
    Range{"::", 96, "IPv4-compatible"},
    Range{"64:ff9b:1::", 48, "a local NAT64"},
    Range{"100::", 64, "discarded"},
    Range{"2001::", 32, "Teredo"},
    Range{"2001::", 23, "reserved"},
    Range{"2001:db8::", 32, "documentation"},
    Range{"2002::", 16, "6to4"},
    Range{"3fff::", 20, "documentation"},
    Range{"fc00::", 7, "private"},
    Range{"fe80::", 10, "link-local"},
    Range{"fec0::", 10, "private"},
    Range{"ff00::", 8, "multicast"},
};

template <std::size_t N>
QString kindAmong(const std::array<Range, N> &ranges, const QHostAddress &address)
{
    for (const Range &range : ranges) {
        if (address.isInSubnet(QHostAddress(QString::fromLatin1(range.network)), range.prefix))
            return QString::fromLatin1(range.kind);
    }
    return {};
}

// The IPv4 address in the last 32 bits.
QHostAddress embedded(const QHostAddress &address)
{
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    quint32 low = 0;
    for (int i = 12; i < 16; ++i)
        low = low << 8 | bytes[i];
    return QHostAddress(low);
}

bool isAllowed(const QHostAddress &address, const Networks &allowed)
{
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const auto &network) { return address.isInSubnet(network.first, network.second); });
}

} // namespace

QString unroutable(const QHostAddress &address)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol)
        return kindAmong(kRanges4, address);
    if (address.protocol() != QAbstractSocket::IPv6Protocol)
        return u"no address"_s;
    if (!address.scopeId().isEmpty())
        return u"bound to one of our own interfaces"_s;
    // A network without IPv4 reaches the whole IPv4 world through this prefix: what counts is who is behind it.
    if (address.isInSubnet(QHostAddress(u"64:ff9b::"_s), 96))
        return kindAmong(kRanges4, embedded(address));
    const QString kind = kindAmong(kRanges6, address);
    if (!kind.isEmpty())
        return kind;
    return address.isInSubnet(QHostAddress(u"2000::"_s), 3) ? QString() : u"reserved"_s;
}

Result<QHostAddress> vet(const QUrl &url, const QList<QHostAddress> &resolved, const Networks &allowed)
{
    const bool plain = url.scheme() == "http"_L1;
    if (!url.isValid() || url.host().isEmpty() || url.port(1) == 0 || (!plain && url.scheme() != "https"_L1))
        return Error{u"the receiver must be an https:// URL"_s};
    if (!url.userInfo().isEmpty())
        return Error{u"the receiver's URL must not hold a user or password"_s};
    if (resolved.isEmpty())
        return Error{u"the receiver's name has no address"_s};
    for (const QHostAddress &address : resolved) {
        if (address.scopeId().isEmpty() && isAllowed(address, allowed))
            continue;
        const QString kind = unroutable(address);
        if (!kind.isEmpty())
            return Error{u"the receiver's address %1 is %2, and in no network of webhook.allow_networks"_s.arg(
                address.toString(), kind)};
        if (plain)
            return Error{
                u"plain http is only for receivers in webhook.allow_networks, not for %1"_s.arg(address.toString())};
    }
    return resolved.constFirst();
}

Result<QList<QHostAddress>> resolveHost(const QString &host)
{
    const QHostInfo info = QHostInfo::fromName(host);
    if (info.error() != QHostInfo::NoError || info.addresses().isEmpty())
        return Error{u"the receiver's name could not be resolved: %1"_s.arg(info.errorString())};
    return info.addresses();
}

} // namespace takt::jobs
