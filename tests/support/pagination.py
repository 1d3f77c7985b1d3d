"""Reads all pages of a list by following its next links."""

from collections.abc import Iterator
from typing import Any

import httpx

Row = dict[str, Any]


def pages(client: httpx.Client, address: str) -> Iterator[list[Row]]:
    link: str | None = address
    while link:
        response = client.get(link)
        assert response.status_code == 200, response.text
        page = response.json()
        yield page["data"]
        link = page["links"].get("next")


def rows(client: httpx.Client, address: str) -> list[Row]:
    return [row for page in pages(client, address) for row in page]


def ids(client: httpx.Client, address: str) -> list[str]:
    return [row["id"] for row in rows(client, address)]
