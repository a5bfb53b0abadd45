"""Maps of phone menus: what is known of the line at the other end, and what follows from it."""
