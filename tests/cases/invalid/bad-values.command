$ dtmfdsl compile menu.dtmf --values values.toml
=== menu.dtmf ===
secret pin: 4 digits
press $pin
=== values.toml ===
pin: 1234
