"""Makes the planted probes an installed distribution, so that the real command finds them by their entry point."""

from pathlib import Path

HERE = Path(__file__).parent


def install(folder: Path) -> str:
    """Writes the metadata of a distribution into `folder`; returns what PYTHONPATH must hold."""
    told = folder / "planted_probes-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: planted-probes\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[armslength.probes]\nplanted = planted_probes:ALL\n")
    return f"{HERE}:{folder}"
