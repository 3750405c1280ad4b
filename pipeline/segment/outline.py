"""The section tree of a document: zones and tree turned into sections with canonical ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.document import Document, Issue, Item, Place, Section
from pipeline.segment.blocks import Block, blocks
from pipeline.segment.fold import fold
from pipeline.segment.headings import match_among, match_heading
from pipeline.segment.rows import rows
from pipeline.segment.tree import Node, build, looks_like_heading
from pipeline.segment.zones import Zone, zones

_ALWAYS = frozenset({"part", "chapter", "upper", "roman", "article", "bare"})
_NUMBERED = frozenset({"arabic", "dotted", "subdotted", "letter"})
_BULLETS = frozenset({"dash", "plus"})


def segment(document: Document) -> Document:
    """Give the document with its outline in ``sections``, in the order of the text.

    Letterhead, legal basis, articles, closing, recipients, signature and annex are sections like
    the numbered ones; their ``path`` is their id. Never raises on odd text: what cannot be read as
    an outline stays as text.
    """
    sections: list[Section] = []
    issues: list[Issue] = []
    decision: list[Block] = []
    for zone in zones(blocks(rows(document))):
        if zone.name == "body":
            root, found = build(zone.blocks)
            issues += found
            sections += _body(root)
        elif zone.name == "decision" and decision:
            decision += zone.blocks
            at = next(i for i, s in enumerate(sections) if s.ids == ("decision",))
            sections[at] = _decision(decision)
        elif zone.name == "decision":
            decision += zone.blocks
            sections.append(_decision(decision))
        else:
            decision = [] if zone.name == "header" else decision
            sections += _fixed(zone)
    return replace(
        document,
        sections=tuple(_unique_paths(sections)),
        issues=(*document.issues, *issues),
    )


def _body(root: Node) -> list[Section]:
    """Sections of a body; what stands before its first heading is a section without heading."""
    headed = _sections_among(root)
    loose = [node for node in root.children if id(node) not in headed]
    result = []
    if loose:
        lead = Node("lead", loose[0].block, children=loose)
        result.append(_section(lead, "", ()))
    result += [_section(node, "", ()) for node in root.children if id(node) in headed]
    return sorted(result, key=lambda s: (s.place.page, s.place.line_start))


def _sections_among(parent: Node) -> set[int]:
    """Which children (by ``id``) are headings with things under them, and not points of theirs."""
    found = {id(child) for child in parent.children if child.kind in _ALWAYS}
    for kind in _NUMBERED:
        siblings = [child for child in parent.children if child.kind == kind]
        headings = [child for child in siblings if child.children and looks_like_heading(child)]
        alike = bool(headings) and all(looks_like_heading(child) for child in siblings)
        if 2 * len(headings) > len(siblings) or alike:
            found |= {id(child) for child in siblings}
            continue
        found |= {id(child) for child in headings if _is_known(child, 0.5)}
        found |= {id(child) for child in siblings if child.rest and _is_known(child, 0.0)}
    return found


def _is_known(node: Node, covered: float) -> bool:
    known = match_heading(node.heading)
    return bool(known.ids) and known.start == 0 and known.covered >= covered


def _section(node: Node, parent_path: str, inherited: tuple[str, ...]) -> Section:
    ids, score = _ids(node, inherited)
    name = node.number or (ids[0] if node.kind in ("bare", "lead") else node.raw)
    path = _path(parent_path, name)
    if node.kind == "article":
        path = node.raw
    paragraphs, items, children = _contents(node, path, ids)
    if node.rest and node.block:
        paragraphs.insert(0, Item("", node.rest, path, node.block.place))
    heading = node.heading or (node.text if node.kind == "article" else "")
    return Section(
        ids=ids,
        number=node.number,
        heading="" if node.kind == "lead" else heading,
        text="\n".join(paragraph.text for paragraph in paragraphs),
        path=path,
        place=_extent(node),
        items=tuple(items),
        children=tuple(children),
        score=score,
        paragraphs=tuple(paragraphs),
        heading_place=node.block.place if node.block and node.kind != "lead" else None,
    )


def _path(parent: str, name: str) -> str:
    """The path of a number under its parent's: "1.2" under "II.1" is "II.1.2"."""
    if not parent:
        return name
    before, _, last = name.rpartition(".")
    if before and (parent == before or parent.endswith(f".{before}")):
        return f"{parent}.{last}"
    return f"{parent}.{name}"


def _ids(node: Node, inherited: tuple[str, ...]) -> tuple[tuple[str, ...], float]:
    """Ids by the heading; a child is matched among its parent's, and else takes them over."""
    if node.kind in ("lead", "article"):
        return inherited or ("other",), 1.0
    if inherited and inherited != ("other",):
        found = match_among(node.heading, inherited)
        return (found.ids, found.score) if found.ids else (inherited, 1.0)
    found = match_heading(node.heading)
    deep = node.kind not in _ALWAYS and (found.start > 1 or found.covered < 0.3)
    return (found.ids, found.score) if found.ids and not deep else (("other",), 1.0)


def _contents(
    node: Node, path: str, ids: tuple[str, ...]
) -> tuple[list[Item], list[Item], list[Section]]:
    """The paragraphs before the first point or child, the points (flat, in order), the children."""
    paragraphs: list[Item] = []
    items: list[Item] = []
    children: list[Section] = []
    headed = _sections_among(node)
    for child in node.children:
        if id(child) in headed:
            children.append(_section(child, path, ids))
        elif child.kind == "text" and not items and not children:
            paragraphs += _items(child, path)
        else:
            items += _items(child, path)
    return paragraphs, items, _split_ids(children, ids)


