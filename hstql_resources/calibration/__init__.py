"""Run the calibration pipelines on raw files, each in a scratch folder of its own.

Which files are to be calibrated, and where products go, is decided elsewhere; no asset is known
here. The order of use: `planning`, `crds_choice` where crds is to choose, `reference_files`,
`calibrating`.
"""
