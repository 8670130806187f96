"""Where a link leads is looked at before readers follow it."""

import pytest

from guide.links import EXCERPT, Addresses, excerpt, problems_of_address

SITE = Addresses(
    live={"/", "/help/", "/help/us/"},
    known={"/help/", "/drafted/"},
    fragments={"/help/": {"lines", "año"}},
)


@pytest.mark.parametrize(
    "href",
    [
        "/", "/help/", "/help/us/", "/help/?from=x", "/help/#lines", "/help/#a%C3%B1o", "/help/us/#anything",
        "https://example.org", "https://example.org/a?b#c", "HTTPS://example.org", "mailto:ana@example.org",
        "mailto:ana@mail.example.org?subject=Hello%20you", "tel:911", "tel:+1-800-799-7233", "tel:(800)%20799.7233",
        "sms:88788", "sms:88788?body=START",
    ],
)  # fmt: skip
def test_a_good_address_has_no_problem(href: str) -> None:
    assert list(problems_of_address(href, SITE)) == []


@pytest.mark.parametrize(
    ("href", "level", "message"),
    [
        ("/nowhere/", "error", "This site has no page “/nowhere/”: look up the address of the one you mean."),
        ("/help", "error", "“/help” would lead nowhere: write “/help/”."),
        ("help/us", "error", "“help/us” would lead nowhere: write “/help/us/”."),
        ("drafted", "error", "“drafted” would lead nowhere: write “/drafted/”."),
        (
            "guide/x",
            "error",
            "“guide/x” would lead nowhere: begin with / for a page of ours, or with https://.",
        ),
        ("", "error", "“” would lead nowhere: begin with / for a page of ours, or with https://."),
        (
            "www.example.org",
            "error",
            "“www.example.org” would lead nowhere: begin with / for a page of ours, or with https://.",
        ),
        (
            "/drafted/",
            "warning",
            "Readers can’t open “/drafted/” yet: publish that page too, or leave out the link.",
        ),
        ("/help/#gone", "warning", "“/help/” has no place “#gone”: readers would get to its top."),
        (
            "#lines",
            "warning",
            "The text may stand on several pages: write the address of the page before the #.",
        ),
        (
            "http://example.org",
            "warning",
            "Others can read on the way what this link shows: write https:// if the site has it.",
        ),
        ("https:/example.org", "error", "“https:/example.org” is not an address: write it as in https://example.org."),
        ("https://[1", "error", "“https://[1” is not an address: write it as in https://example.org."),
        ("mailto:ana", "error", "“ana” is not a mail address: write it as in mailto:name@example.org."),
        ("mailto:a@b", "error", "“a@b” is not a mail address: write it as in mailto:name@example.org."),
        ("tel:12", "error", "“12” is not a number to dial: write only its digits, as in tel:911."),
        ("tel:1-800-HELP", "error", "“1-800-HELP” is not a number to dial: write only its digits, as in tel:911."),
    ],
)
def test_a_bad_address_is_said_with_what_to_write(href: str, level: str, message: str) -> None:
    assert list(problems_of_address(href, SITE)) == [(level, message)]


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc", "ftp://example.org", "//example.org"],
)
def test_other_kinds_of_links_lead_nowhere(href: str) -> None:
    message = f"“{href}” would lead nowhere: links begin with /, https:, mailto:, tel: or sms:."
    assert list(problems_of_address(href, SITE)) == [("error", message)]


def test_a_long_text_is_shown_by_its_beginning() -> None:
    assert excerpt("a" * EXCERPT) == "a" * EXCERPT
    assert excerpt("a" * EXCERPT + "b") == "a" * EXCERPT + "…"
    assert excerpt("a" * (EXCERPT - 1) + " b") == "a" * (EXCERPT - 1) + "…"
