// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/views/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFont>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTextOption>
#include <QSplitter>

namespace takt::console {

using namespace Qt::Literals::StringLiterals;

namespace {

QColor mix(const QColor &over, const QColor &under, double share)
{
    const auto part = [share](int a, int b) { return int(a * share + b * (1 - share)); };
    return {part(over.red(), under.red()), part(over.green(), under.green()), part(over.blue(), under.blue())};
}

const QString &sheet()
{
    static const QString s_sheet = uR"(
QMainWindow, QDialog { background: %window; }
QMenuBar { background: %window; border: none; }
QMenuBar::item { padding: 4px 10px; background: transparent; }
QMenuBar::item:selected { background: %soft; border-radius: 4px; }
QWidget#sidebar { background: %window; }
QWidget#card { background: %card; border: 1px solid %line; border-radius: 8px; }
QWidget#pane { background: %card; border: 1px solid %line; border-radius: 8px; }
QLabel { background: transparent; }
QLabel[role="muted"] { color: %muted; }
QPushButton { background: %card; border: 1px solid %line; border-radius: 6px; padding: 5px 14px; }
QPushButton:hover { border-color: %accent; }
QPushButton:focus { border-color: %accent; }
QPushButton:disabled { color: %faint; }
QPushButton[role="primary"] { background: %accent; color: %onaccent; border-color: %accent; }
QPushButton[role="danger"] { background: %bad; color: %onaccent; border-color: %bad; }
QPushButton[role="nav"] { background: transparent; border: none; border-radius: 6px; padding: 8px 12px; }
QPushButton[role="nav"]:hover { background: %soft; }
QPushButton[role="nav"]:checked { background: %chosen; }
QPushButton[role="nav"]:focus { border: 1px solid %accent; }
QPushButton[role="segment"] { border-radius: 6px; padding: 4px 12px; background: transparent; border: 1px solid transparent; }
QPushButton[role="segment"]:checked { background: %chosen; }
QPushButton[role="segment"]:focus { border-color: %accent; }
QLineEdit, QComboBox { background: %card; border: 1px solid %line; border-radius: 6px; padding: 5px 8px; }
QLineEdit:focus, QComboBox:focus { border-color: %accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { width: 0; height: 0; border-left: 4px solid none; border-right: 4px solid none; border-top: 5px solid %muted; }
QTabBar::tab { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px 9px; margin: 0 1px; }
QTabBar::tab:hover { background: %soft; }
QTabBar::tab:selected { background: %chosen; }
QTabBar:focus { outline: none; }
QTabBar::tab:selected:focus { border-color: %accent; }
QTableView, QListView, QPlainTextEdit { background: %card; border: 1px solid %line; border-radius: 8px; outline: none; }
QTableView[role="bare"], QListView[role="bare"], QPlainTextEdit[role="bare"] { border: none; border-radius: 0; background: transparent; }
QHeaderView { background: transparent; border: none; }
QSplitter::handle { background: transparent; }
QScrollBar:vertical { width: 10px; background: transparent; }
QScrollBar:horizontal { height: 10px; background: transparent; }
QScrollBar::handle { background: %line; border-radius: 4px; margin: 1px; }
QScrollBar::handle:hover { background: %faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: transparent; border: none; height: 0; width: 0; }
QToolTip { background: %card; color: %text; border: 1px solid %line; padding: 4px; }
)"_s;
    return s_sheet;
}

// Watches for the system's change from day to night.
class Wardrobe final : public QObject
{
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange)
            dressNow();
        return QObject::eventFilter(watched, event);
    }
    void dressNow()
    {
        const QString wanted = Theme::current().styleSheet();
        if (qApp->styleSheet() != wanted) // dressing changes palettes, too
            qApp->setStyleSheet(wanted);
    }
};

} // namespace

