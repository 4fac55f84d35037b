"""What people order about alerts, through all real processes: rules, acknowledgements, silences; from platenctl by gateway,
relay and Kafka to the notifier, and back into the history."""

import collections
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import SOURCE, World  # noqa: E402
from platen_local import configs  # noqa: E402
from platen_local.processes import ProcessError  # noqa: E402

BUILD = os.environ.get("PLATEN_BUILD_DIR", str(SOURCE / "build" / "dev"))

SHIPPED = str(SOURCE / "deploy" / "rules" / "default.yaml")

# By the shipped rules a jam is told after ten minutes. The step must come later than an acknowledgement takes on its way.
RULES = """
records:
  - name: tenants/acme/rules/jam
    rule:
      order: 30
      any_of: [{all_of: [{field: alert.category, is: [jam]}]}]
      receivers: [service-desk]
      escalation: soon
  - name: tenants/acme/escalations/soon
    escalation: {steps: [{after: 20s, receivers: [contacts/boss]}]}
  - name: tenants/acme/contacts/boss
    contact: {emails: [boss@platen.test]}
"""


def fetch(link, form=None):
    """Status and page of a link: looked at, or with its form sent."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(link, data=data, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


# By the shipped rules silence is told after half an hour of the working day.
SILENT_SITE = """
records:
  - name: tenants/acme/rules/silent
    rule:
      order: 40
      any_of: [{all_of: [{field: alert.origin, is: [platen]}]}]
      group: {by: site, wait: 20s, interval: 20s}
      site_silence: {at_least: 3, percent: 5}
      receivers: [service-desk]
