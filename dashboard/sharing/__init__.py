"""What people save and share. Imports `pages` and lower layers, never another group of pages."""
