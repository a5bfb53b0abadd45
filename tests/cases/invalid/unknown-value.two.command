$ dtmfdsl compile menu.dtmf --set mneu=3 --set other=4
=== menu.dtmf ===
param menu: 1 digit = 2
press $menu
