"""Say where a header is not sure how long an exposure was."""


def tell_flag(value: object) -> tuple[str, ...]:
    """Return a remark about an EXPFLAG; none if it is NORMAL, or not said."""
    flag = str(value or "NORMAL").strip().upper()
    return () if flag == "NORMAL" else (f"EXPFLAG is {flag}.",)
