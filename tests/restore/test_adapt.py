import math

from pipeline.restore.adapt import adapted, align
from pipeline.restore.channel import Table

TABLE = Table({("a", "a"): -0.1, ("á", "a"): -0.7, ("á", "é"): -1.5, ("c", "c"): -0.1})


def test_alignment_takes_the_cheapest_edits():
    assert align(TABLE, "các", "cac") == [("c", "c"), ("á", "a"), ("c", "c")]
    assert align(TABLE, "các", "cidc") == [("c", "c"), ("á", "id"), ("c", "c")]


def test_what_a_document_repeats_becomes_likely():
    again = adapted(TABLE, {("các", "cidc"): 20})
    assert again.edits["á", "id"] > math.log(0.2)
    assert again.edits["á", "a"] < TABLE.edits["á", "a"]
    assert math.isclose(again.edits["c", "c"], TABLE.edits["c", "c"], abs_tol=0.2)


def test_nothing_seen_changes_nothing():
    assert adapted(TABLE, {}).edits == TABLE.edits
