// SPDX-License-Identifier: GPL-3.0-or-later
// TLS out of PEM files: for the public port, and whom connections of ours trust. Main thread.
#pragma once

#include "shared/result.h"

#include <QSslConfiguration>

namespace takt::http {

// The certificate file holds ours first, then the intermediate ones. The key: RSA or elliptic curve, without a password.
// An error says which file, and what is wrong with it; a key that is not the certificate's is one.
[[nodiscard]] Result<QSslConfiguration> loadTls(const QString &certificateFile, const QString &keyFile);
// What a PEM file holds: at least one.
[[nodiscard]] Result<QList<QSslCertificate>> loadTrusted(const QString &certificateFile);
// Every connection that is opened from now on, in any thread, trusts these certificates beside the system's.
void trustAlso(const QList<QSslCertificate> &certificates);

} // namespace takt::http
