"""How a worker notices that another one started."""

import os
import time
from pathlib import Path

import pytest

from django_backend import succession
from django_backend.succession import Succession


def begins(folder: Path) -> Succession:
    """Another worker, a moment later, since file times are no finer than the kernel's clock."""
    time.sleep(0.02)
    return Succession(folder)


def test_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(succession, "CHANGE_SECONDS", 0.2)
    old = Succession(tmp_path)
    assert not old.is_under_way()
    new = begins(tmp_path)
    assert (old.is_under_way(), new.is_under_way()) == (True, False)
    time.sleep(0.25)
    assert not old.is_under_way()


def test_workers_of_another_server_are_no_successors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "LOOK_SECONDS", 0.0)
    ours = Succession(tmp_path)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    begins(tmp_path)
    assert not ours.is_under_way()


def test_it_does_not_look_at_every_request(tmp_path: Path) -> None:
    old = Succession(tmp_path)
    assert not old.is_under_way()
    begins(tmp_path)
    assert not old.is_under_way()
    time.sleep(succession.LOOK_SECONDS)
    assert old.is_under_way()


def test_a_folder_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    one = Succession(tmp_path / "api")
    for file in (tmp_path / "api").iterdir():
        file.unlink()
    assert not one.is_under_way()
