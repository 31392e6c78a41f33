"""`reviewer patterns`: learn from post-mortems, look up what has happened, and keep the catalog."""

from __future__ import annotations

import typer

from reviewer.surfaces.cli.patterns import keeping, learning, lookup, outcomes

app = typer.Typer(help="Learn from post-mortems, and look up what has happened.", rich_markup_mode=None)
app.command("learn")(learning.learn)
app.command("replay")(learning.replay)
app.command("search")(lookup.search)
app.command("match")(lookup.match)
app.command("siblings")(lookup.siblings)
app.command("list")(lookup.list_all)
app.command("show")(lookup.show)
app.command("export")(keeping.export)
app.command("import")(keeping.import_from)
app.command("pin")(keeping.pin)
app.command("feedback")(outcomes.feedback)
app.command("outcomes")(outcomes.outcomes)
