class Progress:
    def news(self) -> str | None:
        return None
