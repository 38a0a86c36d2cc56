"""`/docs`: a page to try the API, which loads nothing from anywhere else."""

import re

from tests.django_backend.conftest import Api


def test_it_works(api: Api) -> None:
    page = api.ask("/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = api.ask(address)
        assert answer.status_code == 200
        if address == "/":
            continue  # the way back to the charts
        kind = {"js": "text/javascript", "css": "text/css", "json": "application/json"}[address.rpartition(".")[2]]
        assert answer.headers["Content-Type"].startswith(kind)


def test_it_needs_nothing_that_its_policy_forbids(api: Api) -> None:
    page = api.ask("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert not re.search(r"<style|<script>|\sstyle=|\son\w+=|https?://", page.text)
    assert not re.search(r"https?://|innerHTML|\beval\b", api.ask("/docs/docs.js").text)
