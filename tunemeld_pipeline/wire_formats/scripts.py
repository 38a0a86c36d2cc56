"""The text of one script of a web page."""

from html.parser import HTMLParser


class Scripts(HTMLParser):
    """Fed with a page, it keeps the texts of its first script with this id; `ended` says whether that script was whole."""

    def __init__(self, identity: str) -> None:
        super().__init__(convert_charrefs=False)
        self._identity = identity
        self._inside = False
        self.texts: list[str] = []
        self.ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and not self.ended and dict(attrs).get("id") == self._identity

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.ended |= self._inside and tag == "script"
        self._inside = False
