"""All rows of the table, by number. A new group of rows is a file and a line here."""

import rows_addresses  # noqa: F401
import rows_brokers  # noqa: F401
import rows_clocks  # noqa: F401
import rows_disks  # noqa: F401
import rows_groups  # noqa: F401
import rows_input  # noqa: F401
import rows_load  # noqa: F401
import rows_network  # noqa: F401
import rows_processes  # noqa: F401
import rows_receivers  # noqa: F401
import rows_rules  # noqa: F401
import rows_snmp  # noqa: F401
import rows_soak  # noqa: F401
import rows_store  # noqa: F401
import rows_tenants  # noqa: F401
import rows_trust  # noqa: F401
from table import ROWS as _DECLARED

ROWS = sorted(_DECLARED, key=lambda row: row.number)
