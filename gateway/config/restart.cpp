// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/restart.h"

namespace takt::config {

using namespace Qt::Literals::StringLiterals;

QStringList keepWhatNeedsRestart(Settings &fresh, const Settings &running)
{
    QStringList keys;
    const auto keep = [&](const QString &key, auto &value, const auto &is) {
        if (value == is)
            return;
        keys << key;
        value = is;
    };
    keep(u"listen"_s, fresh.listen, running.listen);
    keep(u"admin_listen"_s, fresh.adminListen, running.adminListen);
    keep(u"data_dir"_s, fresh.dataDir, running.dataDir);
    keep(u"database.url"_s, fresh.databaseUrl, running.databaseUrl);
    keep(u"control_socket"_s, fresh.controlSocket, running.controlSocket);
    keep(u"tx"_s, fresh.tx, running.tx);
    keep(u"flight"_s, fresh.flight, running.flight);
    keep(u"jobs.gate"_s, fresh.jobs.gate, running.jobs.gate);
    keep(u"jobs.freeze_late_ms"_s, fresh.jobs.freezeLateMs, running.jobs.freezeLateMs);
    keep(u"jobs.freeze_burst_calls"_s, fresh.jobs.freezeBurstCalls, running.jobs.freezeBurstCalls);
    keep(u"tls.trust"_s, fresh.tls.trustFile, running.tls.trustFile);
    keep(u"log.format"_s, fresh.logAsJson, running.logAsJson);
    keep(u"twilio.base_url"_s, fresh.twilio.baseUrl, running.twilio.baseUrl);
    const bool sameAccount = fresh.twilio.accountSid == running.twilio.accountSid;
    keep(u"TWILIO_ACCOUNT_SID"_s, fresh.twilio.accountSid, running.twilio.accountSid);
    // Tokens are rotated while calls are live; those of another account open nothing here. With the first one REST begins.
    const bool first = fresh.twilio.authTokens.isEmpty() != running.twilio.authTokens.isEmpty();
    if (!sameAccount || first)
        keep(u"TWILIO_AUTH_TOKEN"_s, fresh.twilio.authTokens, running.twilio.authTokens);
    return keys;
}

} // namespace takt::config
