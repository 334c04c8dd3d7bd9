"""A report set as a card: the table is the chart.

Each row of a table is one row of the chart: its name, its drawing (hidden from screen readers), its number.
There is no second, hidden table that could drift from the drawing. Roles are written out, because a narrow
card shows rows as blocks, and a changed `display` can cost a table its meaning.
"""

from __future__ import annotations

from massage_pain.display import icons, urgent
from massage_pain.display.escape import escape
from massage_pain.display.style import SHEET
from massage_pain.display.tables import Report, Table

_FIGURE = 9
"""The letters of the longest figure that is set large."""

_MOST_FOLDED = 30
"""The rows a fold holds; a page is no place for thousands."""


def report_card(report: Report, *, style: bool = True) -> str:
    """The report as HTML without scripts, addresses or ids; `style=False` leaves out the style sheet."""
    lead = f'<p class="lead">{escape(" ".join(report.lead))}</p>' if report.lead else ""
    tables = "".join(_section(table) for table in report.tables if not table.folded)
    remarks = "".join(
        f'<p class="note"><b>{escape(strong)}</b> {escape(words)}</p>' for strong, words in report.remarks
    )
    folded = "".join(_folded(table) for table in report.tables if table.folded)
    notes = "".join(f"<p>{escape(note)}</p>" for note in report.notes)
    label = escape(urgent.spoken(report.warned, f"{report.kicker}: {report.title}"))
    classes = f"mp {report.look}{urgent.look(report.warned)}"
    return (
        (f"<style>{SHEET}</style>" if style else "")
        + f'<article class="{classes}" aria-label="{label}">{urgent.banner(report.warned)}'
        + f"{_header(report)}{lead}{tables}"
        + (f'<div class="sec">{remarks}</div>' if remarks else "")
        + folded
        + (f'<div class="foot">{notes}</div>' if notes else "")
        + "</article>"
    )


def _header(report: Report) -> str:
    icon = getattr(icons, report.icon) if report.icon else icons.OF_LOOK[report.look]
    ladder = ""
    if report.steps is not None:
        level, of = report.steps
        boxes = "".join(f'<i class="{"on" if at < level else "off"}"></i>' for at in range(of))
        ladder = f'<div class="steps" aria-hidden="true">{boxes}</div>'
    kicker, title = escape(report.kicker), escape(report.title)
    return f'<div class="hd">{icon}<p class="k">{kicker}</p><h3>{title}</h3>{ladder}</div>'


def table_html(table: Table) -> str:
    """One table with its caption and its key."""
    return _rows_and_rest(table, caption=True) + _key(table)


def _section(table: Table) -> str:
    heading = f"<h4>{escape(table.heading)}</h4>" if table.heading else ""
    return f'<div class="sec">{heading}{table_html(table)}</div>'


def _folded(table: Table) -> str:
    line = escape(table.heading or table.caption)
    inside = _rows_and_rest(table, caption=bool(table.heading))
    return f"<details><summary>{line}</summary><div>{inside}{_key(table)}</div></details>"


def _rows_and_rest(table: Table, *, caption: bool) -> str:
    """The first rows, and the others in a fold of their own."""
    body = _table(table, 0, table.shown, table.caption if caption else "")
    rest = len(table.rows) - table.shown
    if rest > 0:
        more = _table(table, table.shown, table.shown + _MOST_FOLDED, "")
        beyond = rest - _MOST_FOLDED
        left = f"<p>And {beyond:,} more; to_frame() has them all.</p>" if beyond > 0 else ""
        body += f"<details><summary>{rest:,} more</summary><div>{more}{left}</div></details>"
    return body


def _table(table: Table, start: int, stop: int, caption: str) -> str:
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    classes = " ".join(filter(None, ("stack" if table.drawn else "cells", table.look)))
    body = "".join(_row(table, at) for at in range(start, min(stop, len(table.rows))))
    return (
        f'<table role="table" class="{classes}">{told}<thead role="rowgroup"><tr role="row">{_heads(table)}'
        f'</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _columns(table: Table) -> list[int]:
    """The columns that stand by themselves."""
    small = {column for column, _ in table.under}
    return [at for at in range(len(table.headings)) if at not in small]


def _heads(table: Table) -> str:
    columns = _columns(table)
    found = []
    for at in columns:
        if table.drawn and at == columns[-1]:
            found.append(_head_of_drawing(table.drawn.axis, table.drawn.heading))
        words = escape(table.headings[at])
        for below in (small for small, owner in table.under if owner == at):
            words += f"<br><small>{escape(table.headings[below])}</small>" if below not in table.tags else ""
        found.append(f'<th role="columnheader" scope="col"{_class(table, at)}>{words}</th>')
    return "".join(found)


def _head_of_drawing(axis: str, heading: str) -> str:
    hidden = f'<span class="vh">{escape(heading)}</span>'
    return f'<th role="columnheader" scope="col" class="bar">{axis}{hidden}</th>'


def _row(table: Table, at: int) -> str:
    cells, columns = table.rows[at], _columns(table)
    found = []
    for column in columns:
        if table.drawn and column == columns[-1]:
            found.append(f'<td role="cell" class="bar">{table.drawn.marks[at]}</td>')
        words = _words(table, cells, column)
        if column == columns[0]:
            found.append(f'<th role="rowheader" scope="row">{words}</th>')
        else:
            # a narrow card says in front of each cell what it is
            head = "" if table.drawn else f' data-h="{escape(table.headings[column])}"'
            found.append(f'<td role="cell"{_class(table, column)}{head}>{words}</td>')
    return f'<tr role="row"{" class=top" if at in table.strong else ""}>{"".join(found)}</tr>'


def _words(table: Table, cells: tuple[str, ...], column: int) -> str:
    words = escape(cells[column])
    if column in table.tags and words:
        words = f'<span class="tag">{words}</span>'
    elif table.drawn and column in table.numbers and column == _columns(table)[-1]:
        # a figure is set large; a phrase is not
        words = f"<b>{words}</b>" if len(cells[column]) <= _FIGURE else words
    for below in (small for small, owner in table.under if owner == column):
        if cells[below]:
            small = escape(cells[below])
            tag = below in table.tags
            words += f' <span class="tag">{small}</span>' if tag else f"<br><small>{small}</small>"
    return words


def _class(table: Table, column: int) -> str:
    return ' class="n"' if column in table.numbers else ""


def _key(table: Table) -> str:
    if table.drawn is None or not table.drawn.key:
        return ""
    parts = "".join(f"<span>{mark}{escape(words)}</span>" for mark, words in table.drawn.key)
    return f'<p class="key">{parts}</p>'
