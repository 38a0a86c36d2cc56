"""The page of how much a genre's editors agree: its head, and its figures for browsers without scripts."""

from html import escape

from django_backend.page_head import SITE, PageHead
from django_backend.pages.chart import share_picture
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import name_of, written_list
from tunemeld_pipeline.publishing.page_paths import agreement_path, chart_path
from tunemeld_pipeline.publishing.v1.agreement import Agreement

HOW_OVERLAP = (
    "Two lists agree by their rank-biased overlap: 0% with nothing in common, 100% for the same list in the same order."
    " The first twenty places decide most of it."
)
HOW_FIRST = (
    "The first service is the one whose list had a song before all others’. What a list had on the first day that is known of it does"
    " not count, since it may have been there for long."
)
HOW_STAYS = (
    "A stay is a song’s unbroken time on the chart. Songs that are still there count as long as they have lasted, so the median is an"
    " estimate."
)


def agreement_head(genre: Genre, found: Agreement | None) -> PageHead:
    """What the page says of itself; without an answer there is no chart yet."""
    return PageHead(
        title=f"How much do editors agree on {genre.display_name}? · {SITE}",
        description=f"How much the lists of {_names(genre)} overlap in {genre.display_name}, who is first and by how much, and how long"
        " songs stay.",
        path=agreement_path(genre.key),
        picture=share_picture(genre) if found else None,
    )


def plain_agreement(genre: Genre, found: Agreement | None) -> str:
    """The figures for browsers without scripts."""
    back = f'<p><a href="{escape(chart_path(genre.key))}">The {escape(genre.display_name)} chart</a></p>'
    if found is None:
        return f"<p>There is no chart yet; the next daily update brings the first one.</p>\n{back}"
    pairs = "\n".join(
        f"<tr><td>{escape(written_list(map(name_of, one.services)))}</td><td>{one.rbo:.0%}</td><td>{one.days}</td></tr>"
        for one in found.means
    )
    firsts = "\n".join(
        f"<tr><td>{escape(name_of(one.service))}</td><td>{one.alone}</td><td>{one.together}</td>"
        f"<td>{'–' if one.mean_lead_days is None else f'{one.mean_lead_days:.1f}'}</td></tr>"
        for one in found.firsts
    )
    stays = found.stays
    median = f"{stays.median_days} days" if stays.median_days is not None else "not known yet"
    longest = f" The longest so far: {stays.longest_days} days." if stays.longest_days is not None else ""
    return "\n".join(
        [
            f"<h2>Overlap</h2>\n<p>{HOW_OVERLAP}</p>",
            _table(("Services", "Mean overlap", "Days"), pairs),
            f"<h2>Who is first</h2>\n<p>{HOW_FIRST}</p>",
            _table(("Service", "First alone", "First together", "Mean lead in days"), firsts),
            f"<h2>How long songs stay</h2>\n<p>{HOW_STAYS}</p>",
            f"<p>Median stay: {median}.{longest}</p>",
            back,
        ]
    )


def _table(heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def _names(genre: Genre) -> str:
    return written_list(map(name_of, genre.services))
