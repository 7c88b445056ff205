// SPDX-License-Identifier: GPL-3.0-or-later
// A job that asks a scripted HTTP server. For tests; in the thread of the test.
#pragma once

#include "jobs/http.h"
#include "support/scriptedhttp.h"

#include <QFile>
#include <QTemporaryDir>

namespace takt::test {

using namespace Qt::Literals::StringLiterals;
using jobs::CallGate;
using jobs::exchange;
using jobs::GatePass;
using jobs::HttpAnswer;
using jobs::HttpRequest;
using Length = HttpSay::Length;

struct HttpRig {
    explicit HttpRig(const HttpSay &say)
        : HttpRig([say](const HttpSeen &) { return say; })
    {
    }
    explicit HttpRig(ScriptedHttp::Handler handler, const QSslConfiguration &tls = {})
        : server(std::move(handler), tls)
    {
        pass = gate.enter(u"CA1"_s, reason);
        request.url = server.url(u"/secret-path?key=secret-key"_s);
        request.idleMs = 5'000;
    }
    HttpAnswer get() { return exchange(*pass, request); }
    HttpAnswer post(const QByteArray &body)
    {
        request.method = "POST";
        request.body = body;
        return exchange(*pass, request);
    }
    QString file(const QString &name) const { return folder.filePath(name); }

    QString reason;
    CallGate gate{config::JobsSettings{}};
    std::shared_ptr<GatePass> pass;
    ScriptedHttp server;
    HttpRequest request;
    QTemporaryDir folder;
};

inline HttpSay say(int status, const QByteArray &body = "hello", const QByteArray &headers = {})
{
    HttpSay s;
    s.status = status;
    s.body = body;
    s.headers = headers;
    return s;
}
inline HttpSay moved(int status, const QByteArray &to)
{
    return say(status, "elsewhere", "Location: " + to + "\r\n");
}

inline QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no file");
}

} // namespace takt::test
