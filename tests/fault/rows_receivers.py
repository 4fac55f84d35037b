"""Rows about those who are told: receivers that are slow, refuse for a while, or answer in vain."""

import contextlib
import json
import pathlib
import sys
import time

from laboratory import Setup
from platen_local.installation import SINKS
from platen_local.processes import Child, wait_until
from table import row
from told import TAKES, messages_in_webhook

_SICK = ("503", "hang", "429:2", "drop", "endless", "500")
_OTHERS = ("chat", "dispatch")
_FIRST_PORT = 20301


@row(
    16, "a webhook that hangs, breaks off, answers 5xx or 429 with Retry-After, beside healthy receivers",
    "the healthy ones are told meanwhile; its queue is bounded; A: nothing of it is lost when it recovers",
    Setup(devices=38), at_least=[(f"answered {answer}", 1) for answer in _SICK],
)  # fmt: skip
def sicken_receiver(lab):
    with _other_receivers(lab) as others:
        lab.passes(300)
        # Whoever was not told of a beginning is not told of its end.
        known = {alert for alert, _ in lab.witness.read().alarms}
        sink = pathlib.Path(lab.plan.path("webhooks.answer"))
        slowest = 0.0
        for answer in lab.random.sample(_SICK, len(_SICK)):
            # Tried seldom by now: whoever is away is asked again after a while that grows.
            sink.write_text(answer)
            since = len(_told(lab.plan.path("webhooks.jsonl")))
            lab.wait(lambda begin=since: len(_told(lab.plan.path("webhooks.jsonl"))) > begin, f"a message to be answered {answer}")
            alarms = {alarm for alarm in lab.witness.read().alarms if alarm[0] not in known}
            began = time.monotonic()
            for path in others:
                lab.wait(lambda each=path, wanted=alarms: wanted <= _alarms(each), f"healthy receivers to be told beside {answer}")
            slowest = max(slowest, time.monotonic() - began)
            lab.faults[f"answered {answer}"] += len(_told(lab.plan.path("webhooks.jsonl"))) - since
        lab.figures["deliveries that waited for the sick receiver"] = int(lab.metric("notifier", "platen_notifier_queued_deliveries"))
        lab.figures["healthy receivers behind by, s"] = round(slowest, 1)
        sink.unlink()
        _all_taken(lab)
        # Who is told by mail was never held up either: the check behind this row asks for that.


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
        taken = [hook for hook in hooks if hook["answer"] in TAKES]
        # What waited may have come in a digest.
        return _messages(hooks) - _messages(taken)

    lab.wait(lambda: not open_ones(), "what was not taken to come again")


@contextlib.contextmanager
def _other_receivers(lab):
    """Two more webhooks beside those of every installation; yields where they note what they are told."""
    config, ports = lab.parts.config("notifier"), range(_FIRST_PORT, _FIRST_PORT + len(_OTHERS))
    usual = next(receiver for receiver in config["receivers"] if "webhook" in receiver)["webhook"]
    sinks, paths = [], []
    try:
        for name, port in zip(_OTHERS, ports):
            paths.append(lab.folder / f"{name}.jsonl")
            command = [sys.executable, SINKS / "webhook-sink", "--port", port, "--store", paths[-1]]
            sinks.append(Child(name, command, lab.folder / f"{name}.log.txt"))
            config["receivers"].append({"name": name, "webhook": usual | {"url": f"http://127.0.0.1:{port}/{name}"}})
        for sink in sinks:
            wait_until(lambda each=sink: "listening on " in each.said(), f"{sink.name} to listen")
        restart_notifier(lab, config)
        yield paths
        restart_notifier(lab, lab.parts.config("notifier"))
    finally:
        for sink in sinks:
            sink.kill()


def restart_notifier(lab, config):
    lab.parts.configure("notifier", config)
    lab.require(lab.parts.stop("notifier") == 0, "the notifier did not stop in order")
    lab.start("notifier")
    lab.ready("notifier")


def _told(path):
    path = pathlib.Path(path)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def _messages(hooks):
    """Ids of all messages of which they tell."""
    return {message.identity for hook in hooks for message in messages_in_webhook(hook)}


def _alarms(path):
    """(alert id, RAISED | ENDED) that a receiver was told of."""
    return {(message.alert, message.transition) for hook in _told(path) for message in messages_in_webhook(hook)}
