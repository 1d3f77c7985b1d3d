"""Spreadsheet files of logs in which every text is hostile: no cell is a formula, and no text is lost."""

import csv
import re
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from dashboard.exports.tables import LOG_COLUMNS
from logsync.models import Log
from tests.hostile.content import TEXTS, id_of
from tests.support.sheets import data_rows

FILES = (
    "/logs.csv?period=all",
    "/charges.csv?period=all&group_by=type,direction,status,source",
    "/sync/changes.csv?kind=all",
)
UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def content_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def is_formula(cell):
    seen = UNSEEN.sub("", cell)
    return seen[:1] in {*"=+-@＝＋－＠"} and not NUMBER.fullmatch(cell)


@pytest.mark.parametrize("address", FILES)
def test_no_cell_is_a_formula_with_any_separator(signed_in, hostile_logs, address):
    text = content_of(signed_in, address).decode()
    cells = [cell for line in csv.reader(StringIO(text)) for cell in line]
    assert len(cells) > len(TEXTS)
    assert [cell for cell in cells if is_formula(cell)] == []
    for separator in ";\t|":
        pieces = re.split(f"[{re.escape(separator)}\r\n]", text)
        assert [piece for piece in pieces if is_formula(piece.lstrip('"').split(",")[0])] == []


def test_all_texts_are_complete_except_for_apostrophes(signed_in, hostile_logs):
    rows = list(
        csv.DictReader(StringIO(content_of(signed_in, "/logs.csv?period=all&medium=voice").decode(), newline=""))
    )
    assert {row["from"].replace("'", "") for row in rows} == {text.replace("'", "") for text in TEXTS.values()}
    assert "+12065551212" in {row["from"] for row in rows}
    assert len({row["id"] for row in rows}) == Log.objects.filter(medium="voice").count() == len(TEXTS)


def test_every_text_in_a_workbook_is_a_text_cell(signed_in, hostile_logs):
    book = load_workbook(BytesIO(content_of(signed_in, "/logs.xlsx?period=all&medium=voice")))
    at = [cell.value for cell in book.active[1]].index("from")
    rows = data_rows(book.active)
    texts = [
        place for place, name in enumerate(LOG_COLUMNS) if name in {"id", "type", "status", "from", "to", "source"}
    ]
    assert {row[place].data_type for row in rows for place in texts} == {"s", "inlineStr"} & {
        row[place].data_type for row in rows for place in texts
    }
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    values = {row[at].value for row in rows}
    assert {"+12065551212", '=HYPERLINK("http://elsewhere.example";"x")', "-2+3", "@SUM(A1)"} <= values
    assert len(rows) == len({id_of(text) for text in TEXTS.values()})
