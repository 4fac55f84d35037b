"""The check at the end of each row, with all faults gone: what is owed is where it belongs, once, byte for byte, and nothing else is.

Owed is what the source was acknowledged and what the witness saw in Kafka. There in turn must be each number that was in the spool of
a collector that was killed, or a gap that tells it as given up: another had taken over, says what still holds under numbers of its own, and
the collector what came and went, under other names (docs/decisions/0007). Ids of what was in a spool are therefore no promise.
"""

import collections
import time

from told import TAKES, receivers_of

# Far above what any service needs here, far below what a leak would make of it.
MEGABYTES_MAX = 400
DESCRIPTORS_MAX = 300


class Broken(AssertionError):
    """A promise does not hold; the message says which, and for what."""


def check(laboratory, dead_letters=()):
    """Ends faults and load, waits for everything to arrive, and judges. Returns figures. `dead_letters`: reasons for which events
    may be among the dead letters instead."""
    began = time.monotonic()
    laboratory.heal()
    healed = time.monotonic()
    fresh_events_pass(laboratory)
    fresh = time.monotonic()
    laboratory.stop_source()
    figures = judge(laboratory, dead_letters)
    return {
        "healed_s": round(healed - began, 1),
        "fresh_s": round(fresh - healed, 1),
        "settled_s": round(time.monotonic() - fresh, 1),
        **figures,
        "peaks": {name: round(value) for name, value in sorted(laboratory.watch.peaks.items())},
        "sums": laboratory.watch.sums,
    }


def judge(laboratory, dead_letters=()):
    """What must hold once the load has ended."""
    _spooled_is_told(laboratory)
    _jams_end(laboratory)
    figures = _conservation(laboratory, dead_letters)
    figures |= _alarms(laboratory)
    _commits_never_fall(laboratory)
    _order(laboratory)
    _bounds(laboratory)
    return figures


def require(holds, what, *examples):
    """Raises Broken with what was found where it does not hold."""
    if not holds:
        shown = ", ".join(map(str, examples[:5]))
        raise Broken(f"{what}{': ' + shown if shown else ''}{f' … ({len(examples)})' if len(examples) > 5 else ''}")


def fresh_events_pass(laboratory):
    """Liveness: of each partition of each lane, something that was tried after this call is stored. Returns seconds."""
    began = time.monotonic()
    source, store = laboratory.source_ledger.read(), laboratory.store
    before = len(source.tried)

    def all_pass():
        fresh = list(source.read().tried.items())[before:]
        stored = store.read().digests
        arrived = {place for identity, (_, place) in fresh if identity in stored}
        places = {place for _, place in source.tried.values()}
        # Of thirty events two at least are a device's alerts: by then each device's partition was said something in each lane.
        # Now and then there is a partition without a device.
        return len(source.tried) >= 30 * laboratory.setup.devices and arrived == places

    laboratory.wait(all_pass, "fresh events to pass through every partition")
    return time.monotonic() - began


def _spooled_is_told(laboratory):
    """Kafka has each number that was in the spool of a killed collector, or a gap that tells it as given up."""
    witness = laboratory.witness

    def untold():
        witness.read()
        return sorted(each for each in laboratory.spooled if not witness.knows(*each))

    _wait_or_break(laboratory, lambda: not untold(), lambda: ("spooled events are neither in Kafka nor given up", *untold()))


def _jams_end(laboratory):
    """All printers are cleared by now: each jam of which Kafka has the beginning has an end there, too."""
    witness = laboratory.witness

    def lasting():
        return sorted(jam for jam, seen in witness.read().jams.items() if "RAISED" in seen and "ENDED" not in seen)

    _wait_or_break(laboratory, lambda: not lasting(), lambda: ("jams never ended", *lasting()))


