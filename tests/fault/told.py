"""What people were told, singly and in digests, and who was to be told of what."""

import collections
import json
import re

from ledger import ALARM, Lines

TAKES = ("ok", "endless")  # It has said 200; how its body goes on is nobody's business.
# Receivers, by where their messages come in.
_EVERYBODY = frozenset({"mail to service-desk", "webhook at /tickets"})
_ENGINEERS = frozenset({"mail to engineers", "webhook at /dispatch"})
# What a mail's text says of a member of a digest.
_MEMBER = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: (Cleared: )?(.*)$", re.MULTILINE)

# `identity` is the message's own, alone as in a digest. `alert` is empty where a mail's text does not say which.
Message = collections.namedtuple("Message", "identity incident transition alert")


def receivers_of(alert, by_rules):
    """Who is to be told of one of the source's alarms: everybody, or whom rules.yaml names."""
    if not by_rules:
        return _EVERYBODY
    if alert.endswith("-covered."):
        return frozenset()
    return _ENGINEERS if alert.endswith("-covering.") else _EVERYBODY


def messages_in_webhook(hook):
    """What a webhook tells of: itself, or each member of a digest, which keeps the id that it has by itself."""
    data = json.loads(hook["body"])["data"]
    told = data["members"] if data["transition"] == "digest" else [data | {"id": hook["id"]}]
    return [
        Message(each["id"], each["incident_id"], "RAISED" if each["transition"] == "raised" else "ENDED", each["alert"]["id"])
        for each in told
    ]


def messages_in_mail(mail):
    """The same of a mail: people read of its members in the text, programs know them by a header."""
    headers = mail["headers"]
    if "Platen-Members" not in headers:
        transition = "ENDED" if "In-Reply-To" in headers else "RAISED"
        return [Message(headers["Platen-Notification"], None, transition, _alarm_in(mail["text"]))]
    members = _MEMBER.findall(mail["text"])
    return [
        Message(identity, None, "ENDED" if cleared else "RAISED", _alarm_in(title))
        for identity, (cleared, title) in zip(headers["Platen-Members"].split(", "), members, strict=True)
    ]


def _alarm_in(text):
    found = ALARM.search(text)
    return found.group(0) if found else ""


class Told:
    """Mails and webhooks that came to the sinks. Only what a sink took counts as told; the rest was tried."""

    def __init__(self, mails, webhooks):
        self._mails, self._webhooks = Lines(mails), Lines(webhooks)
        # (receiver, alert id, RAISED | ENDED) of the source's alarms: ids of the messages that told of it, one for each try.
        self.messages = collections.defaultdict(list)
        self.taken = {}  # The same keys, in the order in which they were first taken.
        self.incidents = collections.defaultdict(set)  # (receiver, incident, transition) of everybody's: webhook ids
        self.tried = collections.Counter()  # (receiver, answer, whether it was a digest): tries
        self.tries = collections.defaultdict(list)  # Message-ID or Idempotency-Key: (answer, what was said), one for each try

    def read(self):
        for mail in map(json.loads, self._mails.more()):
            receiver = "mail to " + mail["to"][0].partition("@")[0]
            self._note(receiver, messages_in_mail(mail), mail["answer"])
            self.tries[mail["message_id"]].append((mail["answer"], mail["raw"]))
        for hook in map(json.loads, self._webhooks.more()):
            self._note("webhook at " + hook["path"], messages_in_webhook(hook), hook["answer"])
            self.tries[hook["id"]].append((hook["answer"], hook["body"]))
        return self

    def _note(self, receiver, messages, answer):
        self.tried[receiver, answer, len(messages) > 1] += 1
        for message in messages:
            if message.incident is not None:
                self.incidents[receiver, message.incident, message.transition].add(message.identity)
            if not ALARM.fullmatch(message.alert):
                continue
            key = (receiver, message.alert, message.transition)
            self.messages[key].append(message.identity)
            if answer in TAKES:
                self.taken.setdefault(key)

    def count(self, receivers, answers, digests=None):
        """Tries with receivers whose name begins so ("mail") that had one of these answers: all, or digests only."""
        return sum(
            count
            for (receiver, answer, is_digest), count in self.tried.items()
            if receiver.startswith(receivers) and answer in answers and digests in (None, is_digest)
        )

    @property
    def repeated(self):
        """Messages that were sent again."""
        return sum(len(ids) - 1 for ids in self.messages.values())
