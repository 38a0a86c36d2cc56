"""What must hold of a service's declaration and of the files in its folder: names, addresses that lead to ids and back, lists, picture.

Each check gives a sentence for each thing that does not hold.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.plugins.own_lists import FILE
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.service_kit.bodies import contract_bodies, folder_of, place_of

SLUG = re.compile(r"[a-z][a-z0-9_]*")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
ICON = "icon.svg"
ICON_BYTES = 20_000
ACTIVE = ("<script", "<foreignobject", "javascript:", "onload=", "http-equiv", "<image", "<use")
"""What a picture of lines and areas has no need of."""


def wrongly_declared(found: Installed) -> Iterator[str]:
    """Names that other parts rely on."""
    service = found.service
    if not SLUG.fullmatch(service.slug):
        yield f"its slug {service.slug!r} has other characters than a-z, 0-9 and _"
    if not 0 < len(service.short) <= 2:
        yield f"its short name {service.short!r} has not one or two letters"
    for colour in (service.colours.light, service.colours.dark):
        if not COLOUR.fullmatch(colour):
            yield f"its colour {colour!r} is not written as #rrggbb"
    if service.weight < 0:
        yield f"its weight {service.weight} is below 0"
    for source in found.sources:
        first, _, rest = source.name.partition(".")
        if first != service.slug or not SLUG.fullmatch(rest):
            yield f"the source {source.name} is not named {service.slug}.SOMETHING"
        if source.terms is None:
            yield f"the source {source.name} does not name its terms"
        elif urlsplit(source.terms.address).scheme != "https":
            yield f"the terms of {source.name} are not at an https address: {source.terms.address!r}"
        for host in source.hosts:
            if urlsplit(host.address).scheme != "https":
                yield f"the host {host.key} of {source.name} is not at an https address: {host.address!r}"
            if host.per_second <= 0:
                yield f"the host {host.key} of {source.name} has no rate"
        if not source.hosts:
            yield f"the source {source.name} declares no host"


def without_a_body(found: Installed) -> Iterator[str]:
    """Each source has a contract body."""
    tried = {body.source.name for body in contract_bodies(found)}
    for source in found.sources:
        if source.name not in tried:
            yield f"{source.name} has no body in {place_of(source, folder_of(found))}"


def lost_addresses(found: Installed) -> Iterator[str]:
    """An address leads to its playlist's id however it is written, and a track's id to its address."""
    service = found.service
    ids: dict[str, str] = {}
    for playlist in (one for several in found.lists.values() for one in several):
        url = playlist.url
        identity = service.playlist_id(url)
        if not identity.strip():
            yield f"{url} leads to no id"
        for other in (f"{url}/", f"{url}?si=x"):
            if service.playlist_id(other) != identity:
                yield f"{other} leads to {service.playlist_id(other)!r}, and {url} to {identity!r}"
        if ids.setdefault(identity, url) != url:
            yield f"{url} and {ids[identity]} lead to one id"
    addresses: dict[str, str] = {}
    for body in contract_bodies(found):
        for row in body.read().rows:
            if service.track_address is None:
                continue
            address = service.track_address(row.service_track_id)
            if addresses.setdefault(address, row.service_track_id) != row.service_track_id:
                yield f"{addresses[address]} and {row.service_track_id} lead to {address}"
            if not (urlsplit(address).scheme == "https" and row.service_track_id in unquote(address)):
                yield f"the track {row.service_track_id} leads to {address}, which does not name it"


def impossible_lists(found: Installed) -> Iterator[str]:
    """The lists in `playlists.toml` are addresses on the service's hosts, each of one genre."""
    seen: dict[str, str] = {}
    playlists = found.lists
    if not playlists:
        yield f"{FILE} names no list; without one the service has none until a catalogue names it"
    for genre, several in playlists.items():
        for playlist in several:
            if not _is_on(found.service, playlist.url):
                yield f"{genre}: {playlist.url} is not on {' or '.join(found.service.hosts)}"
            if (other := seen.setdefault(playlist.url, genre)) != genre:
                yield f"{genre} has the list of {other}"


def _is_on(service: Service, url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in service.hosts and len(parts.path) > 1


def wrong_picture(found: Installed) -> Iterator[str]:
    """The picture is a small drawing that does nothing."""
    path = folder_of(found) / ICON
    if not path.is_file():
        yield f"{ICON} is missing"
        return
    text = path.read_text("utf-8")
    if len(text) > ICON_BYTES:
        yield f"{ICON} has more than {ICON_BYTES:,} bytes"
    if "<svg" not in text or "viewBox" not in text:
        yield f"{ICON} is no SVG with a viewBox"
    for active in ACTIVE:
        if active in text.lower():
            yield f"{ICON} holds {active}"
