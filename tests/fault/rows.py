"""All rows of the table, by number. A new group of rows is a file and a line here."""

import rows_processes  # noqa: F401
from table import ROWS as _DECLARED

ROWS = sorted(_DECLARED, key=lambda row: row.number)
