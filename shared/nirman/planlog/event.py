from nirman.planning.events import Change, Event, EventType, Moved

__all__ = ["Change", "Event", "EventType", "Moved"]
