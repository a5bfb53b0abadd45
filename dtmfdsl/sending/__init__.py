"""Sending a script's chunks on a live call: in order, on time, each key at most once.

`plan`, `delivery` and `outcomes` are the core, without I/O; `carriers` know how to ask; `journal`, `sender` and
`fleet` touch the world, with `clock` and `interrupts`; `testline` is a carrier to try it all on, served by
`testserver`.
"""
