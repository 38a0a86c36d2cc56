"""What is taken out of a service's public web page: the text of one script, and of what it holds only the values that a format names.

A page carries more than its list: sessions, tokens, addresses that expire. None of that is kept, because nothing is kept that no format
reads.
"""

import re
from typing import Any

from tunemeld_pipeline.wire_formats.reading import Format, Irregular, Value

Tree = dict[str, Any]
"""Names that are kept, each with those below it; nothing below a value."""


def script_of(page: str, identity: str) -> str:
    """The text of the page's script with this id.

    Raises:
        Irregular: the page has no such script, or it is cut off.
    """
    # Loaded with a page: every command loads the formats of all services.
    from tunemeld_pipeline.wire_formats.scripts import Scripts

    scripts = Scripts(identity)
    scripts.feed(page)
    scripts.close()
    if not scripts.ended:
        raise Irregular(f"the page has no whole script {identity}")
    return "".join(scripts.texts).strip()


OWN = re.compile(
    r"(?i).*(?:session|token|auth(?!or)|cookie|visitor|device|correlation|client|account|csrf|nonce|secret|passw|signature).*"
)
"""Names of what is the visitor's or the visit's own."""

OPAQUE = re.compile(r"\S{30,}")
ADDRESS = re.compile(r"(https?://[^?#\s]*)[?#]?\S*")
IDENTIFIER = re.compile(r"[a-z]+(?::\w{1,29})+")


def impersonal(thing: Any) -> Any:
    """What may be kept of a page's script whose format nobody knows any more, so that somebody can mend its reader.

    Nothing under a name that is the visit's own, no long text without spaces that is no address, and no address's parameters.
    """
    if isinstance(thing, dict):
        return {
            name: impersonal(value) for name, value in thing.items() if not OWN.fullmatch(name) and not _is_opaque(name)
        }
    if isinstance(thing, list):
        return [impersonal(one) for one in thing]
    if not isinstance(thing, str):
        return thing
    if address := ADDRESS.fullmatch(thing):
        return address[1]
    return "" if _is_opaque(thing) else thing


def _is_opaque(text: str) -> bool:
    return OPAQUE.search(text) is not None and IDENTIFIER.fullmatch(text) is None


def cut(page: Format, rows: str, row: Format, body: Any) -> Any:
    """The body with only the values that the formats of its page and of its rows name; `rows` is the page's value that holds the rows."""
    below = _tree(row)
    tree = _tree(page)
    for place in page.needed[rows].places:
        _grow(tree, place, below)
    return _kept(body, tree)


def _tree(form: Format) -> Tree:
    tree: Tree = {}
    for value in (*form.needed.values(), *form.optional.values()):
        for place in _written(value):
            _grow(tree, place, {})
    for kind in form.kinds:
        _grow(tree, kind, {})
    return tree


def _written(value: Value) -> list[str]:
    return [f"{place}.{part}" for place in value.places for part in value.parts] or list(value.places)


def _grow(tree: Tree, path: str, below: Tree) -> None:
    for name in path.replace("[]", "").split("."):
        tree = tree.setdefault(name, {})
    tree.update(below)


def _kept(thing: Any, tree: Tree) -> Any:
    """What is kept of a value; something of another kind than the format expects becomes null, since it may hold anything."""
    if isinstance(thing, list):
        return [_kept(one, tree) for one in thing]
    if isinstance(thing, dict):
        return {name: _kept(thing[name], below) for name, below in tree.items() if name in thing} if tree else None
    return None if tree else thing
