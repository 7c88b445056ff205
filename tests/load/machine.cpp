// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/machine.h"

#include <QFile>

#include <cstdlib>
#include <sys/utsname.h>
#include <unistd.h>

namespace takt::load {

using namespace Qt::Literals::StringLiterals;

Machine thisMachine()
{
    Machine machine;
    machine.cores = int(sysconf(_SC_NPROCESSORS_ONLN));
    utsname name{};
    if (uname(&name) == 0)
        machine.kernel = u"%1 %2"_s.arg(QString::fromLocal8Bit(name.sysname), QString::fromLocal8Bit(name.release));
    QFile file(u"/proc/cpuinfo"_s);
    if (!file.open(QIODevice::ReadOnly))
        return machine;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("model name")) {
            machine.processor = QString::fromUtf8(line.sliced(line.indexOf(':') + 1).trimmed());
            break;
        }
    }
    return machine;
}

double loadAverage()
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

double stolenSeconds()
{
    QFile file(u"/proc/stat"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> fields = file.readLine().simplified().split(
        ' '); // cpu user nice system idle iowait irq softirq steal
    return fields.size() < 9 ? 0 : double(fields[8].toLongLong()) / double(sysconf(_SC_CLK_TCK));
}

} // namespace takt::load
