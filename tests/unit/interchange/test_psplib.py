"""PSPLIB's files: what is read, and what is refused with its line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.errors import UnreadableFileError
from nirman.interchange.psplib import MAX_BYTES, read_psplib

DATA = Path(__file__).parents[4] / "shared" / "data" / "psplib"
SMALL = """\
************************************************************************
file with basedata            : small.bas
initial value random generator: 1
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  4
horizon                       :  9
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  1   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       2    0
         2     5       1    4
  3      1     4       0    1
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  N 1
    2    5
************************************************************************
"""


def refused(text: str) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read_psplib(text.encode())
    return str(caught.value)


def test_jobs_are_activities_with_their_modes_links_and_units():
    problem = read_psplib(SMALL.encode())
    assert [activity.name for activity in problem.activities] == ["1", "2", "3", "4"]
    assert [[mode.duration for mode in activity.modes] for activity in problem.activities] == [[0], [3, 5], [4], [0]]
    fast, slow = problem.activities[1].modes
    assert (fast.demands, fast.consumption, slow.demands, slow.consumption) == ({0: 2}, {}, {0: 1}, {0: 4})
    assert [(link.predecessor, link.successor) for link in problem.links] == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert [renewable.capacity for renewable in problem.renewables] == [((0, 2),)]
    assert [resource.total for resource in problem.non_renewables] == [5]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("jobs (incl", "tasks (incl", "line 1: a line must follow that begins with 'jobs (incl. supersource/sink'"),
        (":  4\n", ":  many\n", "line 6: 'many' must be a whole number from 1 to 20000"),
        (":  4\n", ":  99999999\n", "line 6: '99999999' must be a whole number from 1 to 20000"),
        (":  4\n", ":\n", "line 6: a number must follow the colon"),
        ("  - doubly constrained        :  0", "  - doubly constrained        :  1", "line 11: '1' must be a whole"),
        ("   2        2          1           4", "   2        2          2           4", "line 16: job 2, its number"),
        (
            "   2        2          1           4",
            "   2        2          1           9",
            "line 16: a successor must be",
        ),
        (
            "   2        2          1           4",
            "   2        0          1           4",
            "line 16: a job must have 1 to",
        ),
        (
            "   3        1          1           4",
            "   3        1          1           3",
            "line 17: a successor must be",
        ),
        ("   4        1          0", "   4        1          1           2", "activity 2: links must not lead in a"),
        ("         2     5       1    4\n", "", "line 25: mode 2 of job 2, its duration"),
        ("         2     5       1    4\n", "         2     5       1\n", "line 25: mode 2 of job 2, its duration"),
        ("  3      1     4 ", "  3      1    -4 ", "line 26: '-4' must be a whole number from 0 to 2147483647"),
        ("    2    5\n", "    2\n", "line 31: 2 numbers must stand here, one of each resource"),
        ("RESOURCEAVAILABILITIES", "RESOURCES THERE ARE", "line 27: a line must follow that begins with 'RESOURCEAV"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_the_rule(old, new, told):
    assert old in SMALL
    message = refused(SMALL.replace(old, new, 1))
    assert message.replace("job 2: links", "activity 2: links").startswith(told)


@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_headings_are_in_capitals_or_not(written):
    assert read_psplib(written(SMALL).encode()) == read_psplib(SMALL.encode())


def test_a_file_that_ends_too_early_is_refused_wherever_it_ends():
    lines = SMALL.splitlines(keepends=True)
    for count in range(len(lines) - 1):
        assert "line" in refused("".join(lines[:count]))


def test_a_file_that_is_too_large_is_not_read():
    assert "must not be larger than 16 MB" in refused(" " * (MAX_BYTES + 1))


@given(st.binary(max_size=400), st.integers(0, len(SMALL)))
def test_any_bytes_are_read_or_refused(noise, at):
    data = SMALL.encode()
    with suppress(UnreadableFileError):
        read_psplib(data[:at] + noise + data[at:])


def test_every_file_beside_the_project_is_read():
    if not DATA.exists():
        pytest.skip("../shared is not beside the project")
    for path in sorted(DATA.glob("*/*.[sm]m")):
        assert len(read_psplib(path.read_bytes()).activities) in (32, 62, 122)
