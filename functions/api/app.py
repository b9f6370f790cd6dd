"""The HTTP API put together."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from functions.api import errors, openapi
from functions.api.gate import Gate
from functions.api.routes import (
    activity,
    baselines,
    commands,
    earned_value,
    events,
    exports,
    imports,
    jobs,
    locks,
    members,
    moves,
    optimizations,
    projects,
    quality,
    realtime,
    records,
    resources_use,
    schedule,
    search,
    session,
    undo,
)
from nirman.aws.container import Container


def create_app(container: Container) -> FastAPI:
    app = FastAPI(
        title="Nirman",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.container = container
    routers = (
        *(session, projects, members, commands, undo, schedule, moves, quality, baselines),
        *(earned_value, resources_use, optimizations),
        *(events, imports, exports, jobs, locks, activity, search, realtime),
    )
    for module in routers:
        app.include_router(module.router, prefix="/v1")
    for kind in records.KINDS:
        app.include_router(records.router(kind), prefix="/v1")
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]
    errors.install(app)
    app.add_middleware(Gate)
    return app
