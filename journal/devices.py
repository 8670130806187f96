"""What kind of device somebody uses, in words: enough to know one's own, and no more."""

_SYSTEMS = (
    ("iPad", "an iPad"),
    ("iPhone", "an iPhone"),
    ("Android", "an Android device"),
    ("CrOS", "a Chromebook"),
    ("Windows", "a Windows computer"),
    ("Macintosh", "a Mac"),
    ("Linux", "a Linux computer"),
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


def kind(user_agent: str) -> str:
    """Return words such as “Firefox on a Mac” for what a browser says of itself."""
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "a device")
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "A browser")
    return f"{browser} on {system}"
