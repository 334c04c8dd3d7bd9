"""Reading a card the way a browser does, with the standard library: structure, and what is visible."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"br", "img", "input", "hr", "meta", "link"}
OUTSIDE = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "background", "srcdoc"}


class Page(HTMLParser):
    """A checked reading: every tag closed in order, and the words on screen in their order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.problems: list[str] = []
        self.words: list[str] = []
        self.folded: list[str] = []
        self.feed(source)
        self.close()
        if self.stack:
            self.problems.append(f"left open: {self.stack}")

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if len(given) != len(attrs):
            self.problems.append(f"an attribute twice in {tag}")
        self.tags.append((tag, given, tuple(self.stack)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.stack)))

    def handle_endtag(self, tag):
        if not self.stack or self.stack[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.stack[-1:]}")
        else:
            self.stack.pop()

    def handle_data(self, data):
        if not data.strip() or "style" in self.stack or "text" in self.stack:
            return
        inside = "details" in self.stack and "summary" not in self.stack
        (self.folded if inside else self.words).append(" ".join(data.split()))

    def handle_comment(self, data):
        self.problems.append(f"a comment: {data[:40]}")

    @property
    def names(self) -> set[str]:
        return {tag for tag, _, _ in self.tags}

    @property
    def attributes(self) -> set[str]:
        return {name for _, given, _ in self.tags for name in given}

    @property
    def text(self) -> str:
        return " ".join(self.words)
