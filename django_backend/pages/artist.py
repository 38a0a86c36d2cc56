"""The page of an artist: its head, and their recordings for browsers without scripts."""

from html import escape

from django_backend.languages import Language
from django_backend.page_head import NAMED, SITE, PageHead, short
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.publishing.page_paths import artist_path, track_path
from tunemeld_pipeline.publishing.v1.artists import ArtistDetails, ArtistRecording


def artist_head(language: Language, artist: ArtistDetails) -> PageHead:
    """What an artist's page says of itself."""
    named = ", ".join(short(one.title) for one in artist.recordings[:NAMED])
    return PageHead(
        title=f"{artist.name} · {SITE}",
        description=language.say("plain.artistDescriptionNamed", artist=artist.name, titles=named)
        if named
        else language.say("plain.artistDescription", artist=artist.name),
        path=artist_path(artist.slug),
        kind="profile",
        facts={
            "@type": "MusicGroup",
            "name": artist.name,
            "url": artist_path(artist.slug),
            "track": [
                {"@type": "MusicRecording", "name": one.title, "url": track_path(one.track_id)}
                for one in artist.recordings[:10]
            ],
        },
    )


def plain_artist(language: Language, catalog: Catalog, artist: ArtistDetails) -> str:
    """An artist for browsers without scripts; their name is the heading above."""
    rows = "\n".join(_row(language, catalog, one) for one in artist.recordings)
    names = ("column.title", "track.bestRank", "plain.daysOnCharts", "track.lastSeen")
    heads = "".join(f'<th scope="col">{escape(language.say(name))}</th>' for name in names)
    table = f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>" if rows else ""
    others = "\n".join(
        f'<li><a href="{escape(artist_path(one.slug))}">{escape(one.name)}</a>'
        f"{f' ({escape(one.country)})' if one.country else ''}</li>"
        for one in artist.homonyms
    )
    more = f"\n<h2>{escape(language.say('artist.others'))}</h2>\n<ul>\n{others}\n</ul>" if others else ""
    return f"<h2>{escape(language.say('artist.songs'))}</h2>\n{table}{more}"


def _row(language: Language, catalog: Catalog, one: ArtistRecording) -> str:
    ranked = [(place.best_rank, place.genre) for place in one.genres if place.best_rank is not None]
    best = "–"
    if ranked:
        rank, genre = min(ranked)
        name = catalog.genres[genre].display_name if genre in catalog.genres else genre
        best = escape(language.say("plain.bestIn", rank=rank, genre=name))
    days = sum(place.days_on_chart for place in one.genres)
    last = max((place.last_date for place in one.genres), default="–")
    link = f'<a href="{escape(track_path(one.track_id))}">{escape(one.title)}</a>'
    return f"<tr><td>{link}</td><td>{best}</td><td>{days}</td><td>{last}</td></tr>"
