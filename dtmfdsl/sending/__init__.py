"""Sending a script's chunks on a live call: in order, on time, each key at most once.

`plan`, `delivery` and `outcomes` are the core, without I/O; `carriers` know how to ask. The `journal`, the
`sender` and the `fleet` touch the world, helped by `clock` and `interrupts`. `testline` is a carrier to try
it all on, and `testserver` its HTTP half.
"""
