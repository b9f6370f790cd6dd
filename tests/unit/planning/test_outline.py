"""Order, numbers and children in the tree of tasks."""

from __future__ import annotations

import pytest

from nirman.errors import InvalidPlanError
from nirman.planning.outline import outline
from tests.builders.plans import make_task


def tree(*tasks):
    return outline({task.uid: task for task in tasks})


def test_parents_come_before_their_children_and_siblings_by_position():
    found = tree(
        make_task(5, position=2.0),
        make_task(1, position=1.0),
        make_task(9, parent_uid=5, position=0.5),
        make_task(3, parent_uid=5, position=0.25),
    )
    assert found.uids == (1, 5, 3, 9)
    assert found.wbs == {1: "1", 5: "2", 3: "2.1", 9: "2.2"}
    assert found.rows == {1: 1, 5: 2, 3: 3, 9: 4}
    assert found.levels == {1: 1, 5: 1, 3: 2, 9: 2}
    assert found.children == {None: (1, 5), 5: (3, 9)}


def test_siblings_at_one_position_are_in_the_order_of_their_uids():
    assert tree(make_task(2, position=1.0), make_task(1, position=1.0)).uids == (1, 2)


def test_a_tree_may_be_deeper_than_the_stack_of_python():
    deep = [make_task(uid, parent_uid=uid - 1 or None) for uid in range(1, 3001)]
    assert tree(*deep).levels[3000] == 3000


def test_a_parent_that_is_not_there_is_refused():
    with pytest.raises(InvalidPlanError, match="parent 7 is not in the plan") as refused:
        tree(make_task(1, parent_uid=7))
    assert refused.value.uids == (1,)


def test_a_task_below_itself_is_refused_with_the_circle_named():
    with pytest.raises(InvalidPlanError, match="below itself") as refused:
        tree(make_task(1, parent_uid=3), make_task(2, parent_uid=1), make_task(3, parent_uid=2), make_task(4))
    assert set(refused.value.uids) == {1, 2, 3}
