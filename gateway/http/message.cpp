// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>

namespace takt::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

QByteArray bytesOf(beast::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

int statusOf(const beast::error_code &error)
{
    if (error == bhttp::error::header_limit)
        return 431;
    return error == bhttp::error::body_limit ? 413 : 400;
}

template <typename Message>
Request toRequest(const Message &message)
{
    Request request;
    request.method = bytesOf(message.method_string());
    request.target = bytesOf(message.target());
    for (const auto &field : message)
        request.headers.append({bytesOf(field.name_string()).toLower(), bytesOf(field.value())});
    return request;
}

QByteArray reason(int status)
{
    return bytesOf(bhttp::obsolete_reason(bhttp::int_to_status(unsigned(status))));
}

} // namespace

QByteArray Request::header(QByteArrayView lowerName) const
{
    for (const auto &[name, value] : headers) {
        if (name == lowerName)
            return value;
    }
    return {};
}

bool Request::isUpgrade() const
{
    return header("upgrade").trimmed().toLower() == "websocket";
}

Response Response::plain(int status, const QByteArray &text)
{
    Response response;
    response.status = status;
    response.body = (text.isEmpty() ? QByteArray::number(status) + ' ' + reason(status) : text) + '\n';
    return response;
}

QByteArray Response::toBytes() const
{
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(status) + ' ' + reason(status) + "\r\n";
    if (!body.isEmpty())
        bytes += "Content-Type: " + type + "\r\n";
    for (const auto &[name, value] : headers)
        bytes += name + ": " + value + "\r\n";
    if (status != 204) // which has neither body nor length
        bytes += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return bytes + "Cache-Control: no-store\r\nConnection: close\r\n\r\n" + (headOnly ? QByteArray() : body);
}

Head readHead(QByteArrayView bytes)
{
    bhttp::request_parser<bhttp::empty_body> parser;
    parser.header_limit(kMaxHeadBytes);
    parser.eager(false);
    beast::error_code error;
    parser.put(boost::asio::const_buffer(bytes.data(), std::size_t(bytes.size())), error);
    if (error == bhttp::error::need_more)
        return {std::nullopt, bytes.size() >= kMaxHeadBytes ? 431 : 0};
    if (error.failed())
        return {std::nullopt, statusOf(error)};
    if (!parser.is_header_done())
        return {};
    return {toRequest(parser.get()), 0};
}

struct RequestReader::Parser {
    bhttp::request_parser<bhttp::string_body> parser;
    QByteArray rest; // taken in and not yet understood: a line that is not whole
};

RequestReader::RequestReader()
    : d(std::make_unique<Parser>())
{
    d->parser.header_limit(kMaxHeadBytes);
    d->parser.body_limit(kMaxBodyBytes);
    d->parser.eager(true);
}

RequestReader::~RequestReader() = default;

int RequestReader::feed(QByteArrayView bytes)
{
    d->rest.append(bytes);
    while (!d->rest.isEmpty() && !d->parser.is_done()) {
        beast::error_code error;
        const std::size_t used = d->parser.put(
            boost::asio::const_buffer(d->rest.constData(), std::size_t(d->rest.size())), error);
        d->rest.remove(0, qsizetype(used));
        if (error == bhttp::error::need_more)
            return d->rest.size() > kMaxHeadBytes ? 431 : 0;
        if (error.failed())
            return statusOf(error);
        if (used == 0)
            break;
    }
    return 0;
}

bool RequestReader::done() const
{
    return d->parser.is_done();
}

Request RequestReader::take()
{
    Request request = toRequest(d->parser.get());
    request.body = bytesOf(d->parser.get().body());
    return request;
}

} // namespace takt::http
