"""Rows about those who are told."""

import json
import pathlib

from table import row


@row(
    17, "a webhook takes the message, and its answer is lost", "A: it comes again under the same id, and ends once it is answered",
    short=True, at_least=[("answers lost", 3)],
)  # fmt: skip
def lose_answers(lab):
    sink = pathlib.Path(lab.plan.path("webhooks.answer"))
    for _ in range(lab.times(5, 1)):
        lab.go_on_between(0.5, 2)
        before = len(_told(lab.plan.path("webhooks.jsonl")))
        sink.write_text("drop")
        lab.wait(lambda begin=before: len(_told(lab.plan.path("webhooks.jsonl"))) >= begin + 3, "3 answers to be lost")
        sink.unlink()
        lab.faults["answers lost"] += sum(hook["answer"] == "drop" for hook in _told(lab.plan.path("webhooks.jsonl"))[before:])
    _all_taken(lab)
    hooks = _told(lab.plan.path("webhooks.jsonl"))
    lost = {hook["id"] for hook in hooks if hook["answer"] == "drop"}
    bodies = {}
    for hook in hooks:
        if hook["id"] in lost:
            bodies.setdefault(hook["id"], set()).add(hook["body"])
    lab.figures["told again under the same id"] = len(lost)
    changed = [identity for identity, said in bodies.items() if len(said) > 1]
    lab.require(not changed, "a repeat says something else than the first", *changed)


def _all_taken(lab):
    """Returns when every message that the receiver did not take has come again and was taken."""

    def open_ones():
        hooks = _told(lab.plan.path("webhooks.jsonl"))
        return {hook["id"] for hook in hooks} - {hook["id"] for hook in hooks if hook["answer"] == "ok"}

    lab.wait(lambda: not open_ones(), "what was not taken to come again")


def _told(path):
    path = pathlib.Path(path)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
