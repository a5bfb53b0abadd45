$ dtmfdsl compile menu.dtmf --set pin=1234
=== menu.dtmf ===
secret pin: 4 digits
press $pin