def _split_ids(children: list[Section], ids: tuple[str, ...]) -> list[Section]:
    """Where a compound heading's children name all ids but one, the unnamed child has that one."""
    named = {name for child in children for name in child.ids if child.ids != ids}
    left = [name for name in ids if name not in named]
    unnamed = [index for index, child in enumerate(children) if child.ids == ids]
    if len(ids) > 1 and len(left) == 1 and len(unnamed) == 1 and len(children) == len(ids):
        children[unnamed[0]] = replace(children[unnamed[0]], ids=(left[0],), score=0.7)
    return children


def _items(node: Node, path: str) -> list[Item]:
    """A point and the points under it, flat; a bullet's path is its marker with its place."""
    block = node.block
    if block is None:
        return []
    here = path
    marker = ""
    if node.kind in _BULLETS:
        marker = "-" if node.kind == "dash" else "+"
        here = f"{path}.{marker}{node.value}"
    elif node.kind != "text":
        marker = node.raw
        here = _path(path, node.number or node.raw)
    found = [Item(marker=marker, text=node.text, path=here, place=block.place)]
    for child in node.children:
        found += _items(child, here)
    return found


def _extent(node: Node) -> Place:
    """From the node's first line to the last line of what stands under it."""
    last = node
    while last.children:
        last = last.children[-1]
    first_block = node.block or last.block
    last_block = last.block or first_block
    if first_block is None or last_block is None:
        return Place(1, 1, 1, 1)
    first, end = first_block.place, last_block.place
    return Place(first.page, first.line_start, end.page_end, end.line_end)


def _decision(found: Sequence[Block]) -> Section:
    """The articles of a decision; a plan that stands inside an article is no part of this."""
    root, _ = build(found)
    articles = [node for node in root.children if node.kind == "article"]
    lead = [node for node in root.children if node.kind != "article"]
    return Section(
        ids=("decision",),
        number=None,
        heading=next((node.text.rstrip(":. ") for node in lead), ""),
        text="\n".join(node.text for node in lead[1:]),
        path="decision",
        place=_around(found),
        children=tuple(_section(node, "", ("decision",)) for node in articles),
    )


def _fixed(zone: Zone) -> list[Section]:
    """Sections of letterhead, preamble, closing, foot and annex: one item for each block."""
    if zone.name == "foot":
        return _foot(zone.blocks)
    return [_plain(zone.name, zone.blocks)]


def _plain(name: str, found: Sequence[Block], heading: str = "") -> Section:
    return Section(
        ids=(name,),
        number=None,
        heading=heading,
        text="\n".join(block.text for block in found),
        path=name,
        place=_around(found),
        items=tuple(
            Item(
                marker=block.marker.raw if block.marker else "",
                text=block.body,
                path=f"{name}.{number}",
                place=block.place,
            )
            for number, block in enumerate(found, start=1)
        ),
    )


def _foot(found: Sequence[Block]) -> list[Section]:
    """Recipients and signature, which stand side by side and may come in either order."""
    recipients: list[Block] = []
    signature: list[Block] = []
    listing = False
    for block in found:
        if block.special == "recipients":
            listing = True
        elif block.special in ("authority", "position", "agency", "date"):
            listing = False
        bullet = block.marker is not None and block.marker.kind in _BULLETS
        if bullet and signature and not listing:
            bullet = not _is_stroke(block, recipients)
        (recipients if listing or bullet else signature).append(block)
        if bullet and not block.text.endswith((";", ",")):
            listing = listing and not _ends_recipients(block)
    result = []
    if recipients:
        labelled = recipients[0].special == "recipients"
        head = recipients[0].text if labelled else ""
        result.append(_plain("recipients", recipients[1:] if labelled else recipients, head))
        if labelled:
            result[-1] = replace(result[-1], place=_around(recipients))
    if signature:
        result.append(_plain("signature", signature))
    return sorted(result, key=lambda s: (s.place.page, s.place.line_start))


def _is_stroke(block: Block, recipients: Sequence[Block]) -> bool:
    """Whether a mark under the signer's position is no bullet: "* Tuấn Anh", "— Lê Văn Hòa".

    It is a star of the seal or a stroke of the pen; recipients have a mark of their own, and end
    with who keeps the file.
    """
    if any(map(_ends_recipients, recipients)) and not block.text.endswith((";", ",")):
        return True
    mark = block.marker.raw if block.marker else ""
    marks = {one.marker.raw for one in recipients if one.marker}
    return mark == "*" or (bool(marks) and mark not in marks)


def _ends_recipients(block: Block) -> bool:
    """Whether a recipient is the last: "Lưu: VT, …" (Decree 30/2020/NĐ-CP, box 9b)."""
    return "luu" in fold(block.text)[:12]


def _around(found: Sequence[Block]) -> Place:
    if not found:
        return Place(1, 1, 1, 1)
    first, last = found[0].place, found[-1].place
    return Place(first.page, first.line_start, last.page_end, last.line_end)


def _unique_paths(sections: list[Section]) -> list[Section]:
    """Give a repeated path its count: "header", "header(2)"; in children and items alike."""
    seen: Counter[str] = Counter()

    def name(path: str) -> str:
        seen[path] += 1
        return path if seen[path] == 1 else f"{path}({seen[path]})"

    def rename(section: Section, old: str, new: str) -> Section:
        moved = new + section.path[len(old) :] if section.path.startswith(old) else section.path
        path = name(moved)
        items = []
        for item in section.items:
            moved = path + item.path[len(section.path) :]
            items.append(replace(item, path=name(moved) if item.marker else moved))
        children = tuple(rename(child, section.path, path) for child in section.children)
        return replace(section, path=path, items=tuple(items), children=children)

    return [rename(section, section.path, section.path) for section in sections]