def _conservation(laboratory, dead_letters):
    source, witness, store = laboratory.source_ledger, laboratory.witness, laboratory.store
    source.read()
    for name in laboratory.plan.collector_names:
        laboratory.wait(lambda each=name: laboratory.metric(each, "platen_spool_bytes") == 0, f"the spool of {name} to be empty")
    laboratory.wait(lambda: source.acknowledged <= witness.read().digests.keys(), "the witness to see what was acknowledged")
    owed = source.acknowledged | witness.digests.keys()

    def missing():
        witness.read()
        # Dead letters of an earlier row were judged there.
        return owed - store.read().digests.keys() - witness.dead_letters.keys()

    _wait_or_break(laboratory, lambda: not missing(), lambda: ("owed events are not at the gateway", *sorted(missing())))
    others = {reason: count for reason, count in witness.reasons.items() if reason not in dead_letters}
    require(not others, "there are dead letters", *others.items())
    require(not store.repeated, "events have two rows", *store.repeated)

    def phantoms():
        return store.digests.keys() - store.own - source.tried.keys() - witness.read().digests.keys()

    _wait_or_break(laboratory, lambda: not phantoms(), lambda: ("the gateway has what nobody said", *sorted(phantoms())))
    for identity, digest in store.digests.items():
        if identity in source.tried:
            require(digest == source.tried[identity][0], "other bytes than were said", identity)
        elif identity not in store.own:
            require(digest in witness.digests[identity], "other bytes than Kafka had", identity)
    return {
        "owed": len(owed),
        "tried": len(source.tried),
        "spooled": len(laboratory.spooled),
        "repeats in Kafka": witness.repeated,
        "dead letters": sum(witness.reasons.values()),
    }


def _wait_or_break(laboratory, condition, explain):
    try:
        laboratory.wait(condition, "")
    except Exception as error:
        if str(error).startswith("gave up"):
            require(False, *explain())
        raise


def _alarms(laboratory):
    """Each beginning and each end of the source's alarms is told to each receiver that rules name, alone or in a digest: under one
    id, the beginning first; and nobody is told of anything else."""
    witness, told = laboratory.witness, laboratory.told
    keys = owed_messages(laboratory)

    def untold():
        return keys - told.read().taken.keys()

    _wait_or_break(laboratory, lambda: not untold(), lambda: ("alarms were not told", *sorted(untold())))
    for key, ids in told.messages.items():
        require(len(set(ids)) == 1, "told under two ids", key, ids)
        require(key[1:] in witness.alarms, "told of an alarm that Kafka never had", key)
        require(key in keys, "told who is not to be told", key)
    for key, ids in told.incidents.items():
        require(len(ids) == 1, "told under two ids", key, ids)
    begun = set()
    for receiver, alert, transition in told.taken:
        begun.add((receiver, alert, transition))
        require((receiver, alert, "RAISED") in begun, "told of an end before its beginning", (receiver, alert))
    if laboratory.setup.by_rules:
        for receiver in {receiver for receiver, _, _ in keys}:
            require(told.count(receiver, TAKES, digests=True) > 0, f"{receiver} had no digest")
        require(any(alert.endswith("-covered.") for alert, _ in witness.alarms), "nothing was inhibited")
    return {"alarms": len(witness.alarms), "jams": len(witness.jams), "messages": len(told.messages), "messages again": told.repeated}


def owed_messages(laboratory):
    """(receiver, alert id, RAISED | ENDED) of what receivers are to be told of the source's alarms that Kafka has by now."""
    by_rules = laboratory.setup.by_rules
    return {(receiver, *alarm) for alarm in laboratory.witness.alarms for receiver in receivers_of(alarm[0], by_rules)}


def _commits_never_fall(laboratory):
    witness = laboratory.witness
    require(witness.commits > 0, "no group committed anything")
    require(not witness.fallen, "committed offsets went back", *witness.fallen)


def _order(laboratory):
    """Per partition (so per device and lane), the gateway stored the source's events in the order in which they were said."""
    tried = laboratory.source_ledger.tried
    place_in_order = {identity: number for number, identity in enumerate(tried)}
    last = collections.defaultdict(int)
    for identity in laboratory.store.order:
        if identity in tried:
            partition = tried[identity][1]
            require(place_in_order[identity] >= last[partition], "stored out of order", partition, identity)
            last[partition] = place_in_order[identity]


def _bounds(laboratory):
    for name, value in laboratory.watch.peaks.items():
        require(not name.endswith(" MB") or value <= MEGABYTES_MAX, f"{name}: {value:.0f}, at most {MEGABYTES_MAX}")
        require(not name.endswith(" descriptors") or value <= DESCRIPTORS_MAX, f"{name}: {value}, at most {DESCRIPTORS_MAX}")
