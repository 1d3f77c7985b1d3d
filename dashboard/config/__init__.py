"""Process start-up: environment, logging and Celery. Imports nothing from the website; `settings` imports it."""
