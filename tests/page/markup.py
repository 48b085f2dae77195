"""Is a page sound? Tags that match, ids that are unique, nothing inline, and what a reader without eyes needs."""
import html.parser
import re

EMPTY = {"meta", "link", "input", "br", "hr", "img"}
HEADINGS = ["h1", "h2", "h3", "h4"]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.faults, self.open, self.ids, self.headings, self.tags, self.text = [], [], [], [], [], []
        self.labels, self.fields = set(), []
        self.feed(text)
        self.close()
        self.faults += ["not closed: %s" % tag for tag in self.open]
        self.look()

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.tags.append((tag, names))
        if tag not in EMPTY:
            self.open.append(tag)
        if "id" in names:
            self.ids.append(names["id"])
        if tag in HEADINGS:
            self.headings.append(tag)
        self.faults += ["%s of %s" % (name, tag) for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.faults.append("inline %s" % tag)
        for name in ("src", "href"):
            if not re.match(r"(/|#|\?)", names.get(name, "/")) or names.get(name, "/").startswith("//"):
                self.faults.append("%s leads elsewhere: %s" % (name, names[name]))
        if tag == "label":
            self.labels.add(names.get("for"))
        if tag in ("input", "select") and names.get("type") != "hidden":
            self.fields.append(names.get("id"))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append("</%s> where %s is open" % (tag, self.open[-1:] or "nothing"))
        else:
            self.open.pop()

    def handle_data(self, data):
        self.text.append(data)

    def look(self):
        self.faults += ["id %s twice" % name for name in set(self.ids) if self.ids.count(name) > 1]
        if self.headings.count("h1") != 1:
            self.faults.append("%d h1" % self.headings.count("h1"))
        for before, after in zip(self.headings, self.headings[1:]):
            if HEADINGS.index(after) > HEADINGS.index(before) + 1:
                self.faults.append("%s after %s" % (after, before))
        tags = [tag for tag, _ in self.tags]
        for tag in ("main", "header", "nav", "footer", "title"):
            if tag not in tags:
                self.faults.append("no %s" % tag)
        self.faults += ["field %s has no label" % name for name in self.fields if name not in self.labels]
        if tags.count("table") != tags.count("caption"):
            self.faults.append("a table without a caption")
        for tag, names in self.tags:
            if tag == "svg" and "aria-hidden" not in names:
                missing = [name for name in names.get("aria-labelledby", "none").split() if name not in self.ids]
                self.faults += ["svg labelled by %s" % name for name in missing]
            for name in names.get("aria-labelledby", "").split():
                if name not in self.ids:
                    self.faults.append("%s labelled by %s" % (tag, name))

    def words(self):
        return " ".join(" ".join(self.text).split())

    def found(self, tag, **wanted):
        return [names for found, names in self.tags
                if found == tag and all(names.get(key.replace("_", "-")) == value for key, value in wanted.items())]


def charts_of(text):
    """The control charts of a page, by the measure whose article they are in."""
    found = {}
    for article in re.findall(r'<article class="measure" data-measure="([^"]+)">(.*?)</article>', text, re.S):
        svg = re.search(r'<svg [^>]*class="chart control-chart".*?</svg>', article[1], re.S)
        if svg:
            found[article[0]] = svg.group(0)
    return found
