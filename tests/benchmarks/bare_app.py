"""The peer: a bare Textual app with header, tabs, `DataTable` and footer, led by single bytes on a pipe.

`python -m tests.benchmarks.bare_app FD THEME`; with FD 0 nothing leads it. Bytes: `l` the same cells again,
`c` one cell changed, `H` 100 000 rows, `B` 200 000 rows, `p` nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header, TabbedContent, TabPane

ROWS = 30
HEADS = ("State", "File", "Locale", "Words", "Changed", "Message")


def cells(number: int) -> tuple[str, ...]:
    return ("+ Ready", f"folder-{number // 50}\\file {number}.docx", "fr", str(number), "1 h", "")


class Rival(App[None]):
    CSS = "TabbedContent, DataTable { height: 1fr; }"
    BINDINGS = [("q", "quit", "Quit"), ("1", "pane('one')", "One"), ("2", "pane('two')", "Two")]  # noqa: RUF012 - as Textual's own guide writes it
    AUTO_FOCUS = "#table"

    def __init__(self, fd: int) -> None:
        super().__init__()
        self.fd = fd

    def compose(self) -> ComposeResult:
        yield Header()
        with TabbedContent(initial="two"):
            with TabPane("One", id="one"):
                yield DataTable(id="first", cursor_type="row")
            with TabPane("Two", id="two"):
                yield DataTable(id="table", cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        for id in ("#first", "#table"):
            table = self.query_one(id, DataTable)
            for head in HEADS:
                table.add_column(head, key=head)
            for number in range(ROWS):
                table.add_row(*cells(number), key=str(number))
        if self.fd:
            asyncio.get_running_loop().add_reader(self.fd, self.ready)

    def action_pane(self, id: str) -> None:
        self.query_one(TabbedContent).active = id

    def ready(self) -> None:
        letter = os.read(self.fd, 1).decode()
        table = self.query_one("#table", DataTable)
        if letter == "c":
            table.update_cell("0", "Words", f"{os.getpid() % 97}{table.cursor_row}")
        if letter == "l":
            for number in range(min(table.row_count, ROWS)):
                for head, cell in zip(HEADS, cells(number), strict=True):
                    table.update_cell(str(number), head, cell)
        if letter in "HB":
            table.clear()
            for number in range(100_000 if letter == "H" else 200_000):
                table.add_row(*cells(number), key=str(number))


if __name__ == "__main__":
    Rival(int(sys.argv[1])).run()
