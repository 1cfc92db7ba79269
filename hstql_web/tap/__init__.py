"""Answer astronomers' programs by the protocols of the Virtual Observatory.

What they may ask for is ObsCore and TAP_SCHEMA; both are put together in the transaction of the
person who asks, so that the access rule of all other pages holds here, too.
"""
