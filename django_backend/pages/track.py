"""The page of a recording: its head, and where it can be heard and where it stood for browsers without scripts."""

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Any

from django_backend.languages import Language
from django_backend.page_head import SITE, PageHead, Picture
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.plugins.registry import name_of
from tunemeld_pipeline.publishing.page_paths import artist_path, chart_path, track_path
from tunemeld_pipeline.publishing.v1.tracks import GenreStanding, TrackDetails

COVER = 240


def track_head(language: Language, catalog: Catalog, track: TrackDetails) -> PageHead:
    """What a recording's page says of itself."""
    title, credit = title_of(language, track), track.credit
    named = f"{title} – {credit}" if credit else title
    return PageHead(
        title=f"{named} · {SITE}",
        description=f"{named}. {'. '.join(standing_sentences(language, catalog, track))}.",
        path=track_path(track.track_id),
        picture=Picture(f"/share{track_path(track.track_id)}.png", named),
        kind="music.song",
        facts=_facts(language, track),
    )


def title_of(language: Language, track: TrackDetails) -> str:
    """A recording's title, or that it is unknown."""
    return track.title or language.say("track.unnamed")


def standing_sentences(language: Language, catalog: Catalog, track: TrackDetails) -> list[str]:
    """How a recording did, in a sentence or two."""
    say, said = language.say, []
    placed = best_first(track.genres)
    if placed and placed[0].best_rank is not None:
        best = placed[0]
        genre, day = _genre(catalog, best.genre), best.best_rank_date
        said.append(
            say("plain.bestDay", rank=best.best_rank or 0, genre=genre, day=_day(language, day))
            if day
            else say("plain.best", rank=best.best_rank or 0, genre=genre)
        )
        said.append(say("plain.daysOnOurs", count=sum(one.days_on_chart for one in track.genres)))
    else:
        said.append(say("plain.onLists"))
    if track.first_listed:
        first = min(one.date for one in track.first_listed)
        whose = [name_of(one.service) for one in track.first_listed if one.date == first]
        seen_by_all = len(whose) == len(track.first_listed)
        day = _day(language, first)
        said.append(
            say("plain.firstSeen", day=day)
            if seen_by_all
            else say("plain.firstBy", services=language.listed(whose), day=day)
        )
    return said


def best_first(genres: Iterable[GenreStanding]) -> list[GenreStanding]:
    """The genres in which a recording stood, the one where it came highest first."""
    return sorted(genres, key=lambda one: (one.best_rank is None, one.best_rank or 0, -one.days_on_chart))


def plain_track(language: Language, catalog: Catalog, track: TrackDetails) -> str:
    """A recording for browsers without scripts; its title is the heading above."""
    artists = ", ".join(
        f'<a href="{escape(artist_path(one.slug))}">{escape(one.name)}</a>' for one in track.artists
    ) or escape(track.credit or "")
    cover = (
        f'<img class="cover" src="{escape(track.cover_url)}" alt="" width="{COVER}" height="{COVER}" referrerpolicy="no-referrer">'
        if track.cover_url and _is_web(track.cover_url)
        else ""
    )
    addresses = "\n".join(
        f'<li><a href="{escape(url)}" rel="noreferrer">{escape(name_of(service))}</a></li>'
        for service, url in track.addresses.items()
        if _is_web(url)
    )
    rows = "\n".join(_row(language, catalog, one) for one in best_first(track.genres))
    names = ("track.genre", "track.bestRank", "plain.daysOnChart", "track.firstSeen", "track.lastSeen")
    heads = "".join(f'<th scope="col">{escape(language.say(name))}</th>' for name in names)
    firsts = "\n".join(
        f"<li>{escape(name_of(one.service))}, {_day(language, one.date)}</li>" for one in track.first_listed
    )
    counts = "\n".join(
        f"<li>{escape(name_of(source))}: {language.number(readings[-1].count)}</li>"
        for source, readings in track.counts.items()
    )
    since = f"<p>{escape(language.say('track.firstHow'))}</p>\n"
    parts = [
        ("listen.title", f"<ul>\n{addresses}\n</ul>" if addresses else ""),
        (
            "track.stood",
            f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>" if rows else "",
        ),
        ("track.firstTitle", f"{since}<ol>\n{firsts}\n</ol>" if firsts else ""),
        ("plain.plays", f"<ul>\n{counts}\n</ul>" if counts else ""),
    ]
    sections = "\n".join(f"<h2>{escape(language.say(title))}</h2>\n{text}" for title, text in parts if text)
    said = escape(". ".join(standing_sentences(language, catalog, track)))
    return f"{cover}<p>{artists}</p>\n<p>{said}.</p>\n{sections}"


def _row(language: Language, catalog: Catalog, one: GenreStanding) -> str:
    best = str(one.best_rank) if one.best_rank is not None else "–"
    day = one.best_rank_date
    link = f'<a href="{escape(chart_path(one.genre, day))}">{escape(_genre(catalog, one.genre))}</a>'
    cells = (link, best, str(one.days_on_chart), _day(language, one.first_date), _day(language, one.last_date))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _facts(language: Language, track: TrackDetails) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "@type": "MusicRecording",
        "name": title_of(language, track),
        "url": track_path(track.track_id),
        "byArtist": [{"@type": "MusicGroup", "name": one.name, "url": artist_path(one.slug)} for one in track.artists],
        "sameAs": [url for url in track.addresses.values() if _is_web(url)],
    }
    if track.isrc:
        facts["isrcCode"] = track.isrc
    if track.duration_ms:
        minutes, seconds = divmod(round(track.duration_ms / 1000), 60)
        facts["duration"] = f"PT{minutes}M{seconds}S"
    if track.cover_url and _is_web(track.cover_url):
        facts["image"] = track.cover_url
    return facts


def _genre(catalog: Catalog, key: str) -> str:
    return catalog.genres[key].display_name if key in catalog.genres else key


def _day(language: Language, day: str) -> str:
    return language.day(date.fromisoformat(day))


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))
