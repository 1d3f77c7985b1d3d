"""The rows of an exported workbook."""

from itertools import takewhile


def data_rows(sheet):
    """The rows between the header and the empty row above the totals, as tuples of cells."""
    return list(takewhile(lambda row: any(cell.value is not None for cell in row), sheet.iter_rows(min_row=2)))