"""


class OrdersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(BUILD, rules_file=SHIPPED).__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.unused = collections.deque(cls.world.printers)
        cls.folder = tempfile.TemporaryDirectory(prefix="platen-rules-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.order("rules", "apply", cls.write(RULES))

    @classmethod
    def write(cls, text):
        number, path = tempfile.mkstemp(suffix=".yaml", dir=cls.folder.name)
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @classmethod
    def order(cls, *words):
        """An order of which all records are new; returns once the notifier has read them."""
        world = cls.world

        def taken():
            return world.metric("notifier", "platen_notifier_rule_records_total", 'result="taken"')

        before = taken()
        said = world.control.run(*words)
        world.wait(lambda: taken() > before and world.metric("gateway", "platen_gateway_directives_pending") == 0, "orders")
        return said

    def missing_names(self):
        return self.world.metric("notifier", "platen_notifier_rules_missing")

    def take(self):
        return self.unused.popleft()

    def mails(self, printer, subject):
        """The mails about a printer whose subject begins so; "" for its raise."""
        mails = [mail for mail in self.world.installation.mails() if printer.serial in (mail["text"] or "")]
        return [mail for mail in mails if mail["subject"].startswith(subject or "[Acme")]

    def wait_mail(self, printer, subject):
        return self.world.wait(lambda: self.mails(printer, subject), f"a mail {subject} about {printer.serial}")[0]

    def jam(self, printer):
        self.world.fleet.tell(f"jam {printer.number}")

    def acknowledge(self, printer, *words):
        """The mail about it may be there before the gateway knows of it."""
        self.world.wait(lambda: self.explained(printer), "the alert at the gateway")
        self.world.control.run("alerts", "ack", printer.serial, "--for", "4h", *words)

    def explained(self, printer):
        """Empty as long as the gateway knows of no alert there."""
        return self.world.control.run("alerts", "explain", printer.serial, fails_with=4)

    def tried(self, printer):
        """What the rules that hold now make of its alert."""
        (alert,) = self.world.control.objects("alerts", "list", "--device", printer.serial)
        return self.world.control.run("rules", "test", "-", "--over", SHIPPED, given=json.dumps(alert))

    # --- acknowledged -------------------------------------------------------------------------------------------------

    def test_what_somebody_takes_care_of_is_not_passed_on_and_ends_in_its_thread(self):
        cared, other = self.take(), self.take()
        self.jam(cared)
        raised = self.wait_mail(cared, "")
        self.acknowledge(cared, "--note", "on my way")
        told = self.wait_mail(cared, "[Acknowledged]")
        self.assertEqual(told["headers"]["In-Reply-To"], raised["message_id"])
        self.assertIn("on my way", told["text"])
        # What is to come is not taken care of.
        self.assertNotIn("takes care", self.tried(cared))

        # What began later and nobody cares for is passed on by now.
        self.jam(other)
        self.wait_mail(other, "")
        escalated = self.wait_mail(other, "[Escalated]")
        self.assertEqual(escalated["to"], ["boss@platen.test"])
        self.assertEqual(self.mails(cared, "[Escalated]"), [])

        self.world.fleet.tell(f"clear {cared.number}")
        cleared = self.wait_mail(cared, "[Cleared]")
        self.assertEqual(cleared["headers"]["In-Reply-To"], raised["message_id"])
        self.world.wait(lambda: "ended: cleared" in self.explained(cared), "its end in the history")
        said = self.explained(cared)
        self.assertIn("acknowledged until", said)
        self.assertIn("on my way", said)
        self.assertRegex(said, r"delivered to service-desk by email \(tenants/acme/rules/jam\)")
        self.world.wait(lambda: "passed on: nobody has acknowledged it" in self.explained(other), "the step in the history")

    def test_a_link_in_the_mail_acknowledges_once_and_is_told_in_the_thread(self):
        printer = self.take()
        self.jam(printer)
        raised = self.wait_mail(printer, "")
        link = re.search(r"^http://127\.0\.0\.1:\d+/acknowledge/\S+", raised["text"], re.MULTILINE)[0]
        self.assertIn(f'href="{link}"', raised["html"])

        # The notifier is told at once, the gateway by way of the relay.
        self.world.wait(lambda: fetch(link)[0] == 200, "the gateway to know the alert")
        for _ in range(3):  # As scanners and previews do.
            status, page = fetch(link)
            self.assertEqual(status, 200)
            self.assertIn("I take care of it", page)
            self.assertIn(printer.serial, page)
        self.assertEqual(fetch(link[:-1])[0], 404)
        self.assertEqual(self.mails(printer, "[Acknowledged]"), [])

        status, page = fetch(link, {"for": "1h", "note": "coming <b>now</b>"})
        self.assertEqual(status, 200, page)
        told = self.wait_mail(printer, "[Acknowledged]")
        self.assertEqual(told["headers"]["In-Reply-To"], raised["message_id"])
        self.assertIn("service-desk by link", told["text"])
        self.assertIn("coming <b>now</b>", told["text"])
        self.assertNotIn("/acknowledge/", told["text"])
        self.world.wait(lambda: "service-desk by link" in self.explained(printer), "its author in the history")

        status, page = fetch(link, {"note": "again"})
        self.assertEqual(status, 409)
        self.assertIn("works once", page)
        self.world.fleet.tell(f"clear {printer.number}")
        self.wait_mail(printer, "[Cleared]")
        self.assertEqual(len(self.mails(printer, "[Acknowledged]")), 1)
        # The token is in no log.
        token = link.rpartition("/")[2]
        for name in ("gateway", "notifier"):
            self.assertNotIn(token, self.world.installation.log(name).read_text())

    # --- silenced -----------------------------------------------------------------------------------------------------

    def test_a_silence_is_quiet_says_why_and_what_is_open_is_told_when_it_ends(self):
        printer = self.take()
        said = self.order("alerts", "silence", "--device", printer.serial, "--for", "2h", "--note", "being moved")
        name = said.split()[-1]
        self.assertIn("tenants/acme/sites/headquarters/silences/", name)
        self.assertIn("Of what is open now, 0 alerts match.", said)
        self.jam(printer)
        self.world.wait(lambda: "waits: a silence keeps it quiet" in self.explained(printer), "the reason in the history")
        self.assertIn(name, self.explained(printer))
        self.assertEqual(self.mails(printer, ""), [])

        self.world.control.run("alerts", "unsilence", name)
        raised = self.wait_mail(printer, "")
        self.world.fleet.tell(f"clear {printer.number}")
        self.assertEqual(self.wait_mail(printer, "[Cleared]")["headers"]["In-Reply-To"], raised["message_id"])

        brief = self.order("alerts", "silence", "--device", printer.serial, "--for", "2h", "--note", "x", "--name", "brief")
        self.assertIn("/silences/brief", brief)
        self.assertIn("/silences/brief", self.world.control.run("alerts", "unsilence", "brief"))
        self.assertEqual(self.world.control.run("alerts", "ack", printer.serial, fails_with=2), "", "for how long?")

    # --- not delivered ------------------------------------------------------------------------------------------------

    def test_whoever_asks_why_no_mail_came_reads_what_stands_in_its_way(self):
        printer = self.take()
        self.world.installation.kill("mail")
        self.jam(printer)
        late = "not delivered yet to service-desk by email (tenants/acme/rules/jam), try 1 failed: "
        self.world.wait(lambda: late in self.explained(printer), "the failure in the history")
        said = self.explained(printer)
        self.assertRegex(said, r"failed: .*(refused|connect).*; next try at 20\d\d-")
        self.assertIn("Still being tried: service-desk.", said)

        self.world.restart("mail")
        self.wait_mail(printer, "")
        self.world.wait(lambda: "delivered to service-desk by email" in self.explained(printer), "its end in the history")
        self.assertNotIn("Still being tried", self.explained(printer))

    # --- rules --------------------------------------------------------------------------------------------------------

    def test_a_rule_holds_once_it_is_set_and_no_longer_once_it_is_taken_back(self):
        site = "tenants/acme/sites/headquarters"
        missing = self.missing_names()
        misspelt = f"records: [{{name: {site}/rules/jam, rule: {{receivers: [sevrice-desk]}}}}]"
        self.order("rules", "apply", self.write(misspelt))
        self.world.wait(lambda: self.missing_names() == missing + 1, "a receiver that nobody has to be noticed")
        self.order("rules", "apply", self.write(f"records: [{{name: {site}/rules/jam, rule: {{off: true}}}}]"))
        self.world.wait(lambda: self.missing_names() == missing, "a rule that is off to name nobody")
        listed = self.world.control.objects("rules", "list", "--tenant", "acme", "--site", "headquarters", "--kind", "rules")
        self.assertEqual([record["author"] for record in listed], ["platenctl"])
        printer = self.take()
        self.jam(printer)
        self.world.wait(lambda: "no rule takes it" in self.explained(printer), "the jam at the gateway")
        self.assertIn("nobody is told", self.tried(printer))

        self.order("rules", "delete", f"{site}/rules/jam")
        self.assertIn("tenants/acme/rules/jam takes it", self.tried(printer))
        other = self.take()
        self.jam(other)
        self.wait_mail(other, "")
        self.assertEqual(self.mails(printer, ""), [])

    def test_orders_that_were_given_while_the_relay_is_gone_hold_once_it_is_back(self):
        site = "tenants/acme/sites/headquarters"
        records = "\n".join(
            f"  - {{name: {site}/rules/of-no-use-{number}, rule: {{off: true}}}}" for number in range(300)
        )
        many = self.write(f"records:\n{records}\n  - {{name: {site}/rules/jam, rule: {{off: true}}}}\n")
        # A receiver that nobody has shows which of the two orders about jams the notifier goes by.
        missing = self.missing_names()
        self.order("rules", "apply", self.write(f"records: [{{name: {site}/rules/jam, rule: {{receivers: [sevrice-desk]}}}}]"))
        self.world.wait(lambda: self.missing_names() == missing + 1, "a receiver that nobody has to be noticed")
        self.world.installation.kill("relay")
        self.world.control.run("rules", "apply", many)
        self.assertIn("on its way", self.world.control.run("rules", "list", "--tenant", "acme", "--site", "headquarters"))
        self.world.installation.start("relay")

        def handed_over():
            return 301 - self.world.metric("gateway", "platen_gateway_directives_pending")

        # Cut off again in the midst of them.
        self.world.wait(lambda: handed_over() > 0, "the first orders to be there")
        self.world.installation.kill("relay")
        self.world.restart("relay")

        self.world.wait(lambda: handed_over() == 301, "all orders to be there")
        self.world.wait(lambda: self.missing_names() == missing, "the notifier to have read the last one")
        printer = self.take()
        self.jam(printer)
        self.world.wait(lambda: "no rule takes it" in self.explained(printer), "the last order to hold")
        only_one = self.write(f"records: [{{name: {site}/rules/of-no-use-0, rule: {{off: true}}}}]")
        self.order("rules", "apply", "--prune", only_one)
        self.order("rules", "delete", f"{site}/rules/of-no-use-0")

    def become(self, role, tenant):
        """What platenctl needs to be the partner, who has this role from now on."""
        plan = self.world.plan
        config = configs.gateway(plan)
        config["clients"][2] = {"name": "partner", "role": role, "tenants": [tenant]}
        self.world.installation.configure("gateway", config)
        self.world.installation.stop("gateway")
        self.world.restart("gateway")
        return ("--cert", plan.path("ca", "partner.crt"), "--key", plan.path("ca", "partner.key"))

    def test_a_service_desk_takes_care_of_alerts_and_sets_no_rules(self):
        caller = self.become("operator", "acme")
        control = self.world.control
        printer = self.take()
        self.jam(printer)
        self.wait_mail(printer, "")

        self.acknowledge(printer, *caller)

        self.assertRegex(self.wait_mail(printer, "[Acknowledged]")["text"], r"cknowledged by\W+partner")
        for words in (("rules", "apply", self.write(RULES)), ("rules", "delete", "tenants/acme/rules/jam"), ("targets", "remove", printer.serial)):
            with self.subTest(words=words), self.assertRaisesRegex(ProcessError, "its role is not administrator"):
                control.run(*words, *caller)

    def test_a_tenants_caller_orders_nothing_of_others(self):
        caller = self.become("administrator", "globex")
        control = self.world.control
        printer = self.take()
        self.jam(printer)
        self.wait_mail(printer, "")

        self.assertEqual(control.objects("rules", "list", *caller), [])
        for words, refusal in (
            (("rules", "apply", self.write("records: [{name: rules/x, rule: {}}]")), "may not set what holds for all"),
            (("rules", "apply", self.write(RULES)), "may not see tenant acme"),
            (("rules", "get", "tenants/acme/rules/jam"), "may not see tenant acme"),
            (("rules", "delete", "tenants/acme/rules/jam"), "may not see tenant acme"),
            (("alerts", "ack", printer.serial, "--for", "1h"), "no device has"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(ProcessError, refusal):
                control.run(*words, *caller)
        own = self.write("records: [{name: tenants/globex/rules/x, rule: {receivers: [service-desk]}}]")
        self.assertIn("created", control.run("rules", "apply", own, *caller))


class SilentSiteTest(unittest.TestCase):
    def test_a_site_that_does_not_answer_is_one_mail_and_its_return_another(self):
        with World(BUILD, rules_file=SHIPPED) as world, tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(SILENT_SITE)
            file.flush()
            world.control.run("rules", "apply", file.name)
            taken = ("notifier", "platen_notifier_rule_records_total", 'result="taken"')
            world.wait(lambda: world.metric(*taken) > 0, "the rule")

            def mails(subject):
                found = [mail for mail in world.installation.mails() if "printers do not answer since" in mail["subject"]]
                return [mail for mail in found if mail["subject"].startswith(subject)]

            def kept_quiet():
                return world.metric("notifier", "platen_notifier_decisions_total", 'reason="site_silent"')

            for printer in world.printers:
                world.fleet.tell(f"silence {printer.number} on")
            (raised,) = world.wait(lambda: mails("[Acme"), "a mail about the site")
            self.assertRegex(raised["subject"], r"^\[Acme Printing/Headquarters\] whole site: \d+ of 40 printers do not answer since")
            world.wait(lambda: kept_quiet() == len(world.printers), "all devices to be kept quiet")
            alerts = world.control.objects("alerts", "list", "--open")
            device = next(alert["name"] for alert in alerts if alert["alert"]["alertId"].startswith("unreachable"))
            reason = "its whole site does not answer"
            world.wait(lambda: reason in world.control.run("alerts", "explain", device), "the reason in the history")

            told_of = [printer for printer in world.printers if world.mails_about(printer)[0]]
            self.assertEqual(told_of, [], "nobody was told of a device")

            # Somebody takes care of it: by its id, then by the mail's link.
            (site,) = [alert["alert"]["alertId"] for alert in alerts if alert["alert"]["alertId"].startswith("site-silent/")]
            world.control.run("alerts", "ack", site, "--for", "4h", "--note", "a digger")
            (acknowledged,) = world.wait(lambda: mails("[Acknowledged]"), "a mail that somebody takes care of it")
            self.assertEqual(acknowledged["headers"]["In-Reply-To"], raised["message_id"])
            self.assertRegex(acknowledged["text"], r"cknowledged by\W+platenctl")
            self.assertIn("a digger", acknowledged["text"])
            self.assertNotIn("a digger", raised["text"])

            world.installation.kill("notifier")
            world.restart("notifier")
            world.control.run("alerts", "unack", site)
            (again,) = world.wait(lambda: mails("[Reminder]"), "a mail that nobody does any more")
            link = re.search(r"^http://127\.0\.0\.1:\d+/acknowledge/\S+", again["text"], re.MULTILINE)[0]
            self.assertIn("whole site", fetch(link)[1])
            self.assertEqual(fetch(link, {"for": "1h", "note": "it is the fuse"})[0], 200)
            # Not the second such mail: the kill may have made one of the first.
            by_link = "it is the fuse"
            world.wait(lambda: any(by_link in mail["text"] for mail in mails("[Acknowledged]")), "a mail that the link was used")
            for said in ("acknowledged until", "a digger", by_link, "service-desk by link"):
                world.wait(lambda said=said: said in world.control.run("alerts", "explain", site), f"'{said}' in the history")

            for printer in world.printers:
                world.fleet.tell(f"silence {printer.number} off")
            (cleared,) = world.wait(lambda: mails("[Cleared]"), "a mail that the site is back")
            self.assertEqual(cleared["headers"]["In-Reply-To"], raised["message_id"])
            self.assertEqual(len(mails("[Acme")), 1, "not told again after the kill")
            world.wait(lambda: world.metric("notifier", "platen_notifier_silent_sites") == 0, "the site to be forgotten")
            world.wait(lambda: "It is over." in world.control.run("alerts", "explain", site), "its end in the history")


class CollectorsGoneTest(unittest.TestCase):
    def test_that_nobody_watches_any_printer_is_one_mail_and_that_somebody_does_again_another(self):
        with World(BUILD, rules_file=SHIPPED) as world:
            world.installation.stop("notifier")
            world.installation.configure("notifier", {**configs.notifier(world.plan), "collectors_gone_after": "60s"})
            world.restart("notifier")

            def mails(subject):
                found = [mail for mail in world.installation.mails() if "no collector is heard" in mail["subject"]]
                return [mail for mail in found if mail["subject"].startswith(subject)]

            for collector in world.plan.collector_names:
                world.installation.kill(collector)
            # Each wait is over with the next heartbeat, 30 s at the most.
            for heard in (0, 30):
                unheard = "platen_notifier_collectors_unheard_seconds"
                world.wait(lambda: world.metric("notifier", unheard) > heard, f"{heard} s of others' heartbeats")  # noqa: B023
            (gone,) = world.wait(lambda: mails("[acme/all sites] all printers"), "a mail that the collectors are gone")
            self.assertRegex(gone["subject"], r"no collector is heard since \w+ \d+ \d\d:\d\d UTC: nobody watches the printers$")
            self.assertIn("whether they reach Kafka", " ".join(gone["text"].split()))
            self.assertIn("Platen says: no collector", gone["text"])

            def listed():
                return [each["alert"]["alertId"] for each in world.control.objects("alerts", "list", "--open")]

            world.wait(lambda: any(alert.startswith("collectors-gone/") for alert in listed()), "the alert in the list")

            world.restart(world.plan.collector_names[0])
            (back,) = world.wait(lambda: mails("[Cleared]"), "a mail that one is back")
            self.assertEqual(back["headers"]["In-Reply-To"], gone["message_id"])
            self.assertEqual(len(mails("[acme")), 1, "told once")
            world.wait(lambda: not any(alert.startswith("collectors-gone/") for alert in listed()), "the alert to be over")


if __name__ == "__main__":
    unittest.main()