Theme Theme::of(const QPalette &palette)
{
    Theme t;
    t.window = palette.color(QPalette::Window);
    t.dark = t.window.lightness() < 128;
    t.card = t.dark ? mix(Qt::white, t.window, 0.04) : mix(Qt::white, t.window, 0.85);
    t.text = palette.color(QPalette::WindowText);
    t.muted = mix(t.text, t.card, t.dark ? 0.65 : 0.62);
    t.line = mix(t.text, t.card, t.dark ? 0.14 : 0.12);
    t.accent = t.dark ? QColor(0x6c, 0xb6, 0xff) : QColor(0x1a, 0x6f, 0xc4);
    t.good = t.dark ? QColor(0x5c, 0xc8, 0x8b) : QColor(0x1f, 0x8f, 0x56);
    t.warning = t.dark ? QColor(0xe6, 0xb4, 0x50) : QColor(0xa8, 0x6a, 0x00);
    t.bad = t.dark ? QColor(0xf4, 0x7c, 0x72) : QColor(0xc7, 0x35, 0x2c);
    return t;
}

Theme Theme::current()
{
    return of(QGuiApplication::palette());
}

QColor Theme::tone(Tone tone) const
{
    switch (tone) {
    case Tone::Plain: return text;
    case Tone::Muted: return muted;
    case Tone::Accent: return accent;
    case Tone::Good: return good;
    case Tone::Warning: return warning;
    case Tone::Bad: return bad;
    }
    return text;
}

QColor Theme::tint(Tone of, double share) const
{
    return mix(tone(of), card, share);
}

QString Theme::styleSheet() const
{
    QString css = sheet();
    const QList<QPair<QLatin1StringView, QColor>> names{
        {"%window"_L1, window},
        {"%card"_L1, card},
        {"%text"_L1, text},
        {"%muted"_L1, muted},
        {"%line"_L1, line},
        {"%onaccent"_L1, dark ? window : QColor(Qt::white)},
        {"%accent"_L1, accent},
        {"%bad"_L1, bad},
        {"%soft"_L1, mix(text, window, 0.06)},
        {"%chosen"_L1, mix(accent, window, dark ? 0.25 : 0.14)},
        {"%faint"_L1, mix(text, card, 0.35)},
    };
    for (const auto &[name, color] : names)
        css.replace(name, color.name());
    return css;
}

QPalette palette(bool dark)
{
    QPalette p(dark ? QColor(0x1f, 0x22, 0x27) : QColor(0xf4, 0xf5, 0xf7));
    const QColor text = dark ? QColor(0xe7, 0xe9, 0xec) : QColor(0x1f, 0x24, 0x2b);
    const QColor base = dark ? QColor(0x26, 0x2a, 0x30) : QColor(Qt::white);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
        p.setColor(role, text);
    p.setColor(QPalette::Base, base);
    p.setColor(QPalette::ToolTipBase, base);
    p.setColor(QPalette::AlternateBase, base);
    p.setColor(QPalette::PlaceholderText, mix(text, base, 0.5));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, mix(text, base, 0.4));
    const QColor accent = Theme::of(p).accent;
    p.setColor(QPalette::Highlight, accent);
    p.setColor(QPalette::HighlightedText, dark ? QColor(0x1f, 0x22, 0x27) : QColor(Qt::white));
    p.setColor(QPalette::Link, accent);
    return p;
}

void dress()
{
    auto *wardrobe = new Wardrobe(qApp);
    qApp->installEventFilter(wardrobe);
    wardrobe->dressNow();
}

QFont titleFont()
{
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * 1.35);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont smallFont()
{
    QFont font = QApplication::font();
    font.setPointSizeF(font.pointSizeF() * 0.9);
    return font;
}

void alignToLanguage(QLabel *label)
{
    label->setAlignment((QGuiApplication::isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute
                        | Qt::AlignVCenter);
}

void alignToLanguage(QPlainTextEdit *text)
{
    QTextOption option = text->document()->defaultTextOption();
    option.setTextDirection(QGuiApplication::layoutDirection());
    option.setAlignment(QGuiApplication::isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft);
    text->document()->setDefaultTextOption(option);
}

QString sideBySide(QStringList facts)
{
    facts.removeAll(QString());
    const QString mark = QGuiApplication::isRightToLeft() ? QString(QChar(0x200f)) : QString();
    return mark + facts.join(QString(mark + u"  ·  "_s + mark));
}

void spaceOut(QSplitter *splitter)
{
    splitter->setHandleWidth(2 * Theme::kSpace);
    splitter->setChildrenCollapsible(false);
    splitter->setContentsMargins(0, 0, QGuiApplication::isRightToLeft() ? 1 : 0, 0);
}

QLabel *mutedLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("role", u"muted"_s);
    return label;
}

} // namespace takt::console
