"""The table of faults: each row is a function of a Laboratory, declared with what goes wrong and what must hold."""

import time
from dataclasses import dataclass

import obligations
from laboratory import Setup


@dataclass(frozen=True)
class Row:
    """`run` does the harm; the obligations are checked behind it, for every row."""

    number: int
    fault: str
    holds: str
    run: object
    setup: Setup
    short: bool  # Whether it is part of `make test`.
    dead_letters: tuple
    long: bool  # Runs only where it is asked for by its number.
    at_least: tuple  # (fault, how often): in the whole set, what must have happened.
    again_max: object  # How many messages may be sent a second time; None: as many as it takes.

    @property
    def name(self):
        return self.run.__name__


ROWS = []


def row(number, fault, holds, setup=Setup(), short=False, long=False, dead_letters=(), at_least=(), again_max=None):
    """Declares a row of the table."""

    def declare(run):
        ROWS.append(Row(number, fault, holds, run, setup, short, tuple(dead_letters), long, tuple(at_least), again_max))
        return run

    return declare


def run_row(declared, laboratory, seed):
    """Runs a row in a laboratory that is up. Returns its figures; raises where something does not hold."""
    began = time.monotonic()
    laboratory.begin(declared.number, seed)
    declared.run(laboratory)
    figures = obligations.check(laboratory, declared.dead_letters)
    again = figures["messages again"]
    obligations.require(declared.again_max is None or again <= declared.again_max, f"{again} messages were sent a second time")
    faults = dict(laboratory.faults)
    for fault, least in declared.at_least:
        least = least if not laboratory.short else 1
        if faults.get(fault, 0) < least:
            raise obligations.Broken(f"{fault} happened {faults.get(fault, 0)} times, at least {least} were meant to: {faults}")
    if not faults:
        raise obligations.Broken("no fault happened")
    return {"faults": faults, "figures": laboratory.figures, "seconds": round(time.monotonic() - began, 1), **figures}
