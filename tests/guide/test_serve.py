"""`serve`: refuses what can't be right, brings everything up to date once, then hands over to the server."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from guide.management.commands.serve import prepare
from guide.models import Tip

pytestmark = pytest.mark.django_db


class StartedError(Exception):
    """This process would have become another program."""


@pytest.fixture(autouse=True)
def _no_other_program(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def execv(program: str, command: list[str]) -> None:
        raise StartedError(program, command)

    monkeypatch.setattr(os, "execv", execv)
    umask = os.umask(0o022)
    yield
    os.umask(umask)


@pytest.fixture
def assets(settings: Settings, tmp_path: Path) -> Path:
    """A folder of files to collect, with one in it; they are collected to a folder beside it."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "site.css").write_text("one")
    settings.STATICFILES_DIRS = [folder]
    settings.STATIC_ROOT = tmp_path / "static"
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_in_use_is_refused_with_one_sentence_before_anything_is_done(
    settings: Settings, assets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = settings.PORT = other.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("serve")
    assert str(refused.value) == f"Can’t listen at 127.0.0.1:{port}: Address already in use. Try PORT={port + 1}."
    assert (capsys.readouterr().out, settings.STATIC_ROOT.exists()) == ("", False)


def test_debug_is_refused(settings: Settings, assets: Path) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError) as refused:
        call_command("serve")
    assert str(refused.value) == "DEBUG is on. Use `make dev` for that; this serves people."
    assert settings.STATIC_ROOT.exists() is False


def test_a_free_port_is_served_with_everything_up_to_date(
    settings: Settings, assets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    Tip.objects.filter(original=tip).delete()
    tip.delete()
    Tip.history.filter(slug="be-open").delete()
    settings.PORT = free_port()
    with pytest.raises(StartedError) as started:
        call_command("serve", workers=3)
    assert started.value.args == (sys.executable, [sys.executable, "-m", "config.server", "127.0.0.1", "3"])
    said = capsys.readouterr().out
    assert f"Either Way is at {settings.SITE_URL}/\n" in said
    assert f"Data and secrets are in {settings.DATA_DIR}." in said
    assert Tip.objects.originals().filter(slug="be-open").count() == 1
    assert (settings.STATIC_ROOT / "site.css").read_text() == "one"
    assert settings.STATIC_ROOT.stat().st_mode & 0o077 == 0


def test_static_files_are_collected_once_and_again_when_one_changed(settings: Settings, assets: Path) -> None:
    collected, extra = settings.STATIC_ROOT / "site.css", settings.STATIC_ROOT / "of-yesterday.css"
    prepare()
    assert collected.read_text() == "one"
    collected.write_text("collected before")
    extra.write_text("left over")
    prepare()
    assert (collected.read_text(), extra.exists()) == ("collected before", True)
    (assets / "site.css").write_text("two")
    prepare()
    assert (collected.read_text(), extra.exists()) == ("two", False)
    (assets / "more").mkdir()
    (assets / "more" / "new.css").write_text("new")
    prepare()
    assert (settings.STATIC_ROOT / "more" / "new.css").read_text() == "new"


def test_a_collection_that_was_broken_off_is_made_again(settings: Settings, assets: Path) -> None:
    prepare()
    (settings.STATIC_ROOT / ".collected").unlink()
    (settings.STATIC_ROOT / "site.css").unlink()
    prepare()
    assert (settings.STATIC_ROOT / "site.css").read_text() == "one"


def test_preparing_again_says_and_changes_nothing(assets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare()
    before = list(Tip.history.values())
    capsys.readouterr()
    prepare()
    assert (list(Tip.history.values()), capsys.readouterr()) == (before, ("", ""))
