"""The words that are written to recipients, the custodian and the overseer about notices. They name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schoolgate.gate.corrections.states import CORRECTIONS, ERASED

_WHERE = " See Corrections on the site, or: schoolgate corrections list"

Letter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Letters:
    """What is written about one kind of notice: subject and text of each."""

    sent: Letter
    soon: Letter
    late: Letter
    custodian: Letter
    overseer: Letter


LETTERS: Mapping[str, Letters] = MappingProxyType(
    {
        CORRECTIONS: Letters(
            sent=(
                "Values that you were given were put right",
                "Some values in data that you were given were wrong and were put right, or were taken back by families."
                " Fetch the notice, put right what you hold, and say what you did." + _WHERE,
            ),
            soon=(
                "Answer for corrections soon",
                "You have not yet said what you did about values that were put right. The last day to do so is near."
                + _WHERE,
            ),
            late=(
                "Corrections were not answered for",
                "You did not say in time what you did about values that were put right. The custodian knows. If no"
                " answer comes, nothing more can be read under your agreement." + _WHERE,
            ),
            custodian=(
                "A recipient did not answer for corrections",
                "A recipient did not say in time what it did about values that were put right. Ask it." + _WHERE,
            ),
            overseer=(
                "A recipient still does not answer for corrections",
                "A recipient is two weeks late in saying what it did about values that were put right. The custodian"
                " was told." + _WHERE,
            ),
        ),
        ERASED: Letters(
            sent=(
                "Data that you were given was erased",
                "Some of the data that you were given was erased. Fetch the notice, delete what you hold of it, and say"
                " what you did." + _WHERE,
            ),
            soon=(
                "Answer for erased data soon",
                "You have not yet said what you did about data that was erased. The last day to do so is near."
                + _WHERE,
            ),
            late=(
                "Erased data was not answered for",
                "You did not say in time what you did about data that was erased. The custodian knows. If no answer"
                " comes, nothing more can be read under your agreement." + _WHERE,
            ),
            custodian=(
                "A recipient did not answer for erased data",
                "A recipient did not say in time what it did about data that was erased. Ask it." + _WHERE,
            ),
            overseer=(
                "A recipient still does not answer for erased data",
                "A recipient is two weeks late in saying what it did about data that was erased. The custodian was"
                " told." + _WHERE,
            ),
        ),
    }
)
"""Kind of notice -> its letters."""
