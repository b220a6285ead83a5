"""What a line of the table of families' acts is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolgate import rights
from schoolgate.clock import Clock
from schoolgate.config import Config


@dataclass(frozen=True, slots=True)
class FamilyDoing:
    """One act being done.

    Attributes:
        account_id: whose turn it is.
        link: that the account may act for the child: looked up anew, in force, and the account's own; None for an act
            that is about no child yet.
        args: the arguments, of the types the table says.
    """

    account_id: int
    link: rights.ChildLink | None
    args: Mapping[str, Any]
    clock: Clock
    config: Config

    @property
    def actor(self) -> str:
        """Who acts, without a name."""
        return f"account:{self.account_id}"

    @property
    def child(self) -> rights.ChildLink:
        """The link of an act about a child.

        Raises:
            UnknownLink: there is none.
        """
        if self.link is None:
            raise rights.UnknownLink("This account has no such child.", code="link-unknown")
        return self.link


@dataclass(frozen=True, slots=True)
class FamilyAct:
    """One line of the table.

    Attributes:
        says: what it does, in a few words: "say that something is wrong".
        takes: argument -> type; only what crosses the gate's socket (plain values, dates, frozen values of them).
        gives: type of what comes of it; None when nothing is given back.
        run: does it; a `Refused` says why not.
        about_child: whether it is about a child that the account is linked to.
        needs: what the account's standing must let it do, a key of `rights.Competence.needs`; of an act about a child.
    """

    says: str
    takes: Mapping[str, Any]
    gives: Any
    run: Callable[[FamilyDoing], object]
    about_child: bool = True
    needs: str = "choose"
