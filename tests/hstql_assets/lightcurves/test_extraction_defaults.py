"""The defaults of an extraction: said once, for the configuration of assets and for docs."""

from builders.places import PROJECT
from hstql_assets.lightcurves.assets import ExtractionConfig
from hstql_assets.lightcurves.settings import WAVELENGTH_LIMITS_ANGSTROM, ExtractionSettings
from hstql_assets.science.airglow import AIRGLOW_WINDOWS_ANGSTROM


def test_an_asset_without_configuration_extracts_by_the_usual_settings() -> None:
    assert ExtractionConfig().to_settings() == ExtractionSettings()


def test_the_configuration_names_the_wavelengths_of_airglow() -> None:
    about = ExtractionConfig.model_fields["exclude_airglow"].description
    assert about is not None
    assert about.startswith("Leave out 1208-1225 and 1298-1312 Angstrom, where the sky glows;")
    assert AIRGLOW_WINDOWS_ANGSTROM == ((1208.0, 1225.0), (1298.0, 1312.0))


def test_the_documentation_says_the_usual_settings() -> None:
    fuv, nuv = (WAVELENGTH_LIMITS_ANGSTROM[detector] for detector in ("FUV", "NUV"))
    bin_s = ExtractionSettings().bin_s
    assert fuv[0] == nuv[0]
    assert (
        f"A lightcurve has {bin_s:g} s bins from {fuv[0]:g} to {fuv[1]:g} Angstrom (COS FUV) or "
        f"{nuv[1]:g} (COS NUV)"
    ) in (PROJECT / "docs" / "graph.md").read_text()
    composites = (PROJECT / "docs" / "composites.md").read_text()
    assert f"({bin_s:g} s bins by default)" in composites
