"""PMXML files that are damaged: refused, or read as far as they mean something."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nirman.errors import UnreadableFileError
from nirman.interchange.pmxml_reader import read_pmxml
from tests.unit.interchange.test_pmxml_reader import RESOURCE, activity, assignment, pmxml, project

GOOD = pmxml(
    RESOURCE,
    project(activity(1), activity(2), assignment(70, 1)),
    project(activity(901, Id="A1"), element="BaselineProject", ObjectId=905),
)
WORDS = [
    b"<Activity>",
    b"</Activity>",
    b"<WBS/>",
    b"<ObjectId>7</ObjectId>",
    b"<Project>",
    b"</Project>",
    b"-",
    b"9",
    b"T",
]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_does_more_than_refuse_the_file(data):
    """Words are changed, cut out and put in anywhere."""
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        cut = data.draw(st.integers(0, 12))
        damaged[at : at + cut] = data.draw(st.sampled_from(WORDS) | st.binary(max_size=3))
    try:
        result = read_pmxml(bytes(damaged))
    except UnreadableFileError:
        return
    assert (result.plan is None) == bool(result.errors)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["ObjectId", "Type", "Status", "PlannedStartDate", "RemainingDuration", "WBSObjectId", "Id"]),
    text=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<>&"), max_size=30),
)
def test_any_text_in_a_field_is_read_or_refused_by_its_name(name, text):
    result = read_pmxml(pmxml(project(activity(1, **{name: text}), activity(2))))
    assert (result.plan is None) == bool(result.errors)
    for error in result.errors:
        assert name in error.text
        assert error.place.startswith("line 3, Activity")


def test_elements_where_none_are_expected_do_no_harm():
    nested = pmxml("<Foo><Bar><Baz/></Bar></Foo>", project("<Activity><Foo><ObjectId>1</ObjectId></Foo></Activity>"))
    assert [error.rule for error in read_pmxml(nested).errors] == ["no-uid"]
    assert read_pmxml(pmxml("<Calendar/>", project(activity(1)))).errors[0].rule == "no-uid"
    assert read_pmxml(pmxml("<Project/>")).errors[0].rule == "no-start"
    assert read_pmxml(b"<APIBusinessObjects/>").errors[0].rule == "no-project"
