"""Every command, in the order of the data's journey."""

from __future__ import annotations

import typer

from schoolgate.cli import (
    backup,
    collect,
    corrections,
    demo,
    dictionary,
    erase,
    family,
    gate,
    log,
    match,
    notices,
    oversight,
    people,
    policy,
    protect,
    register,
    releases,
    requests,
    synthetic,
    upn,
    witness,
    work,
)
from schoolgate.cli.gate import read
from schoolgate.cli.site import serve

app = typer.Typer(
    help="schoolgate: every read of pupil data passes one gate, and anyone can see what ran.\n\n"
    "The journey: dictionary load → collect submit → match run → request apply, vote, sign → read.\n\n"
    "What came of it: log verify, request list, serve (the site). Try: schoolgate demo run",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(dictionary.app, name="dictionary")
app.add_typer(collect.app, name="collect")
app.add_typer(upn.app, name="upn")
app.add_typer(match.app, name="match")
app.add_typer(people.app, name="people")
app.add_typer(requests.app, name="request")
app.add_typer(notices.app, name="notices")
app.command("read")(read)
app.add_typer(gate.app, name="gate")
gate.app.command("trace")(releases.trace)
app.add_typer(releases.extracts, name="extract")
app.add_typer(releases.lookups, name="lookup")
app.add_typer(releases.stops, name="stop")
app.add_typer(releases.delays, name="delay")
app.add_typer(corrections.app, name="corrections")
app.add_typer(policy.app, name="policy")
app.add_typer(family.app, name="family")
app.add_typer(protect.app, name="protect")
app.add_typer(erase.app, name="erase")
app.add_typer(oversight.app, name="oversight")
app.add_typer(log.app, name="log")
app.add_typer(register.app, name="register")
app.add_typer(witness.app, name="witness")
app.command("serve")(serve)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
log.app.command("check-whole")(backup.check)
app.add_typer(work.app, name="work")
app.add_typer(synthetic.app, name="synthetic")
app.add_typer(demo.app, name="demo")
