"""Examples of how to call an operation from a shell, from Python and from JavaScript, for the OpenAPI document and `/docs`."""

from django_backend.v1.operation import Operation
from tunemeld_pipeline.publishing.v1.links import address

SERVER = "https://tunemeld.example"
"""Stands for the server's own address, which `/docs` puts in its place."""

ROWS = "10"

CURL = "curl --fail --silent '{url}'"
PYTHON_JSON = """import json
from urllib.request import urlopen

with urlopen("{url}") as answer:
    print(json.load(answer))"""
PYTHON_BYTES = """from urllib.request import urlopen

with urlopen("{url}") as answer:
    print(answer.read())"""
JAVASCRIPT = """const answer = await fetch("{url}");
if (!answer.ok) throw new Error((await answer.json()).detail);
console.log(await answer.{read}());"""


def samples(operation: Operation) -> list[dict[str, str]]:
    """The operation's examples, as the extension `x-codeSamples` has them."""
    path = operation.path
    for one in operation.parameters:
        if one.place == "path":
            path = path.replace(f"{{{one.name}}}", one.example or "")
    asked = {one.name: one.example for one in operation.parameters if one.is_required and one.place == "query"}
    if any(one.name == "limit" for one in operation.parameters):
        asked["limit"] = ROWS
    url = SERVER + address(path, **asked)
    is_json = any(one.model is not None for one in operation.media)
    return [
        {"lang": "Shell", "label": "curl", "source": CURL.format(url=url)},
        {"lang": "Python", "label": "Python", "source": (PYTHON_JSON if is_json else PYTHON_BYTES).format(url=url)},
        {
            "lang": "JavaScript",
            "label": "JavaScript",
            "source": JAVASCRIPT.format(url=url, read="json" if is_json else "text"),
        },
    ]
