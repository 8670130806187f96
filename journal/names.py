"""Suggested user names: three plain words and a number, that point to nobody."""

import secrets

_WORDS = (
    "amber brave calm clear early gentle green kind late little long new north old open plain quiet slow soft warm",
    "autumn cedar copper field garden harbor lake maple meadow morning "
    "ocean orchard paper river silver spring stone summer winter wool",
    "basket bench boat bridge button candle chair cup door fence kettle ladder lamp map path "
    "pencil table train wheel window",
)


def suggest() -> str:
    """Return one of 720,000 names, such as ``calm-river-lamp-42``."""
    words = [secrets.choice(words.split()) for words in _WORDS]
    return "-".join([*words, str(10 + secrets.randbelow(90))])
