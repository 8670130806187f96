"""What kind of device somebody uses, in words: enough to know one's own, and no more."""

from django.utils.translation import gettext, gettext_noop

_SYSTEMS = (
    ("iPad", gettext_noop("an iPad")),
    ("iPhone", gettext_noop("an iPhone")),
    ("Android", gettext_noop("an Android device")),
    ("CrOS", gettext_noop("a Chromebook")),
    ("Windows", gettext_noop("a Windows computer")),
    ("Macintosh", gettext_noop("a Mac")),
    ("Linux", gettext_noop("a Linux computer")),
)
# The first that fits: most browsers also name the ones after them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


_SOME_SYSTEM, _SOME_BROWSER = gettext_noop("a device"), gettext_noop("A browser")
_ON = " on "


def kind(user_agent: str) -> str:
    """Return words such as “Firefox on a Mac” for what a browser says of itself. They are what is kept."""
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), _SOME_SYSTEM)
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), _SOME_BROWSER)
    return f"{browser}{_ON}{system}"


def told(kept: str) -> str:
    """Return a kind that was kept in the language that is spoken now; what is none of ours, as it is."""
    browser, on, system = kept.partition(_ON)
    if not on:
        return gettext(kept)
    return gettext("{browser} on {system}").format(browser=gettext(browser), system=gettext(system))
