"""Have the view of ObsCore made, which comes after the migrations as all views do."""

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Change no table."""
