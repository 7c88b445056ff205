// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/language.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QTranslator>

#include <memory>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

// Of the application, and gone before it.
void replace(const QString &name, const QString &file, const QString &folder)
{
    auto *old = qApp->findChild<QTranslator *>(name, Qt::FindDirectChildrenOnly);
    if (old != nullptr) {
        QCoreApplication::removeTranslator(old);
        delete old;
    }
    auto translator = std::make_unique<QTranslator>(qApp);
    translator->setObjectName(name);
    if (translator->load(file, folder))
        QCoreApplication::installTranslator(translator.release());
}

} // namespace

void speak(const QLocale &locale)
{
    QLocale::setDefault(locale);
    const QString language = QLocale::languageToCode(locale.language());
    const bool known = language == "he"_L1;
    replace(u"qt"_s, u"qtbase_"_s + language, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    replace(u"takt"_s, known ? u"takt_"_s + language : u"takt_en"_s, u":/translations"_s);
    QGuiApplication::setLayoutDirection(known ? locale.textDirection() : Qt::LeftToRight);
}

} // namespace takt::console
