"""Commands that come again, lost races, a store that does not answer: done once or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from nirman.errors import BusyError, CommandReusedError
from nirman.planning.commands import Create
from nirman.planning.model import Kind
from tests.support.faults import Calls
from tests.unit.planlog.conftest import KEY
from tests.unit.planlog.edits import KARIM, RAHIM, OpenService, begin, command, rename


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("known_base", [False, True])
@pytest.mark.parametrize("others", [0, 2])
def test_a_command_sent_twice_is_carried_out_once(
    open_service: OpenService, *, cold: bool, known_base: bool, others: int
) -> None:
    service = open_service()
    base = begin(service)
    create = Create(Kind.TASK, {"name": "Roof"})
    first = service.commit(RAHIM, command("c1", base, create))
    for number in range(others):
        service.commit(KARIM, command(f"o{number}", base + 1 + number, rename(1, f"x{number}")))
    again_base = base + 1 + others if known_base else base
    service = open_service() if cold else service
    again = service.commit(RAHIM, command("c1", again_base, create))
    assert (again.revision, again.repeated) == (first.revision, True)
    assert again.event == first.event
    assert service.head(KEY) == base + 1 + others


def test_a_repeated_command_is_not_in_conflict_with_itself_nor_fails_its_if_match(open_service: OpenService) -> None:
    service = open_service()
    base = begin(service)
    first = service.commit(RAHIM, command("c1", base, rename(1, "Piling")), expected_revision=base)
    again = service.commit(RAHIM, command("c1", base, rename(1, "Piling")), expected_revision=base)
    assert (again.revision, again.repeated) == (first.revision, True)


@pytest.mark.parametrize("base_step", [0, 1])
def test_a_command_id_with_other_content_is_refused(open_service: OpenService, base_step: int) -> None:
    service = open_service()
    base = begin(service)
    service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    with pytest.raises(CommandReusedError):
        service.commit(RAHIM, command("c1", base + base_step, rename(1, "Caps")))


def test_a_lost_race_is_run_again_on_what_won(open_service: OpenService) -> None:
    service, other = open_service(), open_service()
    base = begin(service)
    service.read(KEY)
    append = service._log.append

    def overtaken(*args: Any, **kwargs: Any) -> None:
        service._log.append = append  # type: ignore[method-assign]
        other.commit(KARIM, command("o1", base, rename(2, "Caps")))
        append(*args, **kwargs)

    service._log.append = overtaken  # type: ignore[method-assign]
    done = service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert (done.revision, done.merged) == (base + 2, True)
    assert done.state.plan.tasks[2].name == "Caps"
    assert open_service().verify(KEY) == base + 2


def test_a_writer_that_always_loses_is_told_so_and_nothing_is_written(open_service: OpenService) -> None:
    service, other = open_service(), open_service()
    base = begin(service)
    append = service._log.append
    rounds = iter(range(100))

    def overtaken(*args: Any, **kwargs: Any) -> None:
        other.commit(KARIM, command(f"o{next(rounds)}", base, Create(Kind.TASK, {})))
        append(*args, **kwargs)

    service._log.append = overtaken  # type: ignore[method-assign]
    with pytest.raises(BusyError):
        service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert other.read(KEY).plan.tasks[1].name == "Task 1"


@pytest.mark.parametrize("after_effect", [False, True])
def test_no_answer_from_the_store_is_resolved_by_reading_the_log(
    open_service: OpenService, *, after_effect: bool
) -> None:
    base = begin(open_service())
    counted = Calls()
    service = open_service(counted)
    service.read(KEY)
    unsure = Calls(len(counted.made), after_effect=after_effect, timeout=True)
    service = open_service(unsure)
    done = service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert unsure.made[len(counted.made)] == "transact_write_items"
    assert done.revision == base + 1
    assert open_service().verify(KEY) == base + 1


def test_a_call_that_can_never_succeed_is_not_tried_again(open_service: OpenService) -> None:
    nameless = open_service(table="")
    service, base = open_service(), begin(open_service())
    tried = []

    def without_a_table(*args: Any, **kwargs: Any) -> None:
        tried.append(args)
        nameless._log.append(*args, **kwargs)

    service._log.append = without_a_table  # type: ignore[method-assign]
    with pytest.raises(ParamValidationError):
        service.commit(RAHIM, command("c1", base, rename(1, "Piling")))
    assert len(tried) == 1
