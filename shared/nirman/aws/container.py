"""The one place where ports meet adapters. Collaborators are built once, when first needed."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from nirman.aws.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nirman.activity.feed import ActivityFeed
    from nirman.aws.files import Files
    from nirman.aws.plan_log import DynamoPlanLog
    from nirman.collaboration.bridge import Bridge
    from nirman.collaboration.broadcast import Broadcast
    from nirman.collaboration.dashboards import Dashboards
    from nirman.collaboration.dialogue import Dialogue
    from nirman.collaboration.edits import EditService
    from nirman.collaboration.evictions import Evictions
    from nirman.collaboration.fan_out import FanOut
    from nirman.collaboration.gate import Gate
    from nirman.collaboration.lock_book import LockBook
    from nirman.collaboration.lock_service import LockService
    from nirman.collaboration.ports import Attendance, Board, Flusher, Helpers, Notes, Rooms, Sockets
    from nirman.collaboration.presence import PresenceService
    from nirman.collaboration.rooms import RoomService
    from nirman.collaboration.signals import Flush, SignalService
    from nirman.collaboration.turns import Turns
    from nirman.jobs.ports import JobQueue, JobStore
    from nirman.jobs.service import Jobs
    from nirman.planlog.edits import Edits
    from nirman.planlog.service import PlanService
    from nirman.projection.projector import Projector
    from nirman.search.answers import SearchAnswers
    from nirman.search.service import SearchService
    from nirman.tenancy.directory import Directory, Memberships
    from nirman.tenancy.limits import Meter, TenantLimits
    from nirman.tenancy.tickets import Tickets
    from nirman.tenancy.tokens import TokenVerifier


class Container(Clients):
    """Collaborators of a function, and the clients that they need."""

    @staticmethod
    def _pauses(**limits: float) -> Callable[[], Iterator[None]]:
        """Between the tries of what may lose a race; `limits` as of `jittered`."""
        from nirman.planlog.pauses import jittered

        return partial(jittered, sleep=time.sleep, random=random.random, monotonic=time.monotonic, **limits)

    @cached_property
    def _plan_log(self) -> DynamoPlanLog:
        from nirman.aws.plan_log import DynamoPlanLog

        settings = self.settings
        locks_table = getattr(settings, "connections_table", "")
        return DynamoPlanLog(
            self.dynamodb, self.s3, table=settings.plan_table, bucket=settings.plan_bucket, locks_table=locks_table
        )

    @cached_property
    def plans(self) -> PlanService:
        # The scheduling engine comes with it, which the authorizer has no use for.
        from nirman.planlog.service import PlanService

        # Who only reads the log knows no locks.
        locks = self.lock_book if hasattr(self.settings, "connections_table") else None
        return PlanService(self._plan_log, now=self.now, pauses=self._pauses(), locks=locks)

    @cached_property
    def limits(self) -> TenantLimits:
        from nirman.aws.limits import DynamoPlanStore
        from nirman.tenancy.limits import TenantLimits

        return TenantLimits(DynamoPlanStore(self.dynamodb, self.settings.plan_table), now=self.now)

    @cached_property
    def meter(self) -> Meter:
        from nirman.aws.limits import DynamoBuckets
        from nirman.tenancy.limits import Meter

        return Meter(DynamoBuckets(self.dynamodb, self.settings.connections_table), self.limits, now=self.now)

    @cached_property
    def edits(self) -> Edits:
        from nirman.planlog.edits import Edits

        return Edits(self.plans, self.meter)

    @cached_property
    def edit_service(self) -> EditService:
        from nirman.collaboration.edits import EditService

        return EditService(edits=self.edits, directory=self.directory)

    @cached_property
    def gate(self) -> Gate:
        from nirman.collaboration.gate import Gate

        return Gate(meter=self.meter, limits=self.limits, connected=self.rooms, sockets=self.sockets, now=self.now)

    @cached_property
    def lock_book(self) -> LockBook:
        from nirman.aws.locks import DynamoLockStore
        from nirman.collaboration.lock_book import LockBook

        store = DynamoLockStore(
            self.dynamodb, table=self.settings.connections_table, plan_table=self.settings.plan_table
        )
        pauses = self._pauses(give_up_after_s=5, first_s=0.02)
        # Who imports files reaches no sockets.
        telling = self.broadcast if hasattr(self.settings, "websocket_api_id") else None
        return LockBook(store, now=self.now, pauses=pauses, telling=telling)

    @cached_property
    def lock_service(self) -> LockService:
        from nirman.collaboration.lock_service import LockService

        return LockService(
            book=self.lock_book,
            directory=self.directory,
            exists=lambda key, kind, uid: uid in self.plans.read(key).plan.records(kind),
        )

    @cached_property
    def files(self) -> Files:
        from nirman.aws.files import Files

        return Files(self.s3, self.settings.files_bucket)

    @cached_property
    def job_store(self) -> JobStore:
        from nirman.aws.jobs import DynamoJobStore

        return DynamoJobStore(self.dynamodb, self.settings.plan_table)

    @cached_property
    def job_queue(self) -> JobQueue:
        from nirman.aws.jobs import SqsJobQueue
        from nirman.jobs.job import OPTIMIZATIONS, JobKind

        urls = dict.fromkeys(OPTIMIZATIONS, self.settings.optimization_queue_url)
        # Workers of one queue ask nothing of the others.
        if documents := getattr(self.settings, "jobs_queue_url", None):
            urls |= {JobKind.IMPORT: documents, JobKind.EXPORT: documents}
        return SqsJobQueue(self.sqs, urls)

    @cached_property
    def jobs(self) -> Jobs:
        from ulid import ULID

        from nirman.jobs.service import Jobs

        return Jobs(self.job_store, self.job_queue, self.limits, now=self.now, new_id=lambda: str(ULID()))

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    @cached_property
    def directory(self) -> Directory:
        from nirman.aws.directory import DynamoDirectory

        return DynamoDirectory(self.dynamodb, self.settings.plan_table)

    @cached_property
    def memberships(self) -> Memberships:
        from nirman.aws.memberships import DynamoMemberships

        return DynamoMemberships(self.dynamodb, self.settings.plan_table)

    @cached_property
    def rooms(self) -> Rooms:
        from nirman.aws.rooms import DynamoRooms

        return DynamoRooms(self.dynamodb, self.settings.connections_table)

    @cached_property
    def notes(self) -> Notes:
        from nirman.aws.notes import DynamoNotes

        return DynamoNotes(self.dynamodb, self.settings.plan_table, pauses=self._pauses())

    @cached_property
    def sockets(self) -> Sockets:
        from nirman.aws.sockets import ManagementSockets

        return ManagementSockets(self.management)

    @cached_property
    def helpers(self) -> Helpers | None:
        """Only those functions have helpers whose settings name them."""
        from nirman.aws.helpers import LambdaHelpers
        from nirman.collaboration.fan_out import MAX_HELPERS

        function = getattr(self.settings, "poster_function", None)
        if function is None:
            return None
        # A helper answers a little after the time that it is given, and within the time that its caller has.
        return LambdaHelpers(self.patient_functions(read_timeout_s=26, connections=MAX_HELPERS), function)

    @cached_property
    def fan_out(self) -> FanOut:
        from nirman.collaboration.fan_out import FanOut
        from nirman.collaboration.posting import Posting

        posting = Posting(self.sockets, pauses=self._pauses(give_up_after_s=0.8, first_s=0.1), now=self.now)
        return FanOut(rooms=self.rooms, directory=self.directory, posting=posting, now=self.now, helpers=self.helpers)

    @cached_property
    def broadcast(self) -> Broadcast:
        from nirman.collaboration.broadcast import Broadcast

        return Broadcast(
            rooms=self.rooms,
            attendance=self.attendance,
            fan_out=self.fan_out,
            now=self.now,
            on_left=lambda key, connections: self.lock_book.drop(key, connections),  # noqa: PLW0108 - the one needs the other
            turns=self.turns if hasattr(self.settings, "signals_function") else None,
        )

    @cached_property
    def room_service(self) -> RoomService:
        from nirman.collaboration.rooms import RoomService

        return RoomService(
            rooms=self.rooms,
            plans=self.plans,
            notes=self.notes,
            directory=self.directory,
            broadcast=self.broadcast,
            presence=self.presence,
            limits=self.limits,
            now=self.now,
        )

    @cached_property
    def dashboards(self) -> Dashboards:
        from nirman.collaboration.dashboards import Dashboards

        return Dashboards(broadcast=self.broadcast, directory=self.directory)

    @cached_property
    def attendance(self) -> Attendance:
        from nirman.aws.presence import DynamoAttendance

        return DynamoAttendance(self.dynamodb, self.settings.connections_table)

    @cached_property
    def board(self) -> Board:
        from nirman.aws.signals import DynamoBoard

        return DynamoBoard(self.dynamodb, self.settings.connections_table)

    @cached_property
    def presence(self) -> PresenceService:
        from nirman.collaboration.presence import PresenceService

        return PresenceService(attendance=self.attendance, broadcast=self.broadcast, board=self.board, now=self.now)

    @cached_property
    def flusher(self) -> Flusher:
        from nirman.aws.signals import LambdaFlusher

        return LambdaFlusher(self.functions, self.settings.signals_function)

    @cached_property
    def turns(self) -> Turns:
        from uuid import uuid4

        from nirman.collaboration.turns import Turns

        return Turns(board=self.board, flusher=self.flusher, now=self.now, new_id=lambda: uuid4().hex)

    @cached_property
    def signal_service(self) -> SignalService:
        from nirman.collaboration.signals import SignalService

        return SignalService(board=self.board, turns=self.turns, now=self.now)

    @cached_property
    def flush(self) -> Flush:
        from nirman.collaboration.signals import Flush

        return Flush(board=self.board, broadcast=self.broadcast, sockets=self.sockets, now=self.now, sleep=time.sleep)

    @cached_property
    def evictions(self) -> Evictions:
        from nirman.collaboration.evictions import Evictions

        return Evictions(rooms=self.rooms, sockets=self.sockets, broadcast=self.broadcast, now=self.now)

    @cached_property
    def bridge(self) -> Bridge:
        from nirman.collaboration.bridge import Bridge

        return Bridge(
            rooms=self.rooms,
            notes=self.notes,
            directory=self.directory,
            presence=self.presence,
            locks=self.lock_book,
            now=self.now,
        )

    @cached_property
    def dialogue(self) -> Dialogue:
        from nirman.collaboration.dialogue import Dialogue

        services = (self.room_service, self.edit_service, self.signal_service, self.lock_service, self.search_answers)
        return Dialogue(self.room_service.connection, self.gate, *services)

    @cached_property
    def projector(self) -> Projector:
        from nirman.aws.read_models import DynamoReadModels
        from nirman.projection.projector import Projector

        models = DynamoReadModels(self.dynamodb, self.settings.read_models_table)
        return Projector(self._plan_log, self.directory, models, pauses=self._pauses())

    @cached_property
    def activity(self) -> ActivityFeed:
        from nirman.activity.feed import ActivityFeed
        from nirman.aws.feeds import DynamoFeeds

        return ActivityFeed(DynamoFeeds(self.dynamodb, self.settings.read_models_table), self.directory)

    @cached_property
    def search(self) -> SearchService:
        from nirman.aws.names import DynamoNames
        from nirman.search.service import SearchService

        return SearchService(DynamoNames(self.dynamodb, self.settings.read_models_table), self.directory)

    @cached_property
    def search_answers(self) -> SearchAnswers:
        from nirman.search.answers import SearchAnswers

        return SearchAnswers(lambda: self.search)

    @cached_property
    def tickets(self) -> Tickets:
        from nirman.aws.tickets import DynamoTicketStore
        from nirman.tenancy.tickets import Tickets

        return Tickets(DynamoTicketStore(self.dynamodb, self.settings.connections_table))

    @cached_property
    def token_verifier(self) -> TokenVerifier:
        from nirman.tenancy.tokens import TokenVerifier

        settings = self.settings
        return TokenVerifier(
            issuer=settings.oidc_issuer,
            audience=[client.strip() for client in settings.oidc_audience.split(",") if client.strip()],
            jwks_url=self.keys_address,
            token_use=settings.oidc_token_use,
            tenant_claim=settings.oidc_tenant_claim,
            role_claim=settings.oidc_role_claim,
        )
