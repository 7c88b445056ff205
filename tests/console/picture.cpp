// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/picture.h"

#include <QHash>

#include <algorithm>

namespace {

constexpr int kColours = 128;
constexpr int kAlike = 12; // so far apart, the sum of all three, nobody tells two colours from each other

int distance(QRgb a, QRgb b)
{
    return std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b));
}

qsizetype nearest(const QList<QRgb> &colours, QRgb colour)
{
    const auto closer = [colour](QRgb a, QRgb b) { return distance(a, colour) < distance(b, colour); };
    return std::min_element(colours.begin(), colours.end(), closer) - colours.begin();
}

} // namespace

// The most frequent colours, without those that are like one of them; what is left out becomes what is nearest.
bool savePicture(const QImage &image, const QString &path)
{
    const QImage rgb = image.convertToFormat(QImage::Format_RGB32);
    QHash<QRgb, int> counts;
    for (int y = 0; y < rgb.height(); ++y) {
        for (int x = 0; x < rgb.width(); ++x)
            ++counts[rgb.pixel(x, y)];
    }
    QList<QRgb> found = counts.keys();
    std::sort(found.begin(), found.end(),
              [&counts](QRgb a, QRgb b) { return std::pair(counts[a], a) > std::pair(counts[b], b); });
    QList<QRgb> colours;
    for (const QRgb colour : std::as_const(found)) {
        if (colours.isEmpty()
            || (colours.size() < kColours && distance(colours[nearest(colours, colour)], colour) > kAlike))
            colours << colour;
    }
    QHash<QRgb, qsizetype> places;
    for (const QRgb colour : std::as_const(found))
        places[colour] = nearest(colours, colour);
    QImage small(rgb.size(), QImage::Format_Indexed8);
    small.setColorTable(colours);
    for (int y = 0; y < rgb.height(); ++y) {
        for (int x = 0; x < rgb.width(); ++x)
            small.setPixel(x, y, uint(places[rgb.pixel(x, y)]));
    }
    return small.save(path, "PNG", 0); // 0: as small as can be
}
