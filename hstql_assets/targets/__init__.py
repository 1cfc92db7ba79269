"""Find which exposures are of one target on the sky, and what it is called.

Read in this order: `slugs` (a name as part of a path), `names` (what of a name is not its target),
`sky_groups` (what lies at one place of the sky), `overrides` (what people decided), `resolving`
(the rules that put them together) and `reasons` (their sentences). These are plain Python and
numpy. `assignment` stores the decisions and moves what was made under an earlier name, `sesame`
asks for positions that no header has, `decisions` reads back what was decided.
"""

from hstql_assets.targets.slugs import make_slug

__all__ = ["make_slug"]
