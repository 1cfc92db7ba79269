"""Raw COS exposures of the simulated archive, and the reference files that CalCOS needs for them.

Nothing calibrated is here: that is what CalCOS makes. The photons of the targets are those of the
rest of the simulation; what only raw data have is added: lamp flashes, stims, the whole of the
bad time, and pixels as they were read.
"""
