"""A row about a client that the gateway knows, and that belongs to another tenant and another installation."""

import contextlib
import pathlib
import subprocess

import certificates
import intruder
from laboratory import BUILD
from table import row

_REFUSALS = "platen_gateway_refusals_total"
_FOREIGN = 'reason="foreign-tenant"'
_EVENTS = 90  # All lanes are among them.


@row(
    14, "a relay and a partner of another tenant, with good certificates: they say our events, in our name and their own, and ask for ours",
    "S: nothing of it is taken or shown, each event is refused and counted; ours go on; C",
    at_least=[("foreign events", 200), ("foreign streams", 6), ("foreign partner", 1)],
)  # fmt: skip
def refuse_other_tenants(lab):
    _let_others_in(lab)
    stored = len(lab.store.read().order)
    for _ in range(lab.times(3, 1)):
        lab.go_on_between(0.5, 2)
        made = _made(lab)
        _say_as_ours(lab, made)
        _say_as_theirs(lab, made)
        foreign = {identity for events in made.values() for identity, _ in events}
        lab.require(not foreign & lab.store.read().digests.keys(), "events of ours came in from another tenant's relay")
    lab.require(len(lab.store.read().order) > stored, "nothing of ours came in meanwhile")
    _ask_as_partner(lab)
    lab.recovers("another tenant's events")


def _let_others_in(lab):
    """The gateway serves another tenant, too, with a relay and a partner of its own."""
    certificates.dev_ca(lab.plan.path("ca"), "issue", "other-relay", "other-partner")
    config = lab.parts.config("gateway")
    config["clients"] += [
        {"name": "other-relay", "role": "relay", "installation": "elsewhere", "tenants": ["umbrella"]},
        {"name": "other-partner", "role": "partner", "tenants": ["umbrella"]},
    ]
    lab.parts.configure("gateway", config)
    lab.require(lab.parts.stop("gateway") == 0, "the gateway did not stop in order")
    lab.start("gateway")
    lab.ready("gateway")


def _made(lab):
    """Events of our devices that nobody has said yet: {lane: [(id, bytes)]}."""
    command = [BUILD / "tests" / "fault_made_lines", lab.folder / "devices", str(lab.random.randrange(1 << 30)), str(_EVENTS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    made = {}
    for line in said.stdout.splitlines():
        lane, identity, payload = line.split()
        made.setdefault(int(lane), []).append((identity, bytes.fromhex(payload)))
    lab.require(len(made) == 3, "not all lanes are among what was made", *made)
    return made


def _visit(lab, lane, installation, events):
    visit = intruder.Visit(lab.plan.ports["gateway-grpc"], lab.plan.path("ca"), "other-relay")
    visit.send(intruder.hello(installation, lane) + intruder.events([payload for _, payload in events]))
    lab.faults["foreign streams"] += 1
    return visit


def _say_as_ours(lab, made):
    """Speaks for our installation: it is shown the door."""
    for lane, events in made.items():
        with contextlib.closing(_visit(lab, lane, "default", events)) as visit:
            lab.wait(visit.is_over, "the gateway to end a stream of who is not of that installation")


def _say_as_theirs(lab, made):
    """Speaks for its own installation, of our devices: the stream is good, and each event is refused."""
    for lane, events in made.items():
        before = lab.metric("gateway", _REFUSALS, _FOREIGN)
        with contextlib.closing(_visit(lab, lane, "elsewhere", events)):
            lab.wait(lambda begin=before, least=len(events): lab.metric("gateway", _REFUSALS, _FOREIGN) - begin == least,
                     f"the gateway to refuse {len(events)} events of lane {lane}")  # fmt: skip
        lab.faults["foreign events"] += len(events)


def _ask_as_partner(lab):
    """It sees none of our devices."""
    context = lab.folder / "other-partner.yaml"
    text = (pathlib.Path(lab.plan.state) / "platenctl.yaml").read_text()
    context.write_text(text.replace("/platenctl.", "/other-partner."))
    command = [lab.plan.program("platenctl"), "--context", context, "devices", "list", "--output", "json"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    ours = [device["uid"] for device in lab.control.devices()]
    lab.require(ours and done.returncode == 0 and not [uid for uid in ours if uid in done.stdout], "another's partner sees ours", done.stdout[:300],
                done.stderr[:300])  # fmt: skip
    lab.faults["foreign partner"] += 1
