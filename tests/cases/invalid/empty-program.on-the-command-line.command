$ dtmfdsl compile menu.dtmf
=== menu.dtmf ===
// later
