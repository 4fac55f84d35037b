"""Rows about receivers, with a notifier that goes by rules: it groups by site, and keeps quiet what is covered (rules.yaml)."""

import time

from laboratory import Setup
from obligations import owed_messages
from table import row
from told import TAKES

_BY_RULES = Setup(by_rules=True)
_SICK = {"webhook": ("503", "hang", "429:2", "drop"), "mail": ("451", "drop")}


@row(
    16, "with rules that group and inhibit: webhooks that hang, break off, answer 503 or 429, then mailboxes that break off or refuse for now",
    "the others are told meanwhile; A: nothing is lost of the digests when they recover, nobody is told of what is inhibited",
    _BY_RULES, at_least=[(f"{way} answered {answer}", 1) for way, answers in _SICK.items() for answer in answers],
)  # fmt: skip
def sicken_receivers_of_digests(lab):
    for way, answers in _SICK.items():
        for answer in lab.random.sample(answers, len(answers)):
            before = lab.told.read().count(way, [answer])
            _answer(lab, way, answer)
            lab.wait(lambda: lab.told.read().count(way, [answer]) > before, f"a {way} to be answered {answer}")
            others = {key for key in _owed(lab) if not key[0].startswith(way)}
            began = time.monotonic()
            lab.wait(lambda: others <= lab.told.read().taken.keys(), f"others to be told beside a {way} that is answered {answer}")
            name = f"told beside a sick {way} after, s"
            lab.figures[name] = max(round(time.monotonic() - began, 1), lab.figures.get(name, 0))
            lab.faults[f"{way} answered {answer}"] += lab.told.count(way, [answer]) - before
        _answer(lab, way, None)
        owed = _owed(lab)
        lab.wait(lambda: owed <= lab.told.read().taken.keys(), f"each {way} to be told when it has recovered")
    lab.figures |= {f"digests by {way}": lab.told.count(way, TAKES, digests=True) for way in _SICK}


@row(
    17, "with rules that group: webhooks and mailboxes take digests, and their answers are lost",
    "A: a digest comes again, each member under the same id, and ends once it is answered", _BY_RULES, short=True,
    at_least=[("answers to a webhook lost", 4), ("answers to a mail lost", 4)],
)  # fmt: skip
def lose_answers_to_digests(lab):
    for _ in range(lab.times(3, 1)):
        for way in lab.random.sample(sorted(_SICK), len(_SICK)):
            lab.go_on_between(0.5, 2)
            before = lab.told.read().count(way, ["drop"], digests=True)
            _answer(lab, way, "drop")
            lab.wait(lambda: lab.told.read().count(way, ["drop"], digests=True) >= before + 2, f"answers to digests by {way} to be lost")
            _answer(lab, way, None)
            lab.faults[f"answers to a {way} lost"] += lab.told.count(way, ["drop"], digests=True) - before
    lab.wait(lambda: lab.told.read().messages.keys() <= lab.told.taken.keys(), "what was not taken to come again")
    again = {identity: said for identity, said in lab.told.tries.items() if len(said) > 1}
    changed = [identity for identity, said in again.items() if len({text for _, text in said}) > 1]
    lab.require(not changed, "a repeat says something else than the first", *changed)
    lab.figures["told again under the same id"] = len(again)


def _answer(lab, way, answer):
    """From now on the way's receivers answer so; None: they are well."""
    file = lab.plan.state / {"webhook": "webhooks.answer", "mail": "mail.answer"}[way]
    if answer:
        file.write_text(answer)
    else:
        file.unlink()


def _owed(lab):
    lab.witness.read()
    return owed_messages(lab)
