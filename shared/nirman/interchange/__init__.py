"""Plans from and to files: bytes in, bytes out. A format's module is imported when it is first used."""

from nirman.interchange.formats import FORMATS, Format, read_plan, write_plan

__all__ = ["FORMATS", "Format", "read_plan", "write_plan"]
