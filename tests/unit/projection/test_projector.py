"""The read models follow the logs, whatever a stream does with its records."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from functions.projector.records import read
from nirman.activity.entry import Entry
from nirman.aws import keys
from nirman.errors import NirmanError
from nirman.planning.commands import Create, Delete, Replacement, TakeBaseline, Update
from nirman.planning.model import Kind, Resource
from nirman.projection.catalogue import Catalogue
from nirman.projection.ports import OvertakenError
from nirman.projection.projector import EVENTS_AT_ONCE
from nirman.projection.standing import Standing
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.builders.edits import random_edit
from tests.builders.plans import make_plan
from tests.support.read_models import event_record, feed, record
from tests.unit.projection.conftest import KARIM, TOWER, Works

SALMA = Principal("padma", "salma", "Salma", Role.PLANNER)
BRIDGE = ProjectKey("padma", "bridge")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def task(uid: int, name: str) -> Create:
    return Create(Kind.TASK, {"name": name}, uid)


def entries(works: Works, key: ProjectKey = TOWER) -> list[Entry]:
    found = [
        msgspec.json.decode(item["entry"]["S"], type=Entry)
        for (pk, sk), item in sorted(works.kept().items())
        if pk == keys.project(key) and sk.startswith(keys.ACTIVITY_PREFIX)
    ]
    return sorted(found, key=lambda entry: entry.revision)


def revisions(works: Works, key: ProjectKey = TOWER) -> list[int]:
    return [entry.revision for entry in entries(works, key)]


def rebuilt(works: Works, *projects: ProjectKey) -> dict[tuple[str, str], object]:
    operator = works.new_projector()
    for key in projects:
        operator.rebuild(key)
    operator.rebuild_people("padma")
    return works.kept()


def test_a_missing_record_is_made_up_for_by_the_next(works):
    for uid in (1, 2, 3):
        works.commit(task(uid, f"Task {uid}"))
    assert works.feed(4) == 4
    assert revisions(works) == [1, 2, 3, 4]


def test_records_that_come_again_or_late_change_nothing(works):
    works.commit(task(1, "Piling"))
    works.commit(Update(Kind.TASK, 1, {"name": "Bored piling"}))
    works.feed(1, 2, 3)
    before = works.kept()
    assert works.feed(2, 1, 3, 2) == 0
    assert works.kept() == before


def test_more_events_than_a_transaction_holds_are_kept_in_several(works):
    for uid in range(1, EVENTS_AT_ONCE + 5):
        works.commit(task(uid, f"Task {uid}"))
    works.feed(EVENTS_AT_ONCE + 5)
    assert revisions(works) == list(range(1, EVENTS_AT_ONCE + 6))


def test_an_entry_tells_names_as_they_were_then(works):
    works.commit(task(1, "Piling"), task(2, "Cap"))
    works.commit(Create(Kind.LINK, {"predecessor_uid": 1, "successor_uid": 2}, 1))
    works.commit(Update(Kind.TASK, 1, {"name": "Bored piling"}))
    works.commit(Update(Kind.LINK, 1, {"lag_minutes": 480}))
    works.commit(Delete(Kind.TASK, 1))
    works.feed(6)
    told = entries(works)
    assert told[2].facts[0].ends == ("Piling", "Cap")
    assert (told[3].facts[0].name, told[3].facts[0].fields["name"]) == ("Piling", ("Piling", "Bored piling"))
    assert told[4].facts[0].ends == ("Bored piling", "Cap")
    assert told[5].facts[0].name == "Bored piling"


def test_the_names_are_known_to_a_function_that_starts_anew(works):
    works.commit(task(1, "Piling"))
    works.feed(2)
    works.commit(Update(Kind.TASK, 1, {"duration_minutes": 960}))
    works.projector = works.new_projector()
    works.feed(3)
    assert entries(works)[2].facts[0].name == "Piling"


def test_a_risk_has_its_name_in_a_function_that_starts_anew(works):
    works.commit(Create(Kind.RISK, {"name": "Flood"}, 1))
    works.feed(2)
    works.commit(Update(Kind.RISK, 1, {"probability": 0.5}))
    works.projector = works.new_projector()
    works.feed(3)
    assert entries(works)[2].facts[0].name == "Flood"


def test_entries_of_a_project_keep_their_order_when_clocks_differ(works):
    works.commit(task(1, "Piling"))
    works.plans._commits._now = lambda: datetime(2020, 1, 1, tzinfo=UTC)
    works.commit(task(2, "Cap"))
    works.feed(3)
    one, other = entries(works)[1:]
    assert other.at < one.at
    assert other.ordered_at == one.ordered_at


def test_of_two_projectors_at_once_one_is_overtaken_and_all_is_kept_once(works):
    works.commit(task(1, "Piling"))
    other = works.new_projector()
    models = works.projector._models
    advance, raced = models.advance, []

    def late(*arguments):
        if not raced:
            raced.append(other.project(TOWER))
        return advance(*arguments)

    models.advance = late
    works.feed(2)
    assert raced == [2]
    works.commit(Update(Kind.TASK, 1, {"name": "Bored piling"}))
    works.feed(3)
    assert revisions(works) == [1, 2, 3]
    works.projector.members(TOWER)
    works.projector.people("padma")
    live = works.kept()
    assert rebuilt(works, TOWER) == live


def test_what_is_half_thrown_away_is_made_again(works):
    works.commit(task(1, "Piling"))
    works.projector.members(TOWER)
    works.feed(2)
    before = works.kept()
    models = works.projector._models
    models._delete([{"pk": {"S": keys.project(TOWER)}, "sk": {"S": keys.part(keys.TASKS_PREFIX, 0)}}])
    works.commit(Update(Kind.TASK, 1, {"duration_minutes": 960}))
    works.projector = works.new_projector()
    works.feed(3)
    after = works.kept()
    assert revisions(works) == [1, 2, 3]
    assert {place for place in before if place not in after} == set()


def test_a_change_of_people_is_read_again_until_nobody_overtakes(works):
    works.directory.put_user("padma", Person("salma", "Salma", "salma@padma.example", Role.PLANNER))
    directory = works.projector._people
    users, seen = directory.users, []

    def read_and_dawdle(tenant, **page):
        found = users(tenant, **page)
        if not seen:  # meanwhile another name is given and kept
            seen.append(found)
            works.directory.put_user("padma", Person("salma", "সালমা", "salma@padma.example", Role.PLANNER))
            works.new_projector().people("padma")
        return found

    directory.users = read_and_dawdle
    works.projector.people("padma")
    assert works.projector._models.people("padma")[0] == {"karim": "করিম", "salma": "সালমা"}


def test_a_version_of_people_is_replaced_once(works):
    models = works.projector._models
    models.put_members(TOWER, frozenset({"salma"}), version=0)
    with pytest.raises(OvertakenError):
        models.put_members(TOWER, frozenset(), version=0)
    assert models.members(TOWER) == (frozenset({"salma"}), 1)


def test_what_was_made_of_an_older_standing_is_not_written(works):
    works.commit(task(1, "Piling"))
    works.feed(2)
    before, models = works.kept(), works.projector._models
    standing = models.standing(TOWER)
    for older in (Standing(), replace(standing, revision=1)):
        with pytest.raises(OvertakenError):
            models.advance(TOWER, older, replace(standing, name="Other"), Catalogue(), [])
    assert works.kept() == before


def test_names_are_written_only_when_one_changes(works):
    works.commit(task(1, "Piling"))
    works.commit(Update(Kind.TASK, 1, {"duration_minutes": 960}))
    works.commit(Update(Kind.TASK, 1, {"notes": "Mind the cables"}))
    works.feed(4)
    standing = works.projector._models.standing(TOWER)
    assert (standing.revision, standing.tasks_revision, standing.rest_revision) == (4, 2, 1)


def test_making_again_removes_what_should_not_be_there(works, dynamodb, read_models_table):
    works.projector.members(TOWER)
    works.feed(1)
    before = works.kept()
    [good] = entries(works)
    wrong = msgspec.json.encode(replace(good, revision=9)).decode()
    for pk in (keys.project(TOWER), keys.tenant("padma"), keys.user("padma", "karim")):
        place = {"pk": {"S": pk}, "sk": {"S": keys.activity(good.ordered_at, "tower", 9)}}
        dynamodb.put_item(TableName=read_models_table, Item=place | {"entry": {"S": wrong}})
    works.projector.rebuild(TOWER)
    assert works.kept() == before


def test_a_record_with_a_foreign_key_is_unreadable_and_holds_nobody_up(works):
    foreign = [record("T#padma#P#tower#else", "EVENT#000000000001", 7), record("T#padma", "EVENT#1", 8)]
    found = read([*foreign, event_record(TOWER, 1)])
    assert found.unreadable == [f"{7:021d}", f"{8:021d}"]
    assert [(one.key, one.known) for one in found.tasks] == [(TOWER, 1)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_models_kept_live_equal_those_rebuilt_item_by_item(works, seed):
    """Random commits of every kind; the stream's batches are split, shuffled, come twice or never."""
    random = Random(seed)
    works.directory.put_user("padma", Person("salma", "Salma", "salma@padma.example", Role.PLANNER))
    works.plans.create(KARIM, "bridge", make_plan().project, [*make_plan().calendars.values()], command_id="made")
    pending = [event_record(TOWER, 1), event_record(BRIDGE, 1)]
    for _ in range(25):
        key, who = random.choice((TOWER, BRIDGE)), random.choice((KARIM, SALMA))
        _change(works, random, key, who)
        pending.append(event_record(key, works.plans.head(key)))
        if random.random() < 0.1:
            works.memberships.put(key, "salma", Role.PLANNER, by="Karim", at=NOW)
            pending.append(record(keys.project(key), keys.member("salma")))
        if random.random() < 0.3:
            random.shuffle(pending)
            taken = pending[: random.randint(1, len(pending))]
            pending = [*pending[len(taken) :], *random.sample(taken, random.randint(0, len(taken)))]
            if random.random() < 0.2:
                works.projector = works.new_projector()
            feed(works.projector, taken)
    heads = [event_record(key, works.plans.head(key)) for key in (TOWER, BRIDGE)]
    members = [record(keys.project(key), keys.member("salma")) for key in (TOWER, BRIDGE)]
    feed(works.projector, [*heads, *members, record(keys.tenant("padma"), keys.user_card("salma"))])
    live = works.kept()
    assert len(live) > 60
    assert rebuilt(works, TOWER, BRIDGE) == live


def _change(works: Works, random: Random, key: ProjectKey, who: Principal) -> None:
    """One commit, whatever the rules make of the edits tried for it."""
    access = Access(key, who, Role.ADMIN)
    while True:
        state = works.plans.read(key)
        try:
            if random.random() < 0.05:
                crane = [Resource(uid=1, name="ক্রেন")]
                plan = make_plan(random.randint(1, 5), resources=crane, name=random.choice(("Tower", "সেতু")))
                works.plans.replace(access, Replacement(f"r{state.revision}", state.revision, plan, "plan.xml"))
                return
            if not state.plan.resources:
                works.commit(Create(Kind.RESOURCE, {"name": "Mason"}), key=key)
                return
            operations = [random_edit(random, state.plan) for _ in range(random.randint(1, 4))]
            operations += random.choice(((), (TakeBaseline(1),), (task(random.randint(50, 60), "নতুন"),)))
            if works.commit(*operations, key=key, who=Principal(who.tenant, who.user, who.name, Role.ADMIN)):
                return
        except NirmanError:
            continue
