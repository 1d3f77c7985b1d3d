"""What all pages share: context bar, filter bar, formats, errors, sign-in. Imports `queries` and lower layers."""
