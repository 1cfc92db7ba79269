"""The pages of the site, a module each: `ROUTER`, and `MENU` where it has an entry in the menu."""
