"""Where the local stack keeps its things: all under `.local/` of the checkout, so that removing it is a fresh start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nirman.local.errors import LocalError


@dataclass(frozen=True, slots=True)
class Places:
    checkout: Path
    """The repository's root, where template.yaml is."""
    home: Path
    """Everything the instance writes."""

    @property
    def state(self) -> Path:
        """What the emulator keeps over a stop."""
        return self.home / "state"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def scratch(self) -> Path:
        """Emptied at every start."""
        return self.home / "tmp"

    @property
    def sam(self) -> Path:
        """What `sam build` makes and caches."""
        return self.home / "sam"

    @property
    def lock(self) -> Path:
        return self.home / "lock"

    @property
    def instance(self) -> Path:
        """Process and port of the running instance, and the port of the last one."""
        return self.home / "instance.json"

    @property
    def deployed(self) -> Path:
        """What was deployed last, and its outputs."""
        return self.home / "deployed.json"

    @property
    def demo(self) -> Path:
        """People and project of the demo tenant."""
        return self.home / "demo.json"


def of_checkout(home: Path | None = None) -> Places:
    """The places of the checkout this package is in; LocalError when it was installed without one."""
    checkout = Path(__file__).resolve().parents[3]
    if not (checkout / "template.yaml").is_file():
        raise LocalError("this works in a checkout of the repository only: there is no template.yaml here to deploy")
    return Places(checkout, home or checkout / ".local")
