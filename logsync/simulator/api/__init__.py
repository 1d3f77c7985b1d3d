"""The simulated HTTP API: endpoints, paging, errors and injected faults. Imports rows and traffic; no Django."""
